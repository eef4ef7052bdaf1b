"""Reading the whole archive again and again, slowly, so that rot is met before a
citizen meets it.

``ScrubLoop`` is the service's own, paced and resumed; ``whole_pass`` is the command's.
What is found is in ``scrubs``, so a process that starts goes on where the last one was.
See docs/decisions/0088. Start at ``ScrubLoop.run``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final, Protocol

import structlog

from chassis.clock import Clock
from chassis.database import Database
from chassis.objects import Objects
from ecopy.refusals import Trouble
from storage.adapters.aside import SET_ASIDE
from storage.adapters.downloads import CheckedArchive
from storage.adapters.healing import own_key
from storage.adapters.scrubs import SqlScrubs
from storage.domain.soundness import Examined

log = structlog.get_logger()

LOCK: Final = "scrub"
AGAIN_SECONDS: Final = 60.0
"""The pause when nothing is due, another replica scrubs, or something does not answer.
"""
FIGURES_SECONDS: Final = 3600.0
"""How often the counters go to the log, where whoever watches this service reads them.
"""
EARLIER: Final = 0.75
"""A copy is read again after this share of its time: copies that were archived on one
day are due on one day, and the rest of the time is for reading them all."""
AT_ONCE: Final = 100
"""Rows read at once in a whole pass."""
FAMILY: Final = "ecopy_storage_scrub"


class ScrubPace(Protocol):
    @property
    def days(self) -> float: ...
    @property
    def bytes_per_second(self) -> int: ...


class ScrubLoop:
    """Reads the copy that was read longest ago, then rests as long as its bytes may
    have taken; one replica at a time.
    """

    def __init__(
        self,
        database: Database,
        downloads: CheckedArchive,
        clock: Clock,
        pace: ScrubPace,
    ) -> None:
        self._database = database
        self._downloads = downloads
        self._scrubs = SqlScrubs(database, clock)
        self._clock = clock
        self._every = timedelta(days=pace.days)
        self._rate = pace.bytes_per_second

    async def run(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        next_figures = loop.time()
        while not stop.is_set():
            pause = await self.step()
            if loop.time() >= next_figures:
                next_figures = loop.time() + FIGURES_SECONDS
                await self._log_figures()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def step(self) -> float:
        """Read one copy if one is due; the seconds to wait before the next step."""
        try:
            if not await self._database.holds(LOCK):
                return AGAIN_SECONDS
            copy = await self._scrubs.due(self._clock() - EARLIER * self._every)
            if copy is None:
                return AGAIN_SECONDS
            # A crash in here leaves the row as it was: the copy is due again.
            await self._downloads.examine(copy)
        except Trouble as error:
            log.warning("scrub_waits", why=str(error))
            return AGAIN_SECONDS
        return copy.size / self._rate

    async def _log_figures(self) -> None:
        with contextlib.suppress(Trouble):  # the next hour has them
            log.info("archive_scrub", **await figures(self._downloads, self._scrubs))


async def whole_pass(
    downloads: CheckedArchive, scrubs: SqlScrubs
) -> AsyncIterator[Examined]:
    """Read every archived copy now, in the order of the entries. Raises Trouble."""
    entry = ""
    while copies := await scrubs.after(entry, AT_ONCE):
        for copy in copies:
            yield await downloads.examine(copy)
            entry = copy.entry


async def strays(archive: Objects, scrubs: SqlScrubs) -> list[str]:
    """The keys of objects that are no copy of the catalogue, or one whose file was
    removed, nor put aside.
    """
    found = []
    async for key, _ in archive.listing():
        if key.startswith(f"{SET_ASIDE}/"):
            continue
        copy = await scrubs.copy(key.removesuffix("/copy.pdf"))
        if copy is None or own_key(copy) != key or await scrubs.removed(copy.entry):
            found.append(key)
    # A copy that is archived just now is an object first and a row soon after.
    return [k for k in found if not await scrubs.keeps(k.removesuffix("/copy.pdf"))]


async def figures(downloads: CheckedArchive, scrubs: SqlScrubs) -> dict[str, float]:
    """The counters since the start, and how much of the archive was read when."""
    counts, covered = downloads.counts, await scrubs.coverage()
    said: dict[str, float] = {
        f"{FAMILY}_{name}_total": counts[name]
        for name in (
            *("checked", "rotten", "cut", "missing", "unreadable"),
            *("healed", "not_healed", "withheld"),
        )
    }
    age = scrubs.age(covered.oldest)
    return said | {
        f"{FAMILY}_copies": covered.copies,
        f"{FAMILY}_unchecked": covered.unchecked,
        f"{FAMILY}_bad": covered.bad,
        f"{FAMILY}_oldest_seconds": age,
    }
