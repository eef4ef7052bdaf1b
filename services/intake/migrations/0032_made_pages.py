"""Pages that were made at the desk of scanned ones. No file of before is one."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("made_of", sa.Text()))
