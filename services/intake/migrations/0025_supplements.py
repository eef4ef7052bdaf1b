"""What the requester of a case was asked to bring, and when everything was there."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cases",
        sa.Column("supplements", sa.Text(), nullable=False, server_default="[]"),
    )
