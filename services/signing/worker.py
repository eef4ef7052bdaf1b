"""Which event starts which use case. The whole of signing's event surface."""

from chassis import crash
from chassis.clock import Clock
from chassis.consumer import Setback, Subscription
from ecopy import topology
from ecopy.events import CertificationOrdered
from signing.usecases import Delay, Signing


def subscription(
    signing: Signing, *, clock: Clock
) -> Subscription[CertificationOrdered]:
    async def certify(order: CertificationOrdered) -> None:
        crash.reached("signing-received")
        await signing.certify(order)

    async def delay(order: CertificationOrdered, setback: Setback) -> None:
        next_try_at = clock() + setback.delay
        told = Delay(setback.hindrance, setback.deliveries, next_try_at)
        await signing.delay(order, told)

    return Subscription(
        topology.SIGNING_ORDERED, CertificationOrdered, certify, signing.halt, delay
    )
