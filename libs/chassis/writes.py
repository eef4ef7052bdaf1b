"""One write among those that ``chassis.database`` commits together."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

T = TypeVar("T")
Work = Callable[[Connection], T]
DEADLOCK: Final = "40P01"
"""PostgreSQL's name for the error (SQLSTATE)."""


@dataclass(slots=True)
class Write:
    """The work, and how its caller hears what came of it."""

    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = field(default=None)
    error: BaseException | None = field(default=None)

    def settle(self) -> None:
        """Tell the caller; one whose loop has ended is not there to be told."""
        # A service that cannot start ends its loop while writes are on their way. The
        # writer's traceback would then hide the reason at the end of the log.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.done.done():  # the caller was cancelled; the commit stands
            return
        if self.error is not None:
            self.done.set_exception(self.error)
            return
        self.done.set_result(self.result)


def lost_deadlock(error: OperationalError) -> bool:
    """Whether PostgreSQL has ended this transaction because it and another waited for
    each other; the other went on, and this one can be run again.
    """
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


def attempt(connection: Connection, write: Write) -> None:
    """Run one write under its savepoint; its failure is its own.

    In SQL, which both take: SQLAlchemy's nested transaction takes as long as the write.
    A connection lost here is an OperationalError, as in the write itself.
    """
    write.error = None
    # What this write has done is undone alone; those before it in the group stand.
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        write.result = write.work(connection)
    except OperationalError:
        raise
    except BaseException as error:  # noqa: BLE001 - handed to the caller
        write.error = error
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
    connection.exec_driver_sql("RELEASE SAVEPOINT one")
