"""Whoever approves: so many at a time, or so many a second, until each link is there.

When a link is there is read from the desk's database, read-only and in this process: a
page or an API asked again and again would be the house's load, not the pipeline's.
"""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from bench.thread import approve, look, state
from onebox.house import House
from onebox.story import Filed

POLL_SECONDS: Final = 0.01
LONGEST_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Approved:
    """What a closed loop saw."""

    seconds: list[float]
    """Per copy, from the approval's request to the link."""
    took: float
    """Seconds from the first approval to the last link."""

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def percentile(self, percent: int) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1000


class Approver:
    """A certifier's program, and what it waits for."""

    def __init__(self, house: House, program: httpx.AsyncClient) -> None:
        self._path = house.places.var / "db" / "intake.db"
        self._program = program

    async def ready(self, filed: Filed) -> dict:
        """The document, each of whose pages was looked at."""
        document = await state(self._program, filed)
        await look(self._program, document)
        return document

    async def to_link(self, document: dict, issued: "Issued") -> float:
        began = time.perf_counter()
        await approve(self._program, document)
        await asyncio.wait_for(issued.until(document["id"]), LONGEST_SECONDS)
        return time.perf_counter() - began

    def issued(self) -> "Issued":
        return Issued(f"file:{self._path}?mode=ro")


class Issued:
    """Tells whoever waits that a document has its link."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._waiting: dict[str, asyncio.Event] = {}

    async def until(self, document: str) -> None:
        event = self._waiting.setdefault(document, asyncio.Event())
        await event.wait()

    async def watch(self) -> None:
        """Until it is cancelled."""
        with sqlite3.connect(self._uri, uri=True) as connection:
            while True:
                for document in self._there(connection):
                    self._waiting.pop(document).set()
                await asyncio.sleep(POLL_SECONDS)

    def _there(self, connection: sqlite3.Connection) -> list[str]:
        marks = ",".join("?" * len(self._waiting))
        asked = f"SELECT id FROM documents WHERE state = 'issued' AND id IN ({marks})"
        return [row[0] for row in connection.execute(asked, list(self._waiting))]


async def closed_loop(
    approver: Approver, documents: Sequence[dict], outstanding: int
) -> Approved:
    """Each of so many hands approves the next as soon as its last one has its link."""
    left = iter(documents)
    seconds: list[float] = []
    issued = approver.issued()

    async def hand(mine: Iterable[dict]) -> None:
        for document in mine:  # one iterator for all hands
            took = await approver.to_link(document, issued)
            seconds.append(took)

    watching = asyncio.create_task(issued.watch())
    began = time.perf_counter()
    try:
        await asyncio.gather(*(hand(left) for _ in range(outstanding)))
        return Approved(seconds, time.perf_counter() - began)
    finally:
        watching.cancel()


async def paced(
    approver: Approver, documents: Sequence[dict], per_second: float
) -> list[float]:
    """Seconds from each approval to its link; none waits for the one before."""
    issued = approver.issued()
    watching = asyncio.create_task(issued.watch())
    began, running = time.perf_counter(), []
    try:
        for number, document in enumerate(documents):
            await asyncio.sleep(began + number / per_second - time.perf_counter())
            running.append(asyncio.create_task(approver.to_link(document, issued)))
        return list(await asyncio.gather(*running))
    finally:
        watching.cancel()
