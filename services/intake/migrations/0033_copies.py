"""How many copies of a paper are asked for. Of each paper so far it was one."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("copies", sa.Integer(), nullable=False, server_default="1")
    op.add_column("documents", column)
