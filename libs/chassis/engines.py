"""SQLAlchemy engines as the services need them, and the schema brought up to date.

What runs on an engine, and when it commits, is ``chassis.database``'s business.
"""

import functools
from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_SECONDS: Final = 30
"""How long SQLite waits for another process's lock: a migration, or a person's look
into the file."""
READERS: Final = 4
"""Threads that read one database at once; PostgreSQL's pool has room for them, for the
writer and for two that hold a lock."""
MIGRATION_LOCK: Final = 4703001
"""The advisory lock under which one replica migrates while the others wait."""


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


def migrate(url: str, migrations: Path) -> None:
    """Bring the schema to the newest revision found in ``migrations/``.

    Raises what the database says; safe to repeat, and safe to run side by side on
    PostgreSQL (an advisory lock holds the others).
    """
    script = ScriptDirectory(str(migrations), version_locations=[str(migrations)])
    engine = create(url)
    # Alembic's own env.py does no more than this; the one private call is its own.
    upgrade = functools.partial(script._upgrade_revs, "head")  # noqa: SLF001

    def revisions(current: Any, _context: object) -> Any:
        return upgrade(current)

    with (
        EnvironmentContext(Config(), script, fn=revisions) as environment,
        engine.begin() as connection,
    ):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
            )
        environment.configure(connection=connection)
        environment.run_migrations()
    engine.dispose()
