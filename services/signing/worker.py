"""Which event starts which use case. The whole of signing's event surface."""

from typing import Any

from chassis import crash
from chassis.consumer import Subscription
from ecopy import topology
from ecopy.events import (
    CertificationClosed,
    CertificationOrdered,
    CopyArchived,
    CopyRejected,
)
from signing.usecases import Signing


def subscription(signing: Signing) -> Subscription[CertificationOrdered]:
    async def certify(order: CertificationOrdered) -> None:
        crash.reached("signing-received")
        await signing.certify(order)

    return Subscription(
        topology.SIGNING_ORDERED,
        CertificationOrdered,
        certify,
        signing.halt,
        signing.delay,
    )


def subscriptions(signing: Signing) -> list[Subscription[Any]]:
    """The orders, and what storage answers to the copies that come of them."""
    return [
        subscription(signing),
        Subscription(topology.SIGNING_ARCHIVED, CopyArchived, signing.note_archived),
        Subscription(topology.SIGNING_REJECTED, CopyRejected, signing.withdraw),
        Subscription(topology.SIGNING_CLOSED, CertificationClosed, signing.close),
    ]
