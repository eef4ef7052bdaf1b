"""Statements that SQLAlchemy has compiled, for all databases of one test process.

An engine compiles a statement when it first meets it, for a millisecond or three, and
each test has an engine of its own on an empty database. Here all engines of one kind
have one dialect of SQLAlchemy's and one cache, as all threads of one service do.
"""

from functools import cache
from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[Any, Any] = LRUCache(5000)
"""More than all services have in both dialects; an engine's own cache takes 500."""


def share() -> None:
    """From now on, for each engine that is made in this process."""
    registry.register("sqlite", __name__, "SharedSqlite")
    registry.register("postgresql.psycopg", __name__, "SharedPostgres")


@cache
def _only(kind: type[Dialect], **options: Any) -> Dialect:
    return kind(**options)


class SharedSqlite(SQLiteDialect_pysqlite):
    """Never made: whoever asks for one is given the one dialect of its parent."""

    def __new__(cls, **options: Any) -> Dialect:
        return _only(SQLiteDialect_pysqlite, **options)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=COMPILED)


class SharedPostgres(PGDialect_psycopg):
    """Never made, either."""

    def __new__(cls, **options: Any) -> Dialect:
        return _only(PGDialect_psycopg, **options)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=COMPILED)
