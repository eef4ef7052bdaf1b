"""What people did with links, and what storage says of them: nothing so far.

Of links that were given before, the day on which they end is not known here; storage
says so with its next report.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("link_acts", "link_reports"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="[]")
        op.add_column("certifications", column)
