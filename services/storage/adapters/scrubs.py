"""When each archived copy was read last, and what was found: the table ``scrubs``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, or_, select, update

from chassis.clock import Clock
from chassis.database import Database
from ecopy.identifiers import EntryId
from storage.adapters.copy_rows import copy_of
from storage.adapters.tables import copies, scrubs
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
            select(copies)
            .outerjoin(scrubs, scrubs.c.entry == copies.c.entry)
            .where(or_(at.is_(None), at < before, at > ahead))
            .order_by(at.is_not(None), at, copies.c.entry)
            .limit(1)
        )
        row = await self._database.read(lambda tx: tx.execute(query).first())
        return None if row is None else copy_of(row)

    async def after(self, entry: EntryId, most: int) -> list[ArchivedCopy]:
        """The next copies in the order of their entries, for a whole pass."""
        query = (
            select(copies)
            .where(copies.c.entry > entry)
            .order_by(copies.c.entry)
            .limit(most)
        )
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        return [copy_of(row) for row in rows]

    async def copy(self, entry: EntryId) -> ArchivedCopy | None:
        query = select(copies).where(copies.c.entry == entry)
        row = await self._database.read(lambda tx: tx.execute(query).first())
        return None if row is None else copy_of(row)

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
    whole = tx.scalar(select(func.count()).select_from(copies)) or 0
    checked = tx.scalar(select(func.count()).select_from(scrubs)) or 0
    bad = (scrubs.c.found != "sound") & scrubs.c.healed.is_(False)
    return Coverage(
        copies=whole,
        unchecked=whole - checked,
        oldest=tx.scalar(select(func.min(scrubs.c.checked_at))),
        bad=tx.scalar(select(func.count()).select_from(scrubs).where(bad)) or 0,
    )
