"""The seal journal, the entries that have a copy, and the outbox."""

import sqlalchemy as sa
from alembic import op

from chassis import outbox

revision = "0001"
down_revision = None


def upgrade() -> None:
    _entries()
    journal = _journal()
    outbox.table(sa.MetaData()).create(op.get_bind())
    _for_ever(journal.name)


def _text(
    name: str, length: int | None = None, *, null: bool = False
) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=null)


def _entries() -> None:
    op.create_table(
        "entries",
        _text("entry"),
        sa.Column("revision", sa.Integer, nullable=False),
        _text("copy_sha256", 64, null=True),
        sa.PrimaryKeyConstraint("entry", name="pk_entries"),
    )


def _journal() -> sa.Table:
    table = op.create_table(
        "seal_journal",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("kind", 16),
        _text("entry"),
        sa.Column("revision", sa.Integer, nullable=False),
        _text("attempt", 36),
        _text("copy_sha256", 64, null=True),
        sa.Column("facts", sa.Text, nullable=False),
        _text("prev", 64),
        _text("this", 64),
        sa.PrimaryKeyConstraint("position", name="pk_seal_journal"),
        sa.UniqueConstraint("prev", name="uq_seal_journal_prev"),
        sa.CheckConstraint(
            "kind IN ('intent', 'failure', 'outcome', 'issue', 'loss')",
            name="ck_seal_journal_kind",
        ),
    )
    op.create_index("ix_seal_journal_entry", "seal_journal", ["entry"])
    return table


def _for_ever(table: str) -> None:
    """Append-only: the database itself refuses UPDATE and DELETE."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are for ever'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_for_ever() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are for ever'; END $$"
    )
    for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{each.lower()} BEFORE {event} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_for_ever()"
        )
