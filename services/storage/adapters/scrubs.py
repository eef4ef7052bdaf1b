"""When each archived copy was read last, and what was found: the table ``scrubs``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from chassis.clock import Clock
from chassis.database import Database
from ecopy.identifiers import EntryId
from storage.adapters.copy_rows import copy_of, select_copies
from storage.adapters.tables import copies, given_up, scrubs
from storage.domain.copies import ArchivedCopy
from storage.domain.soundness import Examined

AHEAD: Final = timedelta(minutes=5)
"""A check that lies farther ahead is of a clock that was set back since; it would count
as recent until that time comes, so it counts for nothing."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the archive has been read, and how long ago."""

    copies: int
    unchecked: int
    oldest: datetime | None
    """The time of the check that is longest ago; None before the first one."""
    bad: int
    """Copies that were not whole at their last check and could not be healed."""


class SqlScrubs:
    """Over SQLite or PostgreSQL; a database that does not answer is Trouble."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, found: Examined) -> None:
        row = {
            "checked_at": self._clock(),
            "found": found.condition.value,
            "healed": found.healed,
        }
        await self._database.write(lambda tx: _note(tx, found.entry, row))

    async def due(self, before: datetime) -> ArchivedCopy | None:
        """The copy that was read longest ago, if that is before *before* or never."""
        ahead = self._clock() + AHEAD
        at = scrubs.c.checked_at
        query = (
            select_copies()
            .outerjoin(scrubs, scrubs.c.entry == copies.c.entry)
            .where(given_up.c.entry.is_(None))
            .where(or_(at.is_(None), at < before, at > ahead))
            .order_by(at.is_not(None), at, copies.c.entry)
            .limit(1)
        )
        row = await self._database.read(lambda tx: tx.execute(query).first())
        return None if row is None else copy_of(row)

    async def after(self, entry: EntryId, most: int) -> list[ArchivedCopy]:
        """The next copies in the order of their entries, for a whole pass."""
        query = (
            select_copies()
            .where(copies.c.entry > entry, given_up.c.entry.is_(None))
            .order_by(copies.c.entry)
            .limit(most)
        )
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        return [copy_of(row) for row in rows]

    async def copy(self, entry: EntryId) -> ArchivedCopy | None:
        query = select_copies().where(copies.c.entry == entry)
        row = await self._database.read(lambda tx: tx.execute(query).first())
        return None if row is None else copy_of(row)

    async def keeps(self, entry: EntryId) -> bool:
        """Whether the archive is to have this copy's file: it is catalogued, and has
        not had its time.
        """
        copy = await self.copy(entry)
        return copy is not None and copy.given_up_at is None

    async def removed(self, entry: EntryId) -> bool:
        """Whether this copy's file was removed after its time."""
        query = select(given_up.c.removed_at).where(given_up.c.entry == entry)
        return await self._database.read(lambda tx: tx.scalar(query)) is not None

    def age(self, at: datetime | None) -> float:
        """The seconds since *at*; 0 for none, and for a time that lies ahead."""
        return 0.0 if at is None else max(0.0, (self._clock() - at).total_seconds())

    async def coverage(self) -> Coverage:
        return await self._database.read(_coverage)


def _note(tx: Connection, entry: EntryId, row: dict[str, Any]) -> None:
    own = scrubs.c.entry == entry
    if tx.scalar(select(scrubs.c.entry).where(own)) is None:
        # Where two first checks race, one insert breaks on the primary key; a download
        # or a scrub that comes later notes it again.
        tx.execute(insert(scrubs).values(entry=entry, **row))
        return
    tx.execute(update(scrubs).where(own).values(row))


def _coverage(tx: Connection) -> Coverage:
    gone = exists().where(given_up.c.entry == copies.c.entry)
    whole = tx.scalar(select(func.count()).select_from(copies).where(~gone)) or 0
    kept = ~exists().where(given_up.c.entry == scrubs.c.entry)
    checked = tx.scalar(select(func.count()).select_from(scrubs).where(kept)) or 0
    bad = kept & (scrubs.c.found != "sound") & scrubs.c.healed.is_(False)
    return Coverage(
        copies=whole,
        unchecked=whole - checked,
        oldest=tx.scalar(select(func.min(scrubs.c.checked_at)).where(kept)),
        bad=tx.scalar(select(func.count()).select_from(scrubs).where(bad)) or 0,
    )
