"""``/metrics`` of the desk on the operations network: what waits, for how long, and
what it stands on. Start at ``observed``.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import structlog

from chassis import bus, process
from chassis.consumer import Subscription
from chassis.measures import Measure, reconciled
from chassis.operations import Operations
from chassis.standing import places_of, standing
from ecopy.dead_letter import BusAway
from ecopy.reckoning import Counter
from ecopy.refusals import Trouble
from intake.adapters.sql.gauges import waiting_anywhere
from intake.settings import Settings
from intake.usecases.overseeing import row_of
from intake.wiring.adapters import Adapters
from intake.wiring.bindings import replaying

log = structlog.get_logger()


def observed(
    settings: Settings,
    house: Adapters,
    nats: bus.Bus,
    heard: Iterable[Subscription[Any]],
) -> list[process.Task]:
    """The endpoint, where the settings give it an address."""
    if settings.operations is None:
        return []
    consumers = tuple(each.consumer for each in heard)
    places = places_of(scans=settings.scans.url)

    async def measured() -> list[Measure]:
        return [
            *await _papers(house),
            *await _letters(house, nats),
            *_books(house),
            *await standing(
                "intake",
                store=house.store,
                nats=nats,
                consumers=consumers,
                places=places,
                clock=house.clock,
            ),
        ]

    at = settings.operations
    return [partial(Operations(_lives, measured).serve, at.host, at.port)]


async def _lives() -> bool:
    return True


async def _papers(house: Adapters) -> Iterable[Measure]:
    """In every state in which papers wait, of all agencies; ``toseal`` is the wait for
    the seal keeper.
    """
    try:
        found = await house.store.read(waiting_anywhere)
    except Trouble as trouble:
        log.warning("papers_not_measured", error=str(trouble))
        return []
    now = house.clock()
    measures: list[Measure] = []
    for state, papers, since in found:
        label = f'state="{state.value}"'
        age = max(0.0, (now - since).total_seconds())
        measures.append((f"ecopy_waiting_papers{{{label}}}", papers))
        measures.append((f"ecopy_waiting_oldest_seconds{{{label}}}", age))
    return measures


async def _letters(house: Adapters, nats: bus.Bus) -> Iterable[Measure]:
    """Dead letters, and those of them that no person has done anything about."""
    try:
        rows = [row_of(e) for e in await replaying(house, nats.dead_letters).all()]
    except (BusAway, Trouble) as error:
        log.warning("letters_not_measured", error=str(error))
        return []
    new = sum(row.new for row in rows)
    return [("ecopy_dead_letters", len(rows)), ("ecopy_dead_letters_new", new)]


def _books(house: Adapters) -> Iterable[Measure]:
    looked = house.reckonings.latest()
    return reconciled("intake", {each: looked.count(each) for each in Counter})
