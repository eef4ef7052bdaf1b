"""A loop that looks a service's own books through, and says what does not agree.

Each look is a snapshot of one moment, so what is on its way is consistent in it. Start
at ``Reconciler.run``.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import structlog
from sqlalchemy import Connection

from chassis.database import Database
from ecopy.reckoning import Counter, Discrepancy
from ecopy.refusals import Trouble

log = structlog.get_logger()

LOOK_SECONDS: Final = 60.0
SHARE: Final = 0.01
"""The most of the time that looks may take: long books are looked at more seldom."""
SHOWN: Final = 10
"""So many findings stand in one line of the log; ``ecopy reconcile`` names all."""


class Reconciler:
    """The last look at one service's books, and the loop that makes it."""

    def __init__(
        self,
        database: Database,
        look: Callable[[Connection], Iterator[Discrepancy]],
        missing: Callable[[], int],
    ) -> None:
        """*missing* says how many numbers this service's tables lack of those that it
        had published itself (``chassis.mark_announcer``): they count as a gap.
        """
        self._database = database
        self._look = look
        self._missing = missing
        self._found: tuple[Discrepancy, ...] = ()

    @property
    def figures(self) -> dict[Counter, int]:
        """The three counters, each 0 in a sound house."""
        counts = {c: sum(f.counter is c for f in self._found) for c in Counter}
        return counts | {Counter.GAP: counts[Counter.GAP] + self._missing()}

    async def run(self, stop: asyncio.Event) -> None:
        """Look at once and every minute, until *stop*."""
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            began = loop.time()
            try:
                await self.look()
            except Trouble as trouble:
                log.warning("books_not_looked_at", error=str(trouble))
            pause = max(LOOK_SECONDS, (loop.time() - began) / SHARE)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def look(self) -> None:
        """Look once; what is wrong stands in the log as long as it is. Trouble."""
        self._found = await self._database.read(lambda tx: tuple(self._look(tx)))
        figures = self.figures
        if not any(figures.values()):
            return
        first = [f"{found.kind} {found.entry}" for found in self._found[:SHOWN]]
        counted = {counter.value: number for counter, number in figures.items()}
        log.error("books_do_not_agree", **counted, first=first)
