"""Files of archived copies that have had their time; their catalogue lines stay.

Two steps with a day between them: a copy is *given up* by a row, from which moment on
nobody serves, scrubs or heals it, and its file is erased a day later. Start at
``ExpiredCopies.remove``; docs/decisions/0103 says why.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Locked, Objects
from chassis.retention import Amount
from storage.adapters.beginnings import note_beginnings
from storage.adapters.tables import copies, given_up
from storage.domain.copies import archive_key

log = structlog.get_logger()

REST: Final = timedelta(days=1)
"""Between the two steps: a download or a healing that began before the first has ended,
and a clock that ran ahead can be set right."""
AHEAD: Final = timedelta(minutes=5)
"""What was written farther ahead was written by a clock that was set back since."""
HELD: Final = timedelta(days=30)
"""When an object under a legal hold is asked for again: a hold has no end of its own.
"""


class ExpiredCopies:
    """``retention.Holding`` over the archive."""

    def __init__(
        self,
        database: Database,
        archive: Objects,
        clock: Clock,
        *,
        rest: timedelta = REST,
    ) -> None:
        self._database = database
        self._archive = archive
        self._clock = clock
        self._rest = rest

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: _amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        now = self._clock()
        await self._database.write(lambda tx: _give_up(tx, before, most, now))
        # From here on the page says that the file is no longer kept, and nothing heals
        # it. A death leaves the file to a later turn.
        crash.reached("storage-copies-given-up")
        due = await self._database.read(lambda tx: _due(tx, now, self._rest, most))
        return sum([await self._erased(entry) for entry in due])

    async def _erased(self, entry: str) -> bool:
        await note_beginnings(self._database, self._archive, entry)
        # A death here leaves digests of a file that is still there: harmless.
        crash.reached("storage-beginnings-noted")
        try:
            await self._archive.erase(archive_key(entry))
        except Locked as locked:
            until = locked.until or self._clock() + HELD
            log.warning("archived_copy_locked", entry=entry, until=until.isoformat())
            await self._note(entry, locked_until=until)
            return False
        # A death here leaves a row whose file is gone: the next turn erases nothing and
        # notes it.
        crash.reached("storage-copy-erased")
        await self._note(entry, removed_at=self._clock())
        return True

    async def _note(self, entry: str, **values: datetime) -> None:
        mine = (given_up.c.entry == entry) & given_up.c.removed_at.is_(None)
        noted = update(given_up).where(mine).values(**values)
        await self._database.write(lambda tx: tx.execute(noted))


def _give_up(tx: Connection, before: datetime, most: int, now: datetime) -> None:
    ahead = (given_up.c.at > now + AHEAD) & given_up.c.removed_at.is_(None)
    tx.execute(delete(given_up).where(ahead))
    old = (
        select(copies.c.entry)
        .where(copies.c.archived_at < before, ~_given_up())
        .order_by(copies.c.archived_at)
        .limit(most)
    )
    rows = [{"entry": entry, "at": now} for entry in tx.scalars(old)]
    if rows:
        # A replica whose lock was cut off may be at the same copies.
        made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
        tx.execute(made(given_up).on_conflict_do_nothing(), rows)


def _due(tx: Connection, now: datetime, rest: timedelta, most: int) -> list[str]:
    locked = given_up.c.locked_until
    query = (
        select(given_up.c.entry)
        .where(
            given_up.c.removed_at.is_(None),
            given_up.c.at <= now - rest,
            or_(locked.is_(None), locked <= now),
        )
        .order_by(given_up.c.at)
        .limit(most)
    )
    return list(tx.scalars(query))


def _amount(tx: Connection, before: datetime | None) -> Amount:
    gone = exists().where(
        given_up.c.entry == copies.c.entry, given_up.c.removed_at.is_not(None)
    )
    count, oldest, size = tx.execute(
        select(func.count(), func.min(copies.c.archived_at), func.sum(copies.c.size))
        .select_from(copies)
        .where(~gone)
    ).one()
    due = 0
    if before is not None:
        old = copies.c.archived_at < before
        due = tx.scalar(select(func.count()).select_from(copies).where(~gone, old)) or 0
    return Amount(count, oldest, due, int(size or 0))


def _given_up() -> Any:
    return exists().where(given_up.c.entry == copies.c.entry)
