"""Objects that were put aside, and how long they stay: the table ``set_aside``.

The purge writes a row when it first sees an object, so that whoever puts one aside has
nothing to write, and nothing to forget in a crash. An object goes only where it is not
all that is left of its number. Start at ``ObjectsAside.remove`` (docs/decisions/0118).
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    exists,
    insert,
    or_,
    select,
    update,
)

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Locked, Objects
from chassis.retention import Amount
from ecopy.identifiers import EntryId
from storage.adapters.aside import SET_ASIDE
from storage.adapters.healing import inspected
from storage.adapters.scrubs import SqlScrubs
from storage.adapters.tables import closures, given_up, set_aside

log = structlog.get_logger()

AHEAD: Final = timedelta(minutes=5)
"""What was seen farther ahead was seen by a clock that was set back since."""
HELD: Final = timedelta(days=30)
"""When an object under a legal hold is asked for again: a hold has no end of its own.
"""
Listed = dict[str, int]
"""Key → bytes of each object that lies aside now."""


class ObjectsAside:
    """``retention.Holding`` over the folder ``set-aside/`` of the archive."""

    def __init__(self, database: Database, archive: Objects, clock: Clock) -> None:
        self._database = database
        self._archive = archive
        self._clock = clock
        self._scrubs = SqlScrubs(database, clock)

    async def amount(self, before: datetime | None) -> Amount:
        listed = await self._listed()
        rows = await self._database.read(lambda tx: _present(tx, listed))
        due = 0
        if before is not None:
            due = await self._database.read(lambda tx: len(_due(tx, before, None)))
        oldest = min((row.seen_at for row in rows), default=None)
        return Amount(len(listed), oldest, due, sum(listed.values()))

    async def remove(self, before: datetime, most: int) -> int:
        now = self._clock()
        listed = await self._listed()
        await self._database.write(lambda tx: _note_seen(tx, listed, now))
        # Noted, and removed at the earliest when the rule's time has passed since.
        crash.reached("storage-aside-noted")
        due = await self._database.read(lambda tx: _due(tx, before, now))
        # Where all of them must stay, the others behind them have their turn all the
        # same: there are few, each came of something that went wrong.
        may_go = [row for row in due if await self._may_go(row.entry)]
        return sum([await self._removed(row) for row in may_go[:most]])

    async def _listed(self) -> Listed:
        prefix = f"{SET_ASIDE}/"
        return {key: size async for key, size in self._archive.listing(prefix)}

    async def _may_go(self, entry: EntryId) -> bool:
        """Whether the number has its whole copy, or is to have none any more: what was
        put aside may else be all that anybody has of it.
        """
        copy = await self._scrubs.copy(entry)
        if copy is None:
            own = select(closures.c.entry).where(closures.c.entry == entry)
            return await self._database.read(lambda tx: tx.scalar(own)) is not None
        if copy.given_up_at is not None:
            return True
        return (await inspected(self._archive, copy)).sound

    async def _removed(self, row: Row[str, str]) -> bool:
        try:
            await self._archive.erase(row.key)
        except Locked as locked:
            until = locked.until or self._clock() + HELD
            log.warning("set_aside_locked", key=row.key, until=until.isoformat())
            await self._note(row.key, locked_until=until)
            return False
        # A death here leaves a row whose object is gone: the next turn erases nothing
        # and notes it.
        crash.reached("storage-aside-erased")
        await self._note(row.key, removed_at=self._clock())
        log.info("set_aside_removed", key=row.key)
        return True

    async def _note(self, key: str, **values: datetime) -> None:
        noted = update(set_aside).where(set_aside.c.key == key).values(**values)
        await self._database.write(lambda tx: tx.execute(noted))


def _note_seen(tx: Connection, listed: Listed, now: datetime) -> None:
    """New ones are of now, and so are those that were removed and have come again."""
    known = {row.key: row for row in tx.execute(select(set_aside))}
    new = [
        {"key": key, "entry": _entry(key), "size": size, "seen_at": now}
        for key, size in listed.items()
        if key not in known
    ]
    if new:
        tx.execute(insert(set_aside), new)
    again = [key for key in listed if key in known and known[key].removed_at]
    for key in again:
        values = {"seen_at": now, "removed_at": None, "locked_until": None}
        tx.execute(update(set_aside).where(set_aside.c.key == key).values(values))
    ahead = (set_aside.c.seen_at > now + AHEAD) & set_aside.c.removed_at.is_(None)
    tx.execute(update(set_aside).where(ahead).values(seen_at=now))


def _due(tx: Connection, before: datetime, now: datetime | None) -> list[Row[str, str]]:
    """Keys and entries of those that have had their time, or whose copy is erased: no
    page of a citizen outlives the copy that it was of. *now*: only those that no lock
    of the store holds any more.
    """
    erased = exists().where(
        given_up.c.entry == set_aside.c.entry, given_up.c.removed_at.is_not(None)
    )
    query = (
        select(set_aside.c.key, set_aside.c.entry)
        .where(set_aside.c.removed_at.is_(None))
        .where(or_(set_aside.c.seen_at < before, erased))
        .order_by(set_aside.c.seen_at, set_aside.c.key)
    )
    if now is not None:
        query = query.where(_unlocked(now))
    return list(tx.execute(query).all())


def _unlocked(now: datetime) -> ColumnElement[bool]:
    locked = set_aside.c.locked_until
    return or_(locked.is_(None), locked <= now)


def _present(tx: Connection, listed: Listed) -> list[Row[str, datetime]]:
    seen = select(set_aside.c.key, set_aside.c.seen_at)
    return [row for row in tx.execute(seen) if row.key in listed]


def _entry(key: str) -> EntryId:
    return key.removeprefix(f"{SET_ASIDE}/").rpartition("/")[0]
