"""One moment of the three databases, while the house works on.

Nobody may number anything between the first look and the last: a register that is
older than the archive would give a number twice. The rest may go on, if the looks are
taken in the right order. Start at ``open_moment``.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, text

from chassis.engines import create

ORDER: Final = ("intake", "storage", "signing")
"""While no number is given, what each of them knows is a part of what the next one
knows: whatever intake has heard of as issued, storage has archived, and whatever
storage has archived, signing has sealed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database as it stood at the moment, whatever is written into it meanwhile."""

    connection: Connection
    exported: str = ""
    """The name under which PostgreSQL's own tools see the same moment."""


@contextmanager
def open_moment(urls: Mapping[str, str]) -> Iterator[dict[str, Snapshot]]:
    """Service → its snapshot; *urls* as the services have them.

    The register takes no line while the three are opened, some milliseconds; an
    approval that comes then waits for so long and is not in the backup.
    """
    with ExitStack() as stack:
        engines = {name: _engine(stack, urls[name]) for name in ORDER}
        with _still_register(engines["intake"]):
            moment = {
                name: stack.enter_context(_snapshot(engines[name])) for name in ORDER
            }
        yield moment


def _engine(stack: ExitStack, url: str) -> Engine:
    engine = create(url)
    stack.callback(engine.dispose)
    return engine


@contextmanager
def _still_register(engine: Engine) -> Iterator[None]:
    """Keep every other transaction from numbering, and wait for those that are."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # SQLite has one writer: all of intake's writes wait, not only numbering.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("LOCK TABLE register IN EXCLUSIVE MODE"))
        try:
            yield
        finally:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("ROLLBACK")
            connection.rollback()


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Snapshot]:
    with contextlib.closing(engine.connect()) as opened:
        if engine.dialect.name == "sqlite":
            opened.exec_driver_sql("BEGIN")
            # SQLite takes its snapshot at the first read, not at BEGIN.
            opened.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
            yield Snapshot(opened)
            return
        connection = opened.execution_options(isolation_level="REPEATABLE READ")
        exported = connection.scalar(text("SELECT pg_export_snapshot()"))
        yield Snapshot(connection, str(exported))
