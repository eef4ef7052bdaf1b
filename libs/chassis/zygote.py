"""The process that has imported what a worker needs, and forks one for each order.

``python -sP -m chassis.zygote MODULE:FUNCTION [MODULE …]``, started by
``chassis.workers``. It opens nothing of any file and has no secret: it is a fresh
program with an environment of its own, and its one handle is the control socket on its
standard input. Over that come only handles (a seat, an order, a folder), never a word
to parse, and nothing ever comes from a worker but how it ended. See
docs/decisions/0099. Start at ``main``.
"""

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from chassis.libc import LIBC

HANDLES: Final = 3
"""What one message brings: the seat, the order, and the folder of the worker."""
_FIRST_UNSHARED: Final = 3
_PR_SET_PDEATHSIG: Final = 1

Work = Callable[[], int]
"""A worker's whole life: reads its order from standard input, answers its exit code."""


def main(entry: str, *preloaded: str) -> int:
    """Until the service closes its end and every worker has ended.

    ``entry`` is the worker's ``module:function``; the other modules are those that it
    would import late.
    """
    module, _, function = entry.partition(":")
    work: Work = getattr(importlib.import_module(module), function)
    for name in preloaded:
        importlib.import_module(name)
    # A lock that another thread has at the moment of a fork stays shut in the child.
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError("an import has started a thread")
    # What lives now lives to the end: a collection in a child would touch, and so
    # copy, every page of it.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as control:
        _Forks(control, work).serve()
    return 0


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    handle: int
    """A pidfd: it can be read when the process has ended."""
    seat: socket.socket
    """How it ended is written here. The service closes its end to have it ended."""


class _Forks:
    """One thread, one thing at a time, so no process id is used after its end."""

    def __init__(self, control: socket.socket, work: Work) -> None:
        self._control = control
        self._work = work
        self._events = selectors.PollSelector()

    def serve(self) -> None:
        self._events.register(self._control, selectors.EVENT_READ, self._take)
        while self._events.get_map():
            # One event at a time: it may have been the end of the next one's handle.
            key, _ = self._events.select()[0]
            key.data()

    def _take(self) -> None:
        _, handles, _, _ = socket.recv_fds(self._control, 1, HANDLES)
        if not handles:
            # The service is gone or wants no more: what it still waits for has its
            # seat, and what it does not wait for was ended by that seat's end.
            self._events.unregister(self._control)
            return
        seat, *rest = handles
        with socket.socket(fileno=seat) as line:
            if len(handles) == HANDLES:
                self._fork(line.dup(), *rest)
        for handle in rest:
            os.close(handle)

    def _fork(self, seat: socket.socket, order: int, into: int) -> None:
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # None to be had: the service sees the seat closed without an answer.
            seat.close()
            return
        if not pid:
            _live(self._work, zygote, order, into)
        child = _Child(pid, os.pidfd_open(pid), seat)
        self._events.register(
            child.seat, selectors.EVENT_READ, lambda: self._end(child)
        )
        self._events.register(
            child.handle, selectors.EVENT_READ, lambda: self._bury(child)
        )

    def _end(self, child: _Child) -> None:
        """The service has closed its end: time is over, or nobody waits any more."""
        self._events.unregister(child.seat)
        _kill(child.pid)

    def _bury(self, child: _Child) -> None:
        """Ended: end what it has left of its group, and say how it ended."""
        # Before the wait: until then nobody else can get this number.
        _kill(child.pid)
        _, status = os.waitpid(child.pid, 0)
        self._events.unregister(child.handle)
        os.close(child.handle)
        if child.seat in self._events.get_map():
            self._events.unregister(child.seat)
        with child.seat, contextlib.suppress(OSError):
            child.seat.send(b"%d" % os.waitstatus_to_exitcode(status))


def _kill(pid: int) -> None:
    """The group; and the process, which may not have made its group yet."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def _live(work: Work, zygote: int, order: int, into: int) -> NoReturn:
    """The child: a session and a folder of its own, the order, and nothing else open.

    Nothing more is to be undone: the zygote has no signal handlers and no threads.
    Python, OpenSSL and ``tempfile`` draw fresh random numbers after a fork.
    """
    code = 1
    try:
        LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == zygote:
            os.setsid()
            os.fchdir(into)
            os.dup2(order, 0)
            os.closerange(_FIRST_UNSHARED, os.sysconf("SC_OPEN_MAX"))
            sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - a number
            code = work()
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
