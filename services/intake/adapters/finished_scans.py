"""Scans of cases that ended long ago, removed from the bucket.

Each step is safe to repeat, and a death between two of them leaves the rest to the next
turn; what may come in between is in docs/decisions/0102. Start at
``FinishedScans.remove``.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Objects
from chassis.retention import Amount
from ecopy.refusals import Trouble
from intake.adapters.sql import finished, scan_objects
from intake.adapters.sql.tables import scan_objects as table

log = structlog.get_logger()

REST: Final = timedelta(days=1)
"""How long an object lies there after nobody uses it any more. Correct without it: it
is for the clerk whose upload would be refused and sent again, and for a clock that ran
ahead and is set right within the day."""
ADOPTED: Final = 1000


class FinishedScans:
    """``retention.Holding`` over the bucket of scans: raw files, parts, originals and
    pictures.
    """

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        *,
        rest: timedelta = REST,
    ) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._rest = rest

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: _amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        now = self._clock()
        await self._set_right(now)
        due = await self._database.read(lambda tx: finished.due_cases(tx, before, most))
        for code in due:
            await self._release(code, before, now)
        # The papers say that their scans are gone, and the objects are still there: the
        # next turn finds them idle.
        crash.reached("intake-scans-released")
        idle = now - self._rest
        await self._database.write(lambda tx: scan_objects.condemn(tx, idle, most, now))
        # Nobody writes or uses these keys again, whoever deletes them and however late.
        crash.reached("intake-scans-condemned")
        keys = await self._database.read(lambda tx: scan_objects.condemned(tx, most))
        await self._delete(keys)
        return len(keys)

    async def _release(self, code: str, before: datetime, now: datetime) -> None:
        await self._database.write(
            lambda tx: finished.release_case(tx, code, before, now)
        )

    async def _delete(self, keys: list[str]) -> None:
        deleted: list[str] = []
        try:
            for key in keys:
                await self._objects.delete(key)
                deleted.append(key)
        finally:
            # A death here leaves rows whose objects are gone: the next turn deletes
            # nothing, and notes them.
            crash.reached("intake-scans-deleted")
            now = self._clock()
            if deleted:
                await self._database.write(
                    lambda tx: scan_objects.note_removed(tx, deleted, now)
                )

    async def _set_right(self, now: datetime) -> None:
        """What an older version, or a clock that ran ahead, has left behind."""
        ahead = await self._database.read(lambda tx: finished.released_ahead(tx, now))
        for document in ahead:
            await self._take_back(document)
        await self._database.write(lambda tx: _set_right(tx, now))

    async def _take_back(self, document: str) -> None:
        with contextlib.suppress(Trouble):  # it is too late for this one
            await self._database.write(lambda tx: finished.take_back(tx, document))
            log.warning("scans_taken_back", document=document)


def _set_right(tx: Connection, now: datetime) -> None:
    finished.pull_back(tx, now)
    finished.adopt(tx, ADOPTED)


def _amount(tx: Connection, before: datetime | None) -> Amount:
    count, oldest = tx.execute(
        select(func.count(), func.min(table.c.claimed_at)).where(
            table.c.removed_at.is_(None)
        )
    ).one()
    due = 0 if before is None else tx.scalar(finished.due_objects(before)) or 0
    return Amount(count, oldest, due)
