"""What became of a number that stood still: renewed, asked for again, or void.

Orders on their way from before this revision are asked for again like those of today,
reckoned from the last act of a person. Of copies issued before it no digest is known;
storage tells it when it announces such a copy again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("copy_sha256", sa.String()),
        sa.Column("sealed_sha256", sa.String()),
        sa.Column("other_sha256", sa.String()),
        sa.Column("renewals", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("announced_at", sa.DateTime(timezone=True)),
        sa.Column("announcements", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("announce_at", sa.DateTime(timezone=True)),
        sa.Column("voiding", sa.Text()),
    ):
        op.add_column("certifications", column)
    op.create_index("ix_certifications_announce_at", "certifications", ["announce_at"])
    op.add_column(
        "register_notes",
        sa.Column("kind", sa.String(), nullable=False, server_default=""),
    )
    # Neither due nor announced by us: the first turn of the loop asks for what has
    # stood still since, except where a person has to act first.
    op.execute(
        "UPDATE certifications SET announce_at = (SELECT changed_at FROM documents"
        " WHERE documents.id = certifications.document)"
        " WHERE document IN (SELECT id FROM documents"
        " WHERE state IN ('registered', 'signed'))"
    )
