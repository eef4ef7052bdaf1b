"""How a result went out is a matter of the paper, since an original also goes back
where no copy was made. What was put down before stands there from now on. The column of
before stays: while an upgrade rolls, an earlier intake writes and reads it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("handed", sa.Text(), nullable=False, server_default="[]")
    op.add_column("documents", column)
    documents = sa.table("documents", sa.column("id"), sa.column("handed"))
    certified = sa.table("certifications", sa.column("document"), sa.column("handed"))
    lines = (
        sa.select(certified.c.handed)
        .where(certified.c.document == documents.c.id)
        .scalar_subquery()
    )
    known = sa.select(certified.c.document).where(certified.c.handed != "[]")
    moved = sa.update(documents).where(documents.c.id.in_(known)).values(handed=lines)
    op.execute(moved)
