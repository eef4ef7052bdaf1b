"""Thumbnails of a file that is still being rebuilt; the page that it is to replace."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "files", sa.Column("coming", sa.Text(), nullable=False, server_default="[]")
    )
    op.add_column("files", sa.Column("replaces", sa.Text(), nullable=True))
