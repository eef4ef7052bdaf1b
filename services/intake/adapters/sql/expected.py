"""Which orders are late: by the index of the moments at which they are asked again."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, or_, select, update

from chassis.database import Database
from chassis.outbox import outbox
from intake.adapters.sql.tables import certifications, documents
from intake.domain.expecting import FURTHEST
from intake.domain.states import MOVING, State

LOCK: Final = "repeating"
"""One replica asks again, however many run."""
MOST_WAITING: Final = 256
"""Letters in the outbox from which on nothing is added. While the bus is away none goes
out, and a repetition every ten minutes would only pile up."""


class SqlExpected:
    """``ports.Expected``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def late(self, now: datetime, *, most: int, voids: bool) -> tuple[str, ...]:
        if not await self._database.holds(LOCK):
            return ()
        return await self._database.read(lambda tx: _late(tx, now, most, voids=voids))

    async def adopt(self, now: datetime) -> None:
        await self._database.write(lambda tx: _adopt(tx, now))


def _adopt(tx: Connection, now: datetime) -> None:
    moving = select(documents.c.id).where(documents.c.state.in_(MOVING))
    tx.execute(
        update(certifications)
        .where(certifications.c.announce_at.is_(None))
        .where(certifications.c.document.in_(moving))
        .values(announce_at=now)
    )


def _late(tx: Connection, now: datetime, most: int, *, voids: bool) -> tuple[str, ...]:
    waiting = select(outbox.c.position).where(outbox.c.published_at.is_(None))
    count = select(func.count()).select_from(waiting.limit(MOST_WAITING).subquery())
    if tx.scalar(count) == MOST_WAITING:
        return ()
    moment = certifications.c.announce_at
    voiding = documents.c.state == State.VOIDING
    found = tx.scalars(
        select(certifications.c.entry)
        .join(documents, documents.c.id == certifications.c.document)
        .where(voiding if voids else ~voiding)
        # Further ahead than any pause: see ``expecting.FURTHEST``.
        .where(or_(moment <= now, moment > now + FURTHEST))
        .order_by(moment)
        .limit(most)
    )
    return tuple(found)
