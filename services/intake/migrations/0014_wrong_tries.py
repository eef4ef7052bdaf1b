"""Whether a try of a password was judged wrong, or cut off before that. What is there
already counts as before, and so does what an older desk beside this one writes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "attempts",
        sa.Column("wrong", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
