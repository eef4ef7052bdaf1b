"""Until when a file is in the hand of the process that checks it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("in_hand_until", sa.DateTime(timezone=True)))
