"""How each result went out. Of copies issued before nobody wrote it down: they wait for
their link to be handed over, as they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind, before in (
        ("handed", sa.Text(), "[]"),
        ("link_given", sa.Boolean(), sa.false()),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=before)
        op.add_column("certifications", column)
