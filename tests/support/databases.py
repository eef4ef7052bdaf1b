"""A database with its tables in it, without their history.

On SQLite it is a copy of a file that was migrated in this test process, on PostgreSQL a
copy of a database there: migrations are proved by the contract tests.
"""

import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.errors import DuplicateDatabase
from sqlalchemy import URL, make_url

from chassis.migration import migrate


def make_ready(url: str, migrations: Path) -> None:
    """A new database with its tables; one that is there already gets them."""
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        _copy(where, migrations)
        return
    file = Path(where.database or "")
    if not file.exists():
        file.write_bytes(_migrated_file(migrations))
        return
    migrate(url, migrations)


def make_empty(url: str) -> None:
    """A database without tables. SQLite makes its file by itself."""
    where = make_url(url)
    if where.get_backend_name() == "postgresql":
        _create(where, template="template1")


def _copy(where: URL, migrations: Path) -> None:
    try:
        _create(where, template=_migrated_database(where.set(database=""), migrations))
    except DuplicateDatabase:
        migrate(where.render_as_string(), migrations)


def _create(where: URL, *, template: str) -> None:
    """By a connection, not by ``createdb``: a process costs more than the database."""
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(where.database or ""), sql.Identifier(template)
    )
    address = {"host": str(where.query["host"]), "user": where.username}
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        server.execute(command)


@cache
def _migrated_database(server: URL, migrations: Path) -> str:
    """The name of a database on *server* that nobody is connected to."""
    name = f"migrated-{migrations.parent.name}"
    where = server.set(database=name)
    _create(where, template="template1")
    migrate(where.render_as_string(), migrations)
    return name


@cache
def _migrated_file(migrations: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        migrate(f"sqlite:///{file}", migrations)
        return file.read_bytes()
