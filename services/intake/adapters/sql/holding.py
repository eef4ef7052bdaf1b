"""One at a time, by name, across processes: counting and chaining need it."""

from typing import Final

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql

from intake.adapters.sql.tables import holds

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_MAKE: Final = postgresql.insert(holds).on_conflict_do_nothing()
_HOLD: Final = (
    select(holds.c.name).where(holds.c.name == bindparam("held")).with_for_update()
)


def hold(tx: Connection, name: str) -> None:
    """Until the transaction ends nobody else holds *name*.

    SQLite's one writer holds everything anyway (BEGIN IMMEDIATE); PostgreSQL locks the
    row.
    """
    if tx.dialect.name == "sqlite":
        return
    # A row of its own, not an advisory lock: it has a name that a person can read, and
    # is released by the commit itself.
    tx.execute(_MAKE, {"name": name})
    tx.execute(_HOLD, {"held": name})
