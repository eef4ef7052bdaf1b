"""What was typed of a case and is corrected since."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cases",
        sa.Column("corrections", sa.Text(), nullable=False, server_default="[]"),
    )
