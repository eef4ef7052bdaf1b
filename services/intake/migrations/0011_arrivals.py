"""Files from hot folders, and what was last seen of each folder. There are none
before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    texts = ("agency", "folder", "sender", "name", "state", "checked")
    later = ("fault", "detail", "document", "file", "by", "by_name", "reason")
    op.create_table(
        "arrivals",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        *(sa.Column(name, sa.String(), nullable=False) for name in later),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", moment, nullable=False),
        sa.Column("touched_at", moment, nullable=False),
        sa.Column("at", moment),
        sa.Column("raw", sa.Text()),
        sa.Column("part", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.UniqueConstraint("origin", name="uq_arrivals_origin"),
    )
    op.create_index("ix_arrivals_agency_state", "arrivals", ["agency", "state"])
    op.create_index("ix_arrivals_checked", "arrivals", ["checked"])
    op.create_index("ix_arrivals_touched_at", "arrivals", ["touched_at"])
    op.create_table(
        "hot_folders",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("looked_at", moment, nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("since", moment),
        sa.Column("arriving", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hot_folders"),
    )
