"""What citizens say of the office: which links were used to say it, and apart from them
what was said. Nobody has said anything so far.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # Without row numbers: in the order of their random keys the rows of one table say
    # nothing of those of the other.
    op.create_table(
        "rated",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_rated"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ratings_day", "ratings", ["day"])
