"""Sealed copies that the archive has: after a while they go from signing's bucket.

Until then the archive is healed from them (docs/decisions/0094). Start at
``ArchivedCopies.remove``.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Objects
from chassis.retention import Amount
from signing.adapters.journal.tables import entries


class ArchivedCopies:
    """``retention.Holding``: only bytes of which storage has said that it has read them
    back from the archive. The journal and the entry's row stay as they are.
    """

    def __init__(self, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock

    async def amount(self, before: datetime | None) -> Amount:
        count, oldest = await self._database.read(
            lambda tx: tx.execute(
                select(func.count(), func.min(entries.c.archived_at)).where(_there())
            ).one()
        )
        due = len(await self._due(before, count)) if before is not None else 0
        return Amount(count, oldest, due)

    async def remove(self, before: datetime, most: int) -> int:
        due = await self._due(before, most)
        for entry, digest in due:
            await self._objects.delete(f"{entry}/{digest}.pdf")
        # A crash here leaves rows whose bytes are gone: the next turn deletes nothing
        # and notes them.
        names, now = [entry for entry, _ in due], self._clock()
        removed = (
            update(entries)
            .where(entries.c.entry.in_(names))
            .values(copy_removed_at=now)
        )
        if due:
            await self._database.write(lambda tx: tx.execute(removed))
        return len(due)

    async def _due(self, before: datetime, most: int) -> list[tuple[str, str]]:
        def read(tx: Connection) -> list[tuple[str, str]]:
            found = tx.execute(
                select(entries.c.entry, entries.c.archived_sha256)
                .where(_there(), entries.c.archived_at < before)
                .order_by(entries.c.archived_at)
                .limit(most)
            )
            return [(row.entry, row.archived_sha256) for row in found]

        return await self._database.read(read)


def _there() -> ColumnElement[bool]:
    return (
        entries.c.archived_sha256.is_not(None)
        & (entries.c.archived_sha256 == entries.c.copy_sha256)
        & entries.c.copy_removed_at.is_(None)
    )
