"""Pages whose lower edge a certifier says to have had in view, and papers approved in
one act. What was given before counts as given, and is seen once it is looked at again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "looks", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name="fk_batches_by"),
    )
    op.create_index("ix_batches_ended_at", "batches", ["ended_at"])
