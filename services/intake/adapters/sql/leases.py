"""Who rebuilds which file: a lease in its row, renewed while the work goes on.

Start at ``SqlLeases.hold``; docs/decisions/0066 says why a lease and no lock.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, CursorResult, or_, select, update

from chassis.clock import Clock
from chassis.database import Database
from intake.adapters.sql import rows
from intake.adapters.sql.tables import files
from intake.domain.files import StoredFile

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=20)
"""How long a file waits after the process that had it in hand has died."""
RENEWAL_SECONDS: Final = 5.0
"""Three renewals in a row may fail before the lease ends under a process that lives."""


class SqlLeases:
    """``ports.Leases``."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        renewal_seconds: float = RENEWAL_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._renewal_seconds = renewal_seconds

    @contextlib.asynccontextmanager
    async def hold(self, file: str) -> AsyncIterator[bool]:
        now = self._clock()
        # One UPDATE with the condition in it: of two that ask at once, one changes a
        # row. A crash while the lease lasts leaves its time in the row; it ends by
        # itself.
        taken = await self._database.write(lambda tx: _take(tx, file, now))
        if not taken:
            yield False
            return
        renewing = asyncio.create_task(self._go_on(file))
        try:
            yield True
        except BaseException as error:
            # Before letting go: a renewal on its way would take the file again.
            renewing.cancel()
            log.warning("file_not_settled", file=file, error=repr(error))
            await self._let_go(file)
            raise
        finally:
            renewing.cancel()

    async def free(self) -> tuple[StoredFile, ...]:
        now = self._clock()
        return await self._database.read(lambda tx: _free(tx, now))

    async def note_coming(self, file: str, thumbs: tuple[str, ...]) -> None:
        await self._database.write(lambda tx: _note_coming(tx, file, thumbs))

    async def renew(self, file: str) -> None:
        until = self._clock() + LEASE
        await self._database.write(lambda tx: _set(tx, file, until))

    async def _go_on(self, file: str) -> None:
        while True:
            await asyncio.sleep(self._renewal_seconds)
            with contextlib.suppress(Exception):  # the work matters, not the lease
                await self.renew(file)

    async def _let_go(self, file: str) -> None:
        """A lease that cannot be given back ends by itself."""
        with contextlib.suppress(Exception):
            await self._database.write(lambda tx: _set(tx, file, None))


def _take(tx: Connection, file: str, now: datetime) -> bool:
    taken: CursorResult[tuple[()]] = tx.execute(
        update(files)
        .where(files.c.id == file, _is_free(now))
        .values(in_hand_until=now + LEASE)
    )
    return taken.rowcount == 1


def _free(tx: Connection, now: datetime) -> tuple[StoredFile, ...]:
    found = tx.execute(select(files).where(_is_free(now)).order_by(files.c.uploaded_at))
    return tuple(rows.file_of(row) for row in found)


def _set(tx: Connection, file: str, until: datetime | None) -> None:
    tx.execute(
        update(files)
        .where(files.c.id == file, files.c.state == "busy")
        .values(in_hand_until=until)
    )


def _note_coming(tx: Connection, file: str, thumbs: tuple[str, ...]) -> None:
    tx.execute(
        update(files)
        .where(files.c.id == file, files.c.state == "busy")
        .values(coming=thumbs)
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    until = files.c.in_hand_until
    # Later than a lease can be: it was given by a clock that has been set back since.
    free = or_(until.is_(None), until <= now, until > now + LEASE)
    return (files.c.state == "busy") & free
