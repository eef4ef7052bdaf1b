"""Which event starts which use case. The whole of storage's event surface."""

from typing import Any

from chassis import crash
from chassis.consumer import Subscription
from ecopy import topology
from ecopy.events import (
    CertificationOrdered,
    CertificationVoided,
    CopySealed,
    FiguresReported,
    LinkGranted,
    LinkRevoked,
)
from storage.usecases import Storage


def subscriptions(storage: Storage) -> list[Subscription[Any]]:
    async def archive(sealed: CopySealed) -> None:
        crash.reached("storage-received")
        await storage.archive(sealed)
        crash.reached("storage-catalogued")

    return [
        Subscription(
            topology.STORAGE_ORDERED, CertificationOrdered, storage.record_order
        ),
        Subscription(
            topology.STORAGE_SEALED, CopySealed, archive, storage.halt, storage.delay
        ),
        Subscription(topology.STORAGE_VOIDED, CertificationVoided, storage.close),
        Subscription(topology.STORAGE_GRANTED, LinkGranted, storage.grant),
        Subscription(topology.STORAGE_REVOKED, LinkRevoked, storage.revoke),
        Subscription(topology.STORAGE_FIGURES, FiguresReported, storage.record_figures),
    ]
