"""Copies that are never archived, and numbers that have ended without one
(docs/decisions/0084). Both for ever: triggers refuse every change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "rejections",
        _text("entry"),
        _text("sha256", 64),
        _text("reason"),
        _moment("at"),
        sa.PrimaryKeyConstraint("entry", "sha256", name="pk_rejections"),
    )
    op.create_table(
        "closures",
        _text("entry"),
        sa.Column("revision", sa.Integer, nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("entry", name="pk_closures"),
    )
    for table in ("rejections", "closures"):
        _guard(table)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _guard(table: str) -> None:
    """Refuse DELETE and UPDATE."""
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
