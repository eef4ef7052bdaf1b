"""Orders that are to be announced again at once, because an operator asks for it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from ecopy.identifiers import EntryId
from intake.adapters.sql.tables import certifications, documents
from intake.domain.states import MOVING


def hasten(
    tx: Connection, entries: Iterable[EntryId], now: datetime
) -> tuple[EntryId, ...]:
    """The entries that the running desk announces again within seconds, instead of at
    the end of its pause; those that have ended, or wait for a person, are not among
    them.
    """
    # The moment alone is set: what is published, and when for the next time, stays the
    # decision of ``domain.expecting``.
    moving = select(documents.c.id).where(documents.c.state.in_(MOVING))
    chosen = (
        certifications.c.entry.in_(tuple(entries)),
        certifications.c.document.in_(moving),
        certifications.c.announce_at.is_not(None),
    )
    found = tuple(
        tx.scalars(
            select(certifications.c.entry)
            .where(*chosen)
            .order_by(certifications.c.entry)
        )
    )
    tx.execute(update(certifications).where(*chosen).values(announce_at=now))
    return found
