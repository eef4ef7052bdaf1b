"""When each archived copy was read last, and what was found.

Not for ever: a row says what the last reading found, and each reading replaces it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "scrubs",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.String, nullable=False),
        sa.Column("healed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_scrubs"),
        sa.ForeignKeyConstraint(["entry"], ["copies.entry"], name="fk_scrubs_entry"),
    )
    op.create_index("ix_scrubs_checked_at", "scrubs", ["checked_at"])
