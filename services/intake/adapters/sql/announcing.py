"""Orders announced again, under a new event id, for numbers that stand still."""

from collections.abc import Iterable
from uuid import uuid4

from sqlalchemy import Connection, select

from chassis import outbox
from ecopy.identifiers import EntryId
from intake.adapters.sql.cases import SOURCE
from intake.adapters.sql.tables import certifications


def announce_again(tx: Connection, entries: Iterable[EntryId]) -> tuple[EntryId, ...]:
    """The entries whose order was published once more: of the same revision, so whoever
    has answered it already answers it again.
    """
    wanted = select(certifications.c.entry, certifications.c.order).where(
        certifications.c.entry.in_(tuple(entries))
    )
    announced = []
    for entry, order in tx.execute(wanted).tuples():
        outbox.add(tx, order.model_copy(update={"id": uuid4()}), source=SOURCE)
        announced.append(entry)
    return tuple(announced)
