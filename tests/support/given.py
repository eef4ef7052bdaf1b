"""Events as the bus hands them to storage's worker, and what it says of them."""

from sqlalchemy import select

from chassis import outbox
from chassis.consumer import deliver
from ecopy.events import (
    CertificationClosed,
    CertificationDelayed,
    CertificationHalted,
    CopyArchived,
    CopyRejected,
)
from storage import worker


class Delivery:
    """A message as the bus hands it over; it remembers its answer."""

    def __init__(self, event, deliveries=1) -> None:
        self.body = event.encode("signing")
        self.deliveries = deliveries
        self.answer = None

    def verify(self) -> None:
        """Signed as it should be."""

    async def ack(self) -> None:
        self.answer = "ack"

    async def nak(self, delay_seconds: float) -> None:
        self.answer = ("nak", delay_seconds)

    async def term(self) -> None:
        self.answer = "term"

    async def in_progress(self) -> None:
        """Still at work."""


async def give(store, storage, event, deliveries=1):
    """Let the worker take one event; its answer."""
    subscriptions = {each.event: each for each in worker.subscriptions(storage)}
    message = Delivery(event, deliveries)
    await deliver(subscriptions[type(event)], message, park=None, clock=store.hands)
    return message.answer


async def announcements(store):
    """The events in the outbox, oldest first."""
    query = select(outbox.outbox).order_by("position")
    rows = await store.database.read(lambda tx: tx.execute(query).all())
    kinds = (
        CopyArchived,
        CopyRejected,
        CertificationClosed,
        CertificationDelayed,
        CertificationHalted,
    )
    by_subject = {kind.subject: kind for kind in kinds}
    return [by_subject[row.subject].decode(row.body) for row in rows]
