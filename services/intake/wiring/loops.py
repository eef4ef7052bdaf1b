"""What the desk does by itself: sweep old rows, rebuild what was cut short, and ask
again for what nobody has answered.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import structlog

from chassis.marks import MarkStream
from chassis.retained import BusSilent
from ecopy.dead_letter import BusAway
from ecopy.reckoning import Counter
from ecopy.refusals import Trouble
from ecopy.topology import HEAR_ORDERS, HEAR_VOIDS, Consumer
from intake.adapters.sql.counting import reconciliation
from intake.domain.numbering import NumberingStop
from intake.domain.reconciling import Reconciliation
from intake.usecases import news
from intake.usecases.replaying import Replaying
from intake.wiring.adapters import Adapters
from intake.wiring.background import adopted, repeated, swept
from intake.wiring.bindings import settling_of
from intake.wiring.readiness import standstill

log = structlog.get_logger()

Untaken = Callable[[Iterable[Consumer]], Awaitable[int]]
"""How many messages lie on the bus for these consumers."""

SWEEP_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 10.0
"""With the lease of a file: half a minute after a crash at the latest it is taken."""
HINDERED_SECONDS: Final = 30.0
"""While trouble lasts each try may cost a whole rebuild."""
ADOPTED_EVERY: Final = 60
"""Turns, of a minute as a rule: two versions run side by side for minutes, and the look
reads all papers of the house."""
RECKON_SECONDS: Final = 60.0
RECKON_SHARE: Final = 0.01
"""The most of the time that looking through the books may take."""
SHOWN: Final = 10
"""So many findings stand in one line of the log; ``ecopy reconcile`` names all."""
MARKS_SECONDS: Final = 3.0
"""The two small questions to the bus take a few milliseconds."""
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


async def repeat_late(house: Adapters, untaken: Untaken, stop: asyncio.Event) -> None:
    """Publish again what nobody has answered in time, at least once in each pause.

    Nothing while those who hear it have not taken what lies on the bus for them: it may
    be among that, and a service that was away for a night would find it fifty times.
    Numbers that are being voided wait for their own reader alone.
    """
    pause = house.rules.patience.late.total_seconds() / 2
    for turn in itertools.count():
        if stop.is_set():
            return
        if turn % ADOPTED_EVERY == 0:
            await _adopt(house)
        for readers, voids in ((HEAR_VOIDS, True), (HEAR_ORDERS, False)):
            if await _all_taken(untaken, readers):
                await repeated_all(house, stop, voids=voids)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _all_taken(untaken: Untaken, readers: Iterable[Consumer]) -> bool:
    """False also where the bus cannot say: nothing would be heard anyway."""
    try:
        waiting = await untaken(readers)
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


async def repeated_all(house: Adapters, stop: asyncio.Event, *, voids: bool) -> None:
    """All that is late now, batch by batch. Raises nothing: the loop must go on."""
    while not stop.is_set():
        try:
            entries = await repeated(house, voids=voids)
        except Exception:
            # Whatever hinders, the orders stay late and are found in the next turn.
            log.exception("late_orders_not_asked_for")
            return
        for entry in entries:
            log.warning("news_is_late", entry=entry)
        if len(entries) < news.BATCH:
            return


async def listen_for_marks(
    house: Adapters, stream: MarkStream, stop: asyncio.Event
) -> None:
    """Ask the bus for the highest numbers, at the start and every few seconds, and say
    in the log when the register is behind them, and when it is not any more.
    """
    before: NumberingStop | None = None
    heard = True
    while not stop.is_set():
        try:
            house.marks.hear(await stream.read_each())
            heard = True
        except BusSilent as silent:
            # Said once: what was heard before still holds, however long it lasts.
            if heard:
                log.warning("marks_not_heard", error=str(silent))
            heard = False
        before = await _told_if_changed(house, before)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), MARKS_SECONDS)


async def reconcile(house: Adapters, stop: asyncio.Event) -> None:
    """Each minute, or more seldom where the books are long, look them through. What is
    wrong stands in the log as long as it is.
    """
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        began = loop.time()
        try:
            looked = await _looked(house)
            house.reckonings.note(looked)
            if looked.findings:
                log.error("books_do_not_agree", **_figures(looked))
        except Trouble as trouble:
            log.warning("books_not_looked_at", error=str(trouble))
        pause = max(RECKON_SECONDS, (loop.time() - began) / RECKON_SHARE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _looked(house: Adapters) -> Reconciliation:
    at = house.clock()
    return await house.store.read(lambda tx: reconciliation(tx, at))


def _figures(looked: Reconciliation) -> dict[str, int | list[str]]:
    first = looked.findings[:SHOWN]
    return {
        **{counter.value: looked.count(counter) for counter in Counter},
        "first": [f"{finding.kind} {finding.entry}" for finding in first],
    }


async def _told_if_changed(
    house: Adapters, before: NumberingStop | None
) -> NumberingStop | None:
    try:
        why = await standstill(house, house.rules.agencies)
    except Trouble as trouble:
        log.warning("numbering_not_looked_at", error=str(trouble))
        return before
    if why is not None and why != before:
        log.error("no_number_is_given", why=why.key, **why.values)
    if why is None and before is not None:
        log.info("numbers_are_given_again")
    return why


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
    settling = settling_of(house)
    try:
        # Each sweep takes leases one by one, so the two never rebuild the same file.
        swept = await asyncio.gather(*(settling.settle_rest() for _ in range(SWEEPS)))
    except Exception:
        log.exception("files_not_looked_for")
        return False
    hindered = {file for each in swept for file in each}
    if hindered:
        log.warning("files_hindered", files=len(hindered))
    return not hindered
