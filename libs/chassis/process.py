"""Run a service until told to stop, then finish what is in hand (< 10 s)."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

import structlog

from chassis.hard_end import HardEnd
from chassis.libc import LIBC
from chassis.starting import CannotStart

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


async def run(tasks: Iterable[Task], *, grace_seconds: float = GRACE_SECONDS) -> None:
    """Run *tasks* side by side. SIGTERM sets the stop event; one crash stops all.

    From then on this process has *grace_seconds* for its tasks, for what the caller
    closes behind them, and for Python's own end (``hard_end``). The supervisor, or
    docker, would kill it in the middle of a write of its own choosing; and where they
    are gone, nobody would.

    Raises CannotStart where a task could not begin, else an ExceptionGroup.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_soon() -> None:
        # A loop that is closed already has stopped whatever there was to stop.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    end = HardEnd(grace_seconds, stop_soon)
    noticing = asyncio.create_task(_begin_with(stop, end))
    try:
        await side_by_side(tasks, stop)
    except ExceptionGroup as broken:
        if cause := _why_not(broken):
            raise cause from broken
        raise
    finally:
        end.begin()
        noticing.cancel()


async def side_by_side(tasks: Iterable[Task], stop: asyncio.Event) -> None:
    """Run *tasks* until all have ended. Where one breaks, the others are cancelled and
    *stop* is set. Raises an ExceptionGroup of what broke.
    """
    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(_stopping_all(task, stop))


def _why_not(broken: ExceptionGroup[Exception]) -> CannotStart | None:
    """The one error that an operator can act on; the others came with it."""
    found: Exception | None = broken.subgroup(CannotStart)
    while isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, CannotStart) else None


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


async def _begin_with(stop: asyncio.Event, end: HardEnd) -> None:
    """Where a task has broken there was no signal, and another one may hang."""
    await stop.wait()
    log.info("stopping")
    end.begin()
