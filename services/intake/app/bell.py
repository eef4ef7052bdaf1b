"""Pages that wait hear that something has changed, and look again by themselves.

A stream says no more than "look": what there is to see, the page asks for as its reader
may see it. One look at the database a second serves all pages of this process, whatever
replica made the change. A stream is short, so that it ends soon after its session; the
browser opens the next one, which the guard judges anew. Where there is no bell, or too
many hear it, a page asks by itself every few seconds (docs/decisions/0125).
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import structlog

from ecopy.refusals import Trouble
from intake.ports import Changes

PAUSE_SECONDS: Final = 1.0
HEARTBEAT_SECONDS: Final = 15.0
"""A proxy may end what has been silent for half a minute."""
LIFE_SECONDS: Final = 55.0
MOST_STREAMS: Final = 200
MOST_OF_ONE: Final = 6
"""Streams of one person: a browser opens six connections to a house, and no more."""
OPENED: Final = b"retry: 3000\n\n"
LOOK: Final = b"event: look\ndata: \n\n"
STILL_HERE: Final = b": still here\n\n"

log = structlog.get_logger()


class Bell:
    """The streams of this process. One task runs ``run``; each stream is a ``ring``."""

    def __init__(
        self,
        changes: Changes,
        *,
        pause: float = PAUSE_SECONDS,
        life: float = LIFE_SECONDS,
    ) -> None:
        self._changes, self._pause, self._life = changes, pause, life
        self._waiting: dict[asyncio.Event, str] = {}
        self._people: Counter[str] = Counter()
        self._stopped = False

    def full_for(self, user: str) -> bool:
        return len(self._waiting) >= MOST_STREAMS or self._people[user] >= MOST_OF_ONE

    async def run(self, stop: asyncio.Event) -> None:
        """Wake the streams of each agency in which an act was recorded, until *stop*.
        Then all of them end, so that the server need not wait for them.
        """
        seen: int | None = None
        while not stop.is_set():
            # Nobody waits: what happens meanwhile, a page sees when it is opened.
            seen = await self._look(seen) if self._waiting else None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause)
        self._stopped = True
        for event in self._waiting:
            event.set()

    async def _look(self, seen: int | None) -> int | None:
        try:
            last, agencies = await self._changes.since(seen)
        except Trouble as trouble:
            log.warning("bell_hindered", error=str(trouble))
            return seen
        for event, agency in self._waiting.items():
            if agency in agencies:
                event.set()
        return last

    async def ring(self, user: str, agency: str) -> AsyncIterator[bytes]:
        """A stream of server-sent events, from its first words to its end."""
        event = asyncio.Event()
        self._waiting[event] = agency
        self._people[user] += 1
        ends = asyncio.get_running_loop().time() + self._life
        try:
            yield OPENED
            while not self._stopped and asyncio.get_running_loop().time() < ends:
                yield await self._next(event)
        finally:
            del self._waiting[event]
            self._people[user] -= 1

    async def heard(self, user: str, agency: str, seconds: float) -> bool:
        """Whether something happened there within *seconds*; at once False where too
        many wait already.
        """
        if self._stopped or self.full_for(user):
            return False
        event = asyncio.Event()
        self._waiting[event] = agency
        self._people[user] += 1
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            del self._waiting[event]
            self._people[user] -= 1
        return True

    async def _next(self, event: asyncio.Event) -> bytes:
        try:
            await asyncio.wait_for(event.wait(), min(HEARTBEAT_SECONDS, self._life))
        except TimeoutError:
            return STILL_HERE
        event.clear()
        return LOOK
