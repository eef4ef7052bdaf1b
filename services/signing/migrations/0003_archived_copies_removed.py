"""When a sealed copy was removed from signing's bucket, because the archive has it.

NULL: it is there still, or never was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("copy_removed_at", sa.DateTime(timezone=True)))
