"""The end of a process that was told to stop and does not come to it by itself.

After its tasks a service closes what it has opened, and then Python joins threads on
its way out; any of that can hang, with the event loop or without it. So the clock is a
thread's, and behind the thread stands the kernel's timer. Start at ``HardEnd``.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import CoroutineType, FrameType
from typing import Final, NoReturn

import structlog

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
LAST_SECONDS: Final = 1.0
"""How long after the thread the kernel's timer (setitimer(2)) ends the process: where
the thread cannot have the interpreter, or waits for a log that takes nothing."""
MOST_NAMED: Final = 24
INNERMOST: Final = 4
log = structlog.get_logger()


class HardEnd:
    """Ends this process *grace_seconds* after the first SIGTERM, SIGINT or ``begin``,
    with status 1 and a line in the log of what was still open; or never, where the
    process ends before.

    *on_signal* is called in this object's own thread: the main one may be what hangs.
    MUST be made in the main thread, and once in a process: it takes over the signals.
    """

    def __init__(self, grace_seconds: float, on_signal: Callable[[], object]) -> None:
        self._grace_seconds = grace_seconds
        self._on_signal = on_signal
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        self._loop = asyncio.get_running_loop()
        # A daemon: Python must not wait for the thread that ends its waiting.
        threading.Thread(target=self._wait, name="hard-end", daemon=True).start()
        # The C part of Python writes the number of a signal there at once. A handler in
        # Python would wait until the main thread comes back from what it hangs in.
        signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, _heard)

    def begin(self) -> None:
        """Stopping has begun without a signal; harmless to repeat."""
        os.write(self._tell, b"\0")

    def _wait(self) -> None:
        # Other signals that Python handles write their number there, too.
        while (told := os.read(self._told, 1)[0]) not in {0, *SIGNALS}:
            pass
        signal.setitimer(signal.ITIMER_REAL, self._grace_seconds + LAST_SECONDS)
        deadline = time.monotonic() + self._grace_seconds
        if told:
            self._on_signal()
        time.sleep(max(0.0, deadline - time.monotonic()))
        self._end()

    def _end(self) -> NoReturn:
        try:
            log.error(
                "stopped_hard",
                after_seconds=self._grace_seconds,
                tasks=list(_open_tasks(self._loop))[:MOST_NAMED],
                threads=list(_open_threads())[:MOST_NAMED],
            )
        finally:
            os._exit(1)


def _heard(_number: int, _frame: FrameType | None) -> None:
    """The signal is the thread's matter; with no handler at all it would end us now."""


def _open_tasks(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    for task in asyncio.all_tasks(loop):
        yield f"{task.get_name()} at {_place_of(task.get_coro())}"


def _open_threads() -> Iterator[str]:
    frames = sys._current_frames()  # noqa: SLF001 - Python's own name for it
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if thread is not threading.current_thread() and frame is not None:
            yield f"{thread.name} at {_place(frame)}"


def _place_of(work: object) -> str:
    """Where *work* waits, from the outermost coroutine to the innermost."""
    places = []
    while isinstance(work, CoroutineType):
        if work.cr_frame is not None:
            places.append(_place(work.cr_frame))
        work = work.cr_await
    return " > ".join(places[-INNERMOST:])


def _place(frame: FrameType) -> str:
    """Module, line and function, and nothing that a variable holds."""
    module = frame.f_globals.get("__name__", "?")
    return f"{module}:{frame.f_lineno} {frame.f_code.co_name}"
