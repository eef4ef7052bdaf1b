"""Which event starts which use case. The whole of signing's event surface."""

from chassis import crash
from chassis.consumer import Subscription
from ecopy import topology
from ecopy.events import CertificationOrdered
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
