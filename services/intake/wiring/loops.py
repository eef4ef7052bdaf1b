"""What the desk does by itself: sweep old rows, and rebuild what was cut short."""

import asyncio
import contextlib
from functools import partial
from typing import Final

import structlog

from ecopy.dead_letter import BusAway
from ecopy.refusals import Trouble
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.leases import SqlLeases
from intake.usecases import files
from intake.usecases.replaying import Replaying
from intake.wiring.bindings import Adapters, swept

log = structlog.get_logger()

SWEEP_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 10.0
"""With the lease of a file: half a minute after a crash at the latest it is taken."""
HINDERED_SECONDS: Final = 30.0
"""While trouble lasts each try may cost a whole rebuild."""
REPLAY_SECONDS: Final = 10.0
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


async def settle_rest(house: Adapters, stop: asyncio.Event) -> None:
    """Rebuild what a crash or trouble cut short, as soon as it is in nobody's hand."""
    while not stop.is_set():
        pause = SETTLE_SECONDS if await settled(house) else HINDERED_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def send_replays(replaying: Replaying, stop: asyncio.Event) -> None:
    """Send the replays of dead letters that a crash or an absent bus left over."""
    while not stop.is_set():
        try:
            await replaying.send_rest()
        except (BusAway, Trouble) as error:
            log.warning("replays_hindered", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REPLAY_SECONDS)


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
