"""Programs of others, and the answers to their requests. There were none before."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "programs",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=False, server_default=""),
        sa.Column("revoked_at", moment),
        sa.Column("used_at", moment),
        sa.PrimaryKeyConstraint("prefix", name="pk_programs"),
    )
    op.create_index("ix_programs_agency", "programs", ["agency"])
    op.create_table(
        "answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_index("ix_answers_at", "answers", ["at"])
    op.create_index("ix_audit_agency_seq", "audit", ["agency", "seq"])
