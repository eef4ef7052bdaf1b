"""How long arrivals are there, and their end: what retention asks of them.

Start at ``HeldArrivals``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from chassis.clock import Clock
from chassis.database import Database
from chassis.retention import Amount
from intake.adapters.sql import scan_objects
from intake.adapters.sql.tables import arrivals


class HeldArrivals:
    """``retention.Holding`` of arrivals, by the last hand that moved them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: _amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        at = self._clock()
        return await self._database.write(lambda tx: _remove(tx, before, most, at))


def _amount(tx: Connection, before: datetime | None) -> Amount:
    count, oldest = tx.execute(
        select(func.count(), func.min(arrivals.c.touched_at))
    ).one()
    due = 0 if before is None else len(tx.execute(_old(before, count)).all())
    return Amount(count, oldest, due)


def _remove(tx: Connection, before: datetime, most: int, at: datetime) -> int:
    old = list(tx.scalars(_old(before, most).with_for_update()))
    for arrival in old:
        scan_objects.release(tx, arrival, at)
        tx.execute(delete(arrivals).where(arrivals.c.id == arrival))
    return len(old)


def _old(before: datetime, most: int) -> Select[Any]:
    query = select(arrivals.c.id).where(arrivals.c.touched_at < before)
    return query.order_by(arrivals.c.touched_at).limit(most)
