"""What administrators change of accounts. Whoever has one goes on as before: their
password is their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column(
            "must_change", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("changed_by", sa.String(), nullable=False, server_default=""),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("signed_in_at", MOMENT, nullable=True),
    ):
        op.add_column("users", column)
