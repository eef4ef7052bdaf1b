"""Pages that were compared, pictures that were shown, places in the clerk's order, and
forms that acted.

A comparison made before this revision names no pages, so it is asked for again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "documents",
        sa.Column("compared_pages", sa.JSON(), nullable=False, server_default="[]"),
    )
    op.add_column(
        "documents",
        sa.Column("places", sa.Integer(), nullable=False, server_default="0"),
    )
    op.execute(
        "UPDATE documents SET compared_by = NULL, compared_by_name = NULL,"
        " compared_at = NULL WHERE state IN ('received', 'returned')"
    )
    op.create_table(
        "looks",
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user", "document", "page", name="pk_looks"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_looks_user"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_looks_document"
        ),
    )
    op.create_index("ix_looks_at", "looks", ["at"])
    op.create_table(
        "form_uses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_form_uses"),
    )
    op.create_index("ix_form_uses_at", "form_uses", ["at"])
