"""Wait for a state with a deadline; never for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
LONG_SECONDS = 120.0
"""Enough for what takes a second or two on a quiet machine, however busy this one is;
what hangs in a test hangs longer.
"""


async def until(state: Callable[[], object], *, seconds: float = LONG_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        asked = time.monotonic()
        answer = state()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        # What is dear to ask is asked less often: others here need the processor.
        took = time.monotonic() - asked
        await asyncio.sleep(min(max(0.01, 2 * took), 0.5))
    raise AssertionError(f"not so within {seconds:g} s: {inspect.getsource(state)}")


async def taken(fetch: Callable[[int], Awaitable[Sequence[T]]], count: int) -> list[T]:
    """So many messages of the bus. One fetch may bring fewer of those that lie there:
    after the first it waits for the others some milliseconds only.
    """
    found: list[T] = []

    async def enough() -> bool:
        found.extend(await fetch(count - len(found)))
        return len(found) == count

    await until(enough)
    return found
