"""One database per service: SQLite on one machine, PostgreSQL in a province.

Work is a short synchronous function of a connection that runs on a thread: plain
SQLAlchemy Core, no greenlets. All writes that wait are committed together (group
commit): one durable flush serves many. Start at ``Database.write``.
"""

import asyncio
import queue
import threading
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)

from chassis.engines import READERS, create
from chassis.locks import SessionLocks
from chassis.soundness import Soundness
from chassis.writes import T, Work, Write, attempt, lost_deadlock
from ecopy.refusals import Hindrance, Trouble

log = structlog.get_logger()

GROUP_LIMIT: Final = 64
"""Writes per commit: more only makes the first one wait."""
DEADLOCKS: Final = 5
"""How often a write that lost a deadlock is run again before its caller hears of it."""
SNAPSHOT: Final[Mapping[str, Any]] = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
"""How PostgreSQL begins a read; the pool takes both back with the connection."""
TOPICS: Final = "ecopy-topics"
"""Where a connection remembers whom its commit concerns."""


def note_commit(tx: Connection, topic: str) -> None:
    """Have the listeners of *topic* called once the transaction of *tx* is on disk.

    They may be called for nothing: if *tx* is undone, and another write of its group
    commits.
    """
    tx.info.setdefault(TOPICS, set()).add(topic)


@asynccontextmanager
async def open_database(url: str) -> "AsyncIterator[Database]":
    """The database under *url*, closed at the end: what waits is written first."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


class Database:
    """Reads run side by side; writes pass through one writer thread.

    MUST: ``write`` returns only after a durable commit, and what one write raises
    undoes that write alone. MUST NOT: do I/O other than SQL inside the work, which may
    be run again if its group could not commit.

    Raises Trouble(DATABASE) wherever the database does not answer, or answers that its
    file is spoilt. An error of the statement itself (a double key, a trigger's "no") is
    a fault of ours, or a race that the caller expects, and comes as it is.
    """

    def __init__(self, url: str, *, soundness: Soundness | None = None) -> None:
        self.engine = create(url)
        self._writes: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._listeners: list[tuple[str, Callable[[], None]]] = []
        self._locks = SessionLocks(self.engine)
        self._soundness = soundness or Soundness()
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    async def read(self, work: Work[T]) -> T:
        """Run *work* on a snapshot; nothing it writes is kept.

        All its statements see one moment of the database. PostgreSQL refuses a write.
        """
        loop = asyncio.get_running_loop()
        with _silence_as_trouble():
            return await loop.run_in_executor(self._readers, self._snapshot, work)

    async def write(self, work: Work[T]) -> T:
        """Run *work* in a transaction; return its value once that is on disk."""
        loop = asyncio.get_running_loop()
        write = Write(work, loop, loop.create_future())
        self._writes.put(write)
        with _silence_as_trouble():
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
        except (Trouble, SQLAlchemyError, ValueError) as error:
            log.error("database_not_readable", error=type(error).__name__)  # noqa: TRY400 - its text may hold a row
            return False
        if not sound:
            log.error("database_not_whole")
        return sound

    def on_commit(self, topic: str, listener: Callable[[], None]) -> None:
        """Call *listener*, on the writer's thread, after each commit with a write that
        said ``note_commit(tx, topic)``.
        """
        self._listeners.append((topic, listener))

    async def holds(self, lock: str) -> bool:
        """Take or keep a lock that one replica of this service holds at a time.

        It ends with this process's connection. SQLite has one process: always.
        """
        if self.engine.dialect.name == "sqlite":
            return True
        with _silence_as_trouble():
            return await asyncio.to_thread(self._locks.take, lock)

    async def close(self) -> None:
        """Finish the writes that wait, then let go of every connection."""
        # The lock goes first: another replica may take over while the last writes are
        # made.
        self._locks.close()
        # Behind whatever waits: the writer ends when it comes to it.
        self._writes.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self.engine.dispose()

    def _snapshot(self, work: Work[T]) -> T:
        with self.engine.connect() as connection:
            # One snapshot for the whole work; without it each statement would see its
            # own, on PostgreSQL as on SQLite.
            if connection.dialect.name != "sqlite":
                connection.execution_options(**SNAPSHOT)
            try:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN")
                return work(connection)
            finally:
                # Nothing that a read has written by mistake may reach the disk.
                connection.rollback()

    def _run(self) -> None:
        while (first := self._writes.get()) is not None:
            group, last = self._gather(first)
            self._commit(group)
            if last:
                return

    def _gather(self, first: Write) -> tuple[list[Write], bool]:
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

    def _commit(self, group: Sequence[Write], again: int = DEADLOCKS) -> None:
        topics: frozenset[str] = frozenset()
        try:
            topics = self._transaction(group)
        except OperationalError as error:
            if len(group) > 1:  # a deadlock or a lost connection: each on its own
                for write in group:
                    self._commit([write])
                return
            if again and lost_deadlock(error):
                self._commit(group, again - 1)
                return
            group[0].error = error
        except BaseException as error:  # noqa: BLE001 - the writer must not die
            for write in group:
                write.error = error
        # The commit is on disk. A crash here leaves the listeners unheard and the
        # callers without an answer: the outbox is swept anyway, and each caller's work
        # bears to be repeated.
        for topic, listener in self._listeners:
            if topic in topics:
                listener()
        for write in group:
            write.settle()

    def _transaction(self, group: Sequence[Write]) -> frozenset[str]:
        """One commit for the group; the topics that its writes have noted."""
        with self.engine.connect() as connection:
            connection.info.pop(TOPICS, None)
            with connection.begin():
                if connection.dialect.name == "sqlite":
                    # The lock is taken at once: a plain BEGIN would take it at the
                    # first write, and could then be refused (SQLITE_BUSY) however long
                    # one waits.
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                if len(group) == 1:
                    group[0].error = None  # of a group that could not commit
                    group[0].result = group[0].work(connection)
                else:
                    for write in group:
                        attempt(connection, write)
            return frozenset(connection.info.pop(TOPICS, ()))


@contextmanager
def _silence_as_trouble() -> Iterator[None]:
    """Here and nowhere else: callers know Trouble, not a driver's exceptions."""
    try:
        yield
    except DBAPIError as error:
        # SQLite says "malformed" with the parent class itself; the other children of
        # it (double keys, wrong statements) are answers.
        spoilt = type(error) is DatabaseError
        if not spoilt and not isinstance(error, OperationalError | InterfaceError):
            raise
        first, *_ = str(error.orig).splitlines() or [""]  # a DETAIL may hold a row
        raise Trouble(Hindrance.DATABASE, first) from error
