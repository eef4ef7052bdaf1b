"""Digests of the beginnings of archived copies, noted before their files are erased, so
that an altered one is told for ever (docs/decisions/0118). Nothing is erased before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "beginnings",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("entry", "length", name="pk_beginnings"),
        sa.ForeignKeyConstraint(
            ["entry"], ["copies.entry"], name="fk_beginnings_entry"
        ),
    )
