"""Questions before links, and wrong answers to them. No link has one so far."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = ("entry", "generation")


def upgrade() -> None:
    op.create_table(
        "link_factors",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("answer_hmac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_link_factors"),
    )
    op.create_table(
        "link_tries",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint(*KEY, name="pk_link_tries"),
    )
