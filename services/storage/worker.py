"""Which event starts which use case. The whole of storage's event surface."""

from typing import Any

from chassis import crash
from chassis.clock import Clock
from chassis.consumer import Setback, Subscription
from ecopy import topology
from ecopy.events import CertificationOrdered, CopySealed
from storage.ports import Delay
from storage.usecases import Storage


def subscriptions(storage: Storage, *, clock: Clock) -> list[Subscription[Any]]:
    async def archive(sealed: CopySealed) -> None:
        crash.reached("storage-received")
        await storage.archive(sealed)
        crash.reached("storage-catalogued")

    async def delay(sealed: CopySealed, setback: Setback) -> None:
        next_try_at = clock() + setback.delay
        told = Delay(since=sealed.at, tries=setback.deliveries, next_try_at=next_try_at)
        await storage.delay(sealed, setback.hindrance, told)

    return [
        Subscription(
            topology.STORAGE_ORDERED, CertificationOrdered, storage.record_order
        ),
        Subscription(topology.STORAGE_SEALED, CopySealed, archive, storage.halt, delay),
    ]
