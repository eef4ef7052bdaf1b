"""Which copies were issued in a month is asked of an index, not of every row.

The dashboard asks for one month of a table that grows for ever.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_certifications_issued_at", "certifications", ["issued_at", "document"]
    )
