"""How a due hour was put off, and what the requester agreed to in writing."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("extensions", "agreements"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="[]")
        op.add_column("cases", column)
