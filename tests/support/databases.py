"""A database with its tables in it, without their history.

On SQLite it is a copy of a file that was migrated in this test process, on PostgreSQL a
copy of a database there: migrations are proved by the contract tests.
"""

import tempfile
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from psycopg.errors import DuplicateDatabase
from sqlalchemy import make_url

from chassis.migration import migrate
from support.servers import create_database


def make_ready(url: str, migrations: Path) -> None:
    """A new database with its tables; one that is there already gets them."""
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        _copy(url, migrations)
        return
    file = Path(where.database or "")
    if not file.exists():
        file.write_bytes(migrated_file(migrations))
        return
    migrate(url, migrations)


_FILES: dict[str, bytes] = {}
_ON_SERVERS: set[str] = set()


async def copy_filled(
    url: str, name: str, fill: Callable[[str], Awaitable[None]]
) -> None:
    """A new database like the one of that *name*, which *fill* makes under an address
    that it is given, once in each test process.
    """
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        first = f"postgresql+psycopg://ecopy@/{name}?host={where.query['host']}"
        if first not in _ON_SERVERS:
            await fill(first)
            _ON_SERVERS.add(first)
        create_database(url, template=name)
        return
    if name not in _FILES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "new.db"
            await fill(f"sqlite:///{file}")
            _FILES[name] = file.read_bytes()
    Path(where.database or "").write_bytes(_FILES[name])


def make_empty(url: str) -> None:
    """A database without tables. SQLite makes its file by itself."""
    if url.startswith("postgresql"):
        create_database(url)


def _copy(url: str, migrations: Path) -> None:
    host = str(make_url(url).query["host"])
    try:
        create_database(url, template=_migrated_database(host, migrations))
    except DuplicateDatabase:
        migrate(url, migrations)


@cache
def _migrated_database(host: str, migrations: Path) -> str:
    """The name of a database on that server that nobody is connected to."""
    name = f"migrated-{migrations.parent.name}"
    url = f"postgresql+psycopg://ecopy@/{name}?host={host}"
    try:
        create_database(url)
    except DuplicateDatabase:  # another process of this run has made it
        return name
    migrate(url, migrations)
    return name


@cache
def migrated_file(migrations: Path) -> bytes:
    """A database on SQLite with nothing but its tables in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        migrate(f"sqlite:///{file}", migrations)
        return file.read_bytes()
