"""The public figures of each agency and month, as the desk has reported them last.
There are none until it reports: within a minute of its start, and then each day.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON),
        sa.PrimaryKeyConstraint("agency", "year", "month", name="pk_figures"),
    )
