"""SQLAlchemy engines as the services need them.

What runs on an engine, and when it commits, is ``chassis.database``'s business; the
schema is ``chassis.migration``'s.
"""

from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_SECONDS: Final = 30
"""How long SQLite waits for another process's lock: a migration, or a person's look
into the file."""
READERS: Final = 4
"""Threads that read one database at once; PostgreSQL's pool has room for them, for the
writer and for two that hold a lock."""


def create(url: str) -> Engine:
    """An engine whose commits are durable and whose foreign keys hold."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(url, pool_size=READERS + 3, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's sqlite3 would begin transactions by itself, and late: a reader that then
    # writes cannot be given the lock. BEGIN IMMEDIATE is ours to say.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL lost 300 of 300 commits in a power cut
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")
