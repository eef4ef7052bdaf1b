"""Tries are looked up by address; old tries and ended sessions are swept by time; and a
paper names the hands that its scan went through.

Of papers from before nobody is named: who brought them stands in the audit alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_attempts_account_address", "attempts")
    op.create_index("ix_attempts_address_at", "attempts", ["address", "at"])
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])
    op.add_column(
        "documents",
        sa.Column("brought_by", sa.JSON(), nullable=False, server_default="[]"),
    )
