"""What is read of the pages, and what a clerk takes over from it: a paper's number,
date and holder. Papers of before have none of the three, and their pages are read while
they are open.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("original_number", "holder"):
        op.add_column(
            "documents",
            sa.Column(name, sa.String(), nullable=False, server_default=""),
        )
    op.add_column("documents", sa.Column("issued_on", sa.Date()))
    op.create_table(
        "page_texts",
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("sure", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("file", "page", name="pk_page_texts"),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name="fk_page_texts_file"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_page_texts_document"
        ),
    )
    op.create_index("ix_page_texts_document", "page_texts", ["document"])
    op.create_index("ix_page_texts_state", "page_texts", ["state"])
