"""When each object under ``set-aside/`` was first seen there (docs/decisions/0118).

Those that lie there already are seen by the first purge.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "set_aside",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("key", name="pk_set_aside"),
    )
