"""Worker processes for hostile files: forked, given one order, bounded and ended.

A worker costs a fork, not a start of Python with its imports. The process that forks is
``chassis.zygote``, the wall that the worker puts round itself ``chassis.sandbox``; what
order and report say is the business of whoever owns the worker
(docs/decisions/0099). Start at ``Zygote.run``.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from chassis import sandbox
from chassis.confined import WorkerAbsent

PROGRAM: Final = "chassis.zygote"
ORDERS: Final = 100
"""All workers of one zygote have the same places in memory and the same hashes of
words. What one that was taken over could learn of them serves at most so many later
files; to start anew costs each of these files 5 ms."""
CLOSE_SECONDS: Final = 5.0
ANSWER_BYTES: Final = 16


class Zygote:
    """Workers of one kind, each forked for one order by a process that has imported
    all that they need (``chassis.zygote``).

    That process starts with the first order, and anew when it has died or has had
    ``orders`` of them. It is this program's child but not its copy: nothing of this
    memory, this environment or these handles is in it.
    """

    def __init__(
        self,
        entry: str,
        *preloaded: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        orders: int = ORDERS,
    ) -> None:
        """*entry* is the worker's ``module:function``, which reads its order from
        standard input and answers its exit code; *preloaded* are modules that it would
        import late; *environment* is all that it is given besides its search path and
        its locale; after *orders* it is replaced.
        """
        self._command = (sys.executable, "-sP", "-m", PROGRAM, entry, *preloaded)
        self._environment = dict(environment)
        self._orders = orders
        self._forks: _Forks | None = None
        self._retired: list[_Forks] = []

    def start(self) -> None:
        """Start it now, so that no file waits for its imports; harmless to repeat."""
        self._current()

    def close(self) -> None:
        """End it; a worker in hand ends when whoever waits for it gives up."""
        if self._forks is not None:
            self._retire(self._forks)
        for forks in self._retired:
            forks.end()
        self._retired.clear()

    async def run(self, order: bytes, *, into: Path, wall_seconds: float) -> int:
        """How a worker in the empty folder *into* ended: 0, or in
        ``confined.STARVED``, or else.

        All of its group are killed by then. Raises TimeoutError when the time is over,
        WorkerAbsent if none could start or if it ended before it was locked in.
        """
        try:
            seat = self._current().fork(order, into)
        except OSError as error:
            raise WorkerAbsent(f"not forked: {error}") from error
        with seat:
            code = await _end_of(seat, wall_seconds)
        # It marks itself before it opens the file, so without the mark the file is not
        # to blame.
        if code and not await asyncio.to_thread((into / sandbox.CONFINED).exists):
            raise WorkerAbsent(f"ended with {code} before it opened a file")
        return code

    def _current(self) -> "_Forks":
        """Nothing is awaited here: one event loop asks, so one process is started."""
        forks = self._forks
        if forks is not None and (forks.ended() or forks.orders >= self._orders):
            self._retire(forks)
        if self._forks is None:
            self._forks = _Forks(self._command, self._environment)
        return self._forks

    def _retire(self, forks: "_Forks") -> None:
        """It takes no more orders, and goes when its last worker has ended."""
        self._forks = None
        forks.control.close()
        self._retired = [each for each in (*self._retired, forks) if not each.ended()]


class _Forks:
    """One running zygote and the service's end of its control socket."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.orders = 0
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Never waits: so many orders that the kernel takes no more are trouble.
        self.control.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={
                    "PYTHONPATH": os.pathsep.join(sys.path),
                    "LC_ALL": "C.UTF-8",
                    **environment,
                },
                start_new_session=True,
            )

    def fork(self, order: bytes, into: Path) -> socket.socket:
        """The service's end of a new worker's seat. Raises OSError."""
        self.orders += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        try:
            with theirs, _in_memory(order) as text, _opened(into) as folder:
                handles = [theirs.fileno(), text, folder]
                socket.send_fds(self.control, [b"\0"], handles)
        except OSError:
            ours.close()
            raise
        return ours

    def ended(self) -> bool:
        return self._process.poll() is not None

    def end(self) -> None:
        """It ends by itself when its workers have; one that hangs takes them along."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_SECONDS)
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def open_zygote(zygote: Zygote) -> Iterator[Zygote]:
    """Ended on leaving; whoever still waits for a worker of it must be gone then."""
    try:
        yield zygote
    finally:
        zygote.close()


@contextlib.contextmanager
def _in_memory(order: bytes) -> Iterator[int]:
    """A file without a name, read from its start: an order may be megabytes long."""
    text = os.memfd_create("order")
    try:
        with open(text, "wb", closefd=False) as file:
            file.write(order)
        os.lseek(text, 0, os.SEEK_SET)
        yield text
    finally:
        os.close(text)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


async def _end_of(seat: socket.socket, wall_seconds: float) -> int:
    """The exit code; the worker has ended, also where this raises."""
    loop = asyncio.get_running_loop()
    answer = loop.create_task(loop.sock_recv(seat, ANSWER_BYTES))
    try:
        await asyncio.wait({answer}, timeout=wall_seconds)
        late = not answer.done()
    finally:
        # Too late, or nobody waits any more: this end has the zygote kill the group,
        # and its answer says that it has.
        seat.shutdown(socket.SHUT_WR)
        code = await answer
    if late:
        raise TimeoutError
    if not code:
        raise WorkerAbsent("the process that forks has ended")
    return int(code)
