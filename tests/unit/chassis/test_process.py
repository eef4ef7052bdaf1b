"""What becomes of a service's other tasks when one of them breaks."""

import asyncio
import contextlib

import pytest

from chassis import process
from support.waiting import until


class BrokenTaskError(Exception):
    """What one of the tasks ends with."""


async def test_a_task_that_loses_its_cancellation_ends_all_the_same():
    """``asyncio.wait_for`` loses one in Python 3.11; who looks at *stop* still ends."""
    running, stop = asyncio.Event(), asyncio.Event()

    async def deaf(stopped):
        with contextlib.suppress(asyncio.CancelledError):
            running.set()
            await asyncio.Event().wait()
        await stopped.wait()

    async def broken(_stopped):
        await running.wait()
        raise BrokenTaskError

    whole = asyncio.create_task(process.side_by_side([deaf, broken], stop))
    try:
        await until(whole.done)
    finally:
        stop.set()
    with pytest.raises(ExceptionGroup) as caught:
        await whole
    assert caught.group_contains(BrokenTaskError)


async def test_a_task_that_returns_stops_no_other():
    """A part may be done before the service is."""
    stop, ended = asyncio.Event(), asyncio.Event()

    async def short(_stopped):
        ended.set()

    async def long(_stopped):
        await ended.wait()
        await asyncio.sleep(0)

    await process.side_by_side([short, long], stop)
    assert not stop.is_set()
