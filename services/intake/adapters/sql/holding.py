"""One at a time, by name, across processes: counting and chaining need it."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from intake.adapters.sql.tables import holds


def hold(tx: Connection, name: str) -> None:
    """Until the transaction ends nobody else holds *name*.

    SQLite's one writer holds everything anyway; PostgreSQL locks the row.
    """
    # A row of its own, not an advisory lock: it is released by the commit itself, and
    # the same statement works on both databases.
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(insert(holds).values(name=name).on_conflict_do_nothing())
    tx.execute(select(holds.c.name).where(holds.c.name == name).with_for_update())
