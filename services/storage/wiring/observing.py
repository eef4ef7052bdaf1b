"""``/metrics`` of the archive on the operations network. Start at ``observed``."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from chassis import bus, process
from chassis.clock import utc_now
from chassis.consumer import Subscription
from chassis.database import Database
from chassis.measures import Measure, reconciled
from chassis.operations import Operations
from chassis.standing import places_of, standing
from storage import usecases
from storage.settings import Settings


def observed(
    settings: Settings,
    database: Database,
    nats: bus.Bus,
    storage: usecases.Storage,
    heard: Iterable[Subscription[Any]],
) -> list[process.Task]:
    """The endpoint, where the settings give it an address."""
    if settings.operations is None:
        return []
    consumers = tuple(each.consumer for each in heard)
    places = places_of(archive=settings.archive.url, spool=settings.spool_directory)

    async def measured() -> list[Measure]:
        return [
            *reconciled("storage", storage.figures()),
            *await standing(
                "storage",
                store=database,
                nats=nats,
                consumers=consumers,
                places=places,
                clock=utc_now,
            ),
        ]

    at = settings.operations
    return [partial(Operations(_lives, measured).serve, at.host, at.port)]


async def _lives() -> bool:
    return True
