"""How a service stands with what it stands on: database, outbox, bus, queues, disks.

Asked anew for each look at ``/metrics``: four short statements. What does not answer is
0 in ``ecopy_up`` and says no more; whoever watches then knows which it was. Start at
``standing``.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog
from nats.errors import Error as NatsError

from chassis.bus import Bus
from chassis.clock import Clock
from chassis.database import Database
from chassis.measures import DELIVERIES, Measure
from chassis.outbox import waiting
from ecopy.refusals import Trouble
from ecopy.topology import Consumer

log = structlog.get_logger()
FILE: Final = "file:"


async def standing(
    service: str,
    *,
    store: Database,
    nats: Bus,
    consumers: Sequence[Consumer],
    places: Mapping[str, Path],
    clock: Clock,
) -> list[Measure]:
    """*places*: name → a directory whose disk must not fill up."""
    return [
        *await _outbox(service, store, clock),
        *await _queues(service, nats, consumers),
        *_disks(service, places),
        *DELIVERIES.measures(),
    ]


def places_of(**urls: str | Path | None) -> dict[str, Path]:
    """The directories among *urls*: a store behind S3 does not say what is free."""
    return {
        name: Path(str(url).removeprefix(FILE))
        for name, url in urls.items()
        if isinstance(url, Path) or (url or "").startswith(FILE)
    }


async def _outbox(service: str, store: Database, clock: Clock) -> Iterable[Measure]:
    label = f'service="{service}"'
    try:
        count, since = await store.read(waiting)
    except Trouble as trouble:
        log.warning("database_not_measured", error=str(trouble))
        return [_up(service, "database", up=False)]
    age = 0.0 if since is None else (clock() - since).total_seconds()
    return [
        _up(service, "database", up=True),
        (f"ecopy_outbox_waiting{{{label}}}", count),
        (f"ecopy_outbox_oldest_seconds{{{label}}}", max(0.0, age)),
    ]


async def _queues(
    service: str, nats: Bus, consumers: Sequence[Consumer]
) -> Iterable[Measure]:
    measures = [_up(service, "bus", up=nats.provided)]
    if not nats.connected:
        return measures
    for consumer in consumers:
        label = f'consumer="{consumer.durable}"'
        try:
            wait, in_hand = await nats.queue(consumer)
        except (NatsError, TimeoutError) as error:
            log.warning("queue_not_measured", consumer=consumer.durable, error=error)
            continue
        measures.append((f"ecopy_queue_waiting{{{label}}}", wait))
        measures.append((f"ecopy_queue_in_hand{{{label}}}", in_hand))
    return measures


def _disks(service: str, places: Mapping[str, Path]) -> Iterable[Measure]:
    for name, folder in places.items():
        label = f'service="{service}",place="{name}"'
        try:
            usage = shutil.disk_usage(folder)
        except OSError as error:
            log.warning("disk_not_measured", place=name, error=str(error))
            continue
        yield f"ecopy_disk_free_bytes{{{label}}}", usage.free
        yield f"ecopy_disk_bytes{{{label}}}", usage.total


def _up(service: str, part: str, *, up: bool) -> Measure:
    return f'ecopy_up{{service="{service}",part="{part}"}}', int(up)
