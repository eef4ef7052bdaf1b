"""Filters of the board that a person has given a name; nobody has any so far."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("board_views", sa.JSON, nullable=False, server_default="[]"),
    )
