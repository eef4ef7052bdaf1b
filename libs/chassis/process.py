"""Run a service until told to stop, then finish what is in hand (< 10 s)."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

import structlog

from chassis.libc import LIBC

Task = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

GRACE_SECONDS: Final = 8.0
"""What is not finished by then is delivered again: every step bears that."""
_PR_SET_DUMPABLE: Final = 4
log = structlog.get_logger()


def hide_memory() -> None:
    """No other process of the same account reads or writes this one's memory, takes
    its handles or sees its environment, and no core file preserves its keys. Root
    still may. A service calls it before it reads a secret.
    """
    if LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        log.warning("memory_not_hidden")


async def run(tasks: Iterable[Task]) -> None:
    """Run *tasks* side by side. SIGTERM sets the stop event; one crash stops all."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A task that hangs in its last step must not keep the process: the supervisor, or
    # docker, would kill it in the middle of a write of its own choosing.
    deadline = asyncio.create_task(_end_hard(stop))
    try:
        await side_by_side(tasks, stop)
    finally:
        deadline.cancel()


async def side_by_side(tasks: Iterable[Task], stop: asyncio.Event) -> None:
    """Run *tasks* until all have ended. Where one breaks, the others are cancelled and
    *stop* is set. Raises an ExceptionGroup of what broke.
    """
    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(_stopping_all(task, stop))


async def _stopping_all(task: Task, stop: asyncio.Event) -> None:
    try:
        await task(stop)
    except Exception:
        # To cancel the others is not enough. ``asyncio.wait_for``, on which the bus's
        # client stands, loses a cancellation that comes in the same turn as its answer
        # (python/cpython#86296, mended in 3.12), and a loop would go on for ever, in a
        # process that answers nobody. Each of them looks at *stop*.
        stop.set()
        raise


async def _end_hard(stop: asyncio.Event) -> None:
    await stop.wait()
    log.info("stopping")
    await asyncio.sleep(GRACE_SECONDS)
    log.error("stopped_hard", after_seconds=GRACE_SECONDS)
    os._exit(1)
