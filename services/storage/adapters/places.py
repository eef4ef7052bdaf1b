"""Places for files to be judged: as many as the machine bears, in turn by sender.

A file asks for its place when all of it has arrived, so a slow sender holds none. When
all are taken, the next free one goes to the sender that has the fewest.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from storage.ports import BusyError


@dataclass(frozen=True, slots=True)
class _Waiting:
    sender: str
    turn: asyncio.Future[None]


class JudgingPlaces:
    """So many places, given in turn. It has no lock: all of it runs in one event loop,
    and nothing is awaited between a look at the numbers and their change.
    """

    def __init__(self, most: int, *, wait_seconds: float) -> None:
        self._free = most
        self._wait_seconds = wait_seconds
        self._taken: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []

    @contextlib.asynccontextmanager
    async def take(self, sender: str) -> AsyncIterator[None]:
        """Raises BusyError if none becomes free in time."""
        await self._enter(sender)
        try:
            yield
        finally:
            self._leave(sender)

    async def _enter(self, sender: str) -> None:
        if self._free:
            self._free -= 1
            self._taken[sender] += 1
            return
        mine = _Waiting(sender, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        # BaseException: a request that is cancelled while it waits must leave the
        # queue, or the place that is given to it later would be lost for ever.
        try:
            async with asyncio.timeout(self._wait_seconds):
                await mine.turn
        except BaseException as error:
            self._give_up(mine)
            if isinstance(error, TimeoutError):
                raise BusyError from error
            raise

    def _give_up(self, mine: _Waiting) -> None:
        """Its turn may have come in the very moment in which it went away."""
        if mine in self._waiting:
            self._waiting.remove(mine)
        else:
            self._leave(mine.sender)

    def _leave(self, sender: str) -> None:
        self._taken[sender] -= 1
        if not self._taken[sender]:
            del self._taken[sender]
        if not self._waiting:
            self._free += 1
            return
        # The first of equals, so nobody is overtaken by their own kind.
        following = min(self._waiting, key=lambda one: self._taken[one.sender])
        self._waiting.remove(following)
        self._taken[following.sender] += 1
        if not following.turn.done():
            following.turn.set_result(None)
