"""One database per service: SQLite on one machine, PostgreSQL in a province.

Work is a short synchronous function of a connection that runs on a thread: plain
SQLAlchemy Core, no greenlets. All writes that wait are committed together (group
commit): one durable flush serves many.
"""

import asyncio
import functools
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from chassis.soundness import Soundness

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Connection], T]

BUSY_TIMEOUT_SECONDS: Final = 30
READERS: Final = 4
GROUP_LIMIT: Final = 64
"""Writes per commit: more only makes the first one wait."""


@dataclass(slots=True)
class _Write:
    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = field(default=None)
    error: BaseException | None = field(default=None)

    def settle(self) -> None:
        self.loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.done.done():  # the caller was cancelled; the commit stands
            return
        if self.error is not None:
            self.done.set_exception(self.error)
            return
        self.done.set_result(self.result)


class Database:
    """Reads run side by side; writes pass through one writer thread.

    MUST: ``write`` returns only after a durable commit, and what one write raises
    undoes that write alone. MUST NOT: do I/O other than SQL inside the work, which may
    be run again if its group could not commit.
    """

    def __init__(self, url: str) -> None:
        self.engine = create(url)
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._locks: dict[str, Connection] = {}
        self._soundness = Soundness()
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    async def read(self, work: Work[T]) -> T:
        """Run *work* on a snapshot; nothing it writes is kept."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._snapshot, work)

    async def write(self, work: Work[T]) -> T:
        """Run *work* in a transaction; return its value once that is on disk."""
        loop = asyncio.get_running_loop()
        write = _Write(work, loop, loop.create_future())
        self._writes.put(write)
        result: T = await write.done
        return result

    async def answers(self, tables: Iterable[Table]) -> bool:
        """Whether a row of each of *tables* can be read, and the file was whole when it
        was last looked through. ``SELECT 1`` touches no page: a new, empty file answers
        it, and one that is spoilt.
        """

        def look(tx: Connection) -> bool:
            for table in tables:
                tx.execute(select(table).limit(1)).all()
            return self._soundness.look(tx)

        try:
            sound = await self.read(look)
        except (SQLAlchemyError, ValueError) as error:
            log.error("database_not_readable", error=type(error).__name__)  # noqa: TRY400 - its text may hold a row
            return False
        if not sound:
            log.error("database_not_whole")
        return sound

    def on_outbox(self, listener: Callable[[], None]) -> None:
        """Call *listener* (on the writer's thread) after a commit that added events."""
        self._listeners.append(listener)

    async def holds(self, lock: str) -> bool:
        """Take or keep a lock that one replica of this service holds at a time.

        It ends with this process's connection. SQLite has one process: always.
        """
        if self.engine.dialect.name == "sqlite":
            return True
        return await asyncio.to_thread(self._hold, lock)

    def _hold(self, lock: str) -> bool:
        try:
            if lock in self._locks:
                self._locks[lock].execute(text("SELECT 1"))
                return True
            connection = self.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        except OperationalError:
            self._locks.pop(lock, None)
            raise
        if connection.scalar(
            text("SELECT pg_try_advisory_lock(hashtext(current_schema() || :lock))"),
            {"lock": lock},
        ):
            self._locks[lock] = connection
            return True
        connection.close()
        return False

    async def close(self) -> None:
        """Finish the writes that wait, then let go of every connection."""
        for connection in self._locks.values():
            connection.invalidate()
            connection.close()
        self._locks.clear()
        self._writes.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self.engine.dispose()

    def _snapshot(self, work: Work[T]) -> T:
        with self.engine.connect() as connection:
            try:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN")
                return work(connection)
            finally:
                connection.rollback()

    def _run(self) -> None:
        while (first := self._writes.get()) is not None:
            group, last = self._gather(first)
            self._commit(group)
            if last:
                return

    def _gather(self, first: _Write) -> tuple[list[_Write], bool]:
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                write = self._writes.get_nowait()
            except queue.Empty:
                return group, False
            if write is None:
                return group, True
            group.append(write)
        return group, False

    def _commit(self, group: Sequence[_Write]) -> None:
        try:
            announced = self._transaction(group)
        except OperationalError as error:
            if len(group) == 1:
                group[0].error = error
                announced = False
            else:  # a deadlock or a lost connection: each on its own
                for write in group:
                    self._commit([write])
                return
        except BaseException as error:  # noqa: BLE001 - the writer must not die
            for write in group:
                write.error = error
            announced = False
        if announced:
            for listener in self._listeners:
                listener()
        for write in group:
            write.settle()

    def _transaction(self, group: Sequence[_Write]) -> bool:
        """One commit for the group; tell whether an event was added."""
        with self.engine.connect() as connection:
            connection.info.pop(OUTBOX_MARK, None)
            with connection.begin():
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                if len(group) == 1:
                    group[0].error = None  # of a group that could not commit
                    group[0].result = group[0].work(connection)
                else:
                    for write in group:
                        _attempt(connection, write)
            return bool(connection.info.pop(OUTBOX_MARK, False))


OUTBOX_MARK: Final = "ecopy-outbox"


def _attempt(connection: Connection, write: _Write) -> None:
    """Run one write under its savepoint; its failure is its own.

    In SQL, which both take: SQLAlchemy's nested transaction takes as long as the write.
    A connection lost here is an OperationalError, as in the write itself.
    """
    write.error = None
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        write.result = write.work(connection)
    except OperationalError:
        raise
    except BaseException as error:  # noqa: BLE001 - handed to the caller
        write.error = error
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
    connection.exec_driver_sql("RELEASE SAVEPOINT one")


def create(url: str) -> Engine:
    """An engine with the promises of spec 2.4: durable commits, foreign keys."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(url, pool_size=READERS + 2, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN IMMEDIATE is ours to say
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
            connection.execute(text("SELECT pg_advisory_xact_lock(4703001)"))
        environment.configure(connection=connection)
        environment.run_migrations()
    engine.dispose()
