"""Wait for a state with a deadline; never for a time."""

import asyncio
import inspect
import time
from collections.abc import Callable


async def until(state: Callable[[], object], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = state()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"not so within {seconds:g} s: {inspect.getsource(state)}")
