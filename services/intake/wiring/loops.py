"""What the desk does by itself: sweep old rows, rebuild what was cut short, and ask
again for what nobody has answered.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from ecopy.refusals import Trouble
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.leases import SqlLeases
from intake.usecases import files, news
from intake.wiring.bindings import Adapters, adopted, repeated, swept

log = structlog.get_logger()

Untaken = Callable[[], Awaitable[int]]
"""How many messages lie on the bus for those who hear this service."""

SWEEP_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 10.0
"""With the lease of a file: half a minute after a crash at the latest it is taken."""
HINDERED_SECONDS: Final = 30.0
"""While trouble lasts each try may cost a whole rebuild."""
ADOPTED_EVERY: Final = 60
"""Turns, of a minute as a rule: two versions run side by side for minutes, and the look
reads all papers of the house."""
SWEEPS: Final = 2
"""At once: a slow file does not make all behind it late."""


async def sweep(house: Adapters, stop: asyncio.Event) -> None:
    """Each minute, take out ended sessions and old tries. A database that does not
    answer, or another replica that sweeps just now, leaves them to the next minute.
    """
    while not stop.is_set():
        try:
            await swept(house)
        except Trouble as trouble:
            log.warning("sweep_hindered", error=str(trouble))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_SECONDS)


async def repeat_late(house: Adapters, untaken: Untaken, stop: asyncio.Event) -> None:
    """Publish again what nobody has answered in time, at least once in each pause.

    Nothing while the others have not taken what lies on the bus for them: the order may
    be among it, and a service that was away for a night would find it fifty times.
    """
    pause = house.rules.patience.late.total_seconds() / 2
    for turn in itertools.count():
        if stop.is_set():
            return
        if turn % ADOPTED_EVERY == 0:
            await _adopt(house)
        if await _all_taken(untaken):
            await repeated_all(house, stop)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _all_taken(untaken: Untaken) -> bool:
    """False also where the bus cannot say: nothing would be heard anyway."""
    try:
        waiting = await untaken()
    except Exception as error:  # noqa: BLE001 - whatever the client says, the next turn asks again
        log.warning("bus_not_asked", error=repr(error))
        return False
    if waiting:
        log.info("late_orders_wait", untaken=waiting)
    return not waiting


async def _adopt(house: Adapters) -> None:
    try:
        await adopted(house)
    except Trouble as trouble:
        log.warning("orders_not_adopted", error=str(trouble))


async def repeated_all(house: Adapters, stop: asyncio.Event) -> None:
    """All that is late now, batch by batch. Raises nothing: the loop must go on."""
    while not stop.is_set():
        try:
            entries = await repeated(house)
        except Exception:
            # Whatever hinders, the orders stay late and are found in the next turn.
            log.exception("late_orders_not_asked_for")
            return
        for entry in entries:
            log.warning("news_is_late", entry=entry)
        if len(entries) < news.BATCH:
            return


async def settle_rest(house: Adapters, stop: asyncio.Event) -> None:
    """Rebuild what a crash or trouble cut short, as soon as it is in nobody's hand."""
    while not stop.is_set():
        pause = SETTLE_SECONDS if await settled(house) else HINDERED_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def settled(house: Adapters) -> bool:
    """Whether nothing hinders. Raises nothing: the desk goes on without it."""
    sweep = partial(
        files.settle_rest,
        leases=SqlLeases(house.store, house.clock),
        cases=SqlCases(house.store),
        rebuilder=house.rebuilder,
        clock=house.clock,
    )
    try:
        # Each sweep takes leases one by one, so the two never rebuild the same file.
        swept = await asyncio.gather(*(sweep() for _ in range(SWEEPS)))
    except Exception:
        log.exception("files_not_looked_for")
        return False
    hindered = {file for each in swept for file in each}
    if hindered:
        log.warning("files_hindered", files=len(hindered))
    return not hindered
