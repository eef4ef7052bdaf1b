"""Objects in the bucket of scans that no row speaks of: from before migration 0008, or
put by a process that died behind its claim in a database that was restored since.

Seen once, they get a row, and nothing else happens for a month: a register that was put
back from yesterday does not speak of today's scans, and who puts the right one back
must find them all. Then they go the way of all scans (``finished_scans``). Start at
``StrayScans.remove`` (docs/decisions/0118).
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Objects
from chassis.retention import Amount
from intake.adapters.sql import finished, strays

log = structlog.get_logger()

EVERY: Final = timedelta(days=1)
"""Between two looks at the whole bucket: an S3 server lists a thousand keys at a time.
"""
AT_ONCE: Final = 500


class StrayScans:
    """``retention.Holding`` over what the bucket has and the tables have not."""

    def __init__(self, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._looked_at: datetime | None = None

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: strays.amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        """How many were given up; a day later their objects are deleted."""
        now = self._clock()
        await self._database.write(lambda tx: strays.take_back(tx, now))
        if not self._is_due(now):
            return 0
        # Before the look: what an older version stored is used, and no stray.
        await self._database.write(finished.adopt_all)
        await self._note_strays(now)
        crash.reached("intake-strays-noted")
        given_up = await self._database.write(
            lambda tx: strays.give_up(tx, before, most, now)
        )
        for key in given_up:
            log.info("stray_scan_given_up", key=key)
        # What is left over the bound is for the next turn, not for tomorrow.
        self._looked_at = None if len(given_up) == most else now
        return len(given_up)

    def _is_due(self, now: datetime) -> bool:
        looked_at = self._looked_at
        return looked_at is None or not timedelta() <= now - looked_at < EVERY

    async def _note_strays(self, now: datetime) -> None:
        keys: list[str] = []
        for folder in strays.FOLDERS:
            async for key, _ in self._objects.listing(f"{folder}/"):
                keys.append(key)
                if len(keys) == AT_ONCE:
                    await self._note(keys, now)
                    keys = []
        await self._note(keys, now)

    async def _note(self, keys: list[str], now: datetime) -> None:
        noted = await self._database.write(lambda tx: strays.note(tx, keys, now))
        for key in noted:
            log.warning("stray_scan", key=key)
