"""Links that the office renews and closes, and how often each was used.

Of links that were used before nobody counted: their counts begin now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
KEY = ("entry", "generation")


def upgrade() -> None:
    op.create_table(
        "link_revocations",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_link_revocations"),
    )
    _guard("link_revocations")
    op.create_table(
        "link_uses",
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("opened_first_at", MOMENT),
        sa.Column("opened_last_at", MOMENT),
        sa.Column("fetched", sa.Integer, nullable=False),
        sa.Column("fetched_first_at", MOMENT),
        sa.Column("fetched_last_at", MOMENT),
        sa.Column("report_at", MOMENT),
        sa.PrimaryKeyConstraint(*KEY, name="pk_link_uses"),
        sa.ForeignKeyConstraint(["entry"], ["copies.entry"], name="fk_link_uses_entry"),
    )
    op.create_index("ix_link_uses_report_at", "link_uses", ["report_at"])
    op.create_index("uq_links_entry", "links", list(KEY), unique=True)


def _guard(table: str) -> None:
    """Refuse UPDATE and DELETE."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("DELETE", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are for ever'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_for_ever() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are for ever'; END $$"
    )
    for verb, each in (("DELETE", "ROW"), ("UPDATE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_for_ever()"
        )
