"""The service's side of the wall round a worker that meets one hostile file.

Start it, feed it one order, bound its time, end its whole group, and believe little of
what it leaves. The worker's side is ``chassis.sandbox``; what the order and the report
say is the business of whoever owns the worker. Start reading at ``Worker.run``.
"""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import structlog

from chassis import landlock, sandbox
from chassis.starting import CannotStart

log = structlog.get_logger()
STARVED: Final = frozenset(
    -number
    for number in (
        signal.SIGXCPU,
        signal.SIGKILL,
        signal.SIGALRM,
        signal.SIGABRT,
        signal.SIGTRAP,
        signal.SIGILL,
    )
)
"""How a process ends that ran out of time or memory: pdfium and C++ abort or trap."""


class WorkerAbsent(Exception):
    """No worker could start or lock itself in. The file waits; an operator must act."""


def check_walls(prefix: str, *, accepted: bool) -> None:
    """Say in the log what this kernel gives. Raises CannotStart where it gives less
    than the whole and ``prefix``'s setting does not accept that.
    """
    lacking = sandbox.lacking()
    if not lacking:
        log.info("sandbox_whole", landlock=landlock.version())
        return
    log.warning("sandbox_weak", lacking=lacking, accepted=accepted)
    if not accepted:
        raise CannotStart(
            f"nhân hệ điều hành này thiếu {' và '.join(lacking)}: một chương trình giấu"
            " trong tệp của người khác có thể đọc và ghi mọi thứ mà dịch vụ này đọc và"
            " ghi được. Dùng Linux 5.13 trở lên có bật seccomp và Landlock (trong"
            " container: Docker 23 trở lên), hoặc chấp nhận rủi ro bằng"
            f" {prefix}__ACCEPT_WEAK_SANDBOX=true",
            f"this kernel gives no {' and no '.join(lacking)}: a program hidden in"
            " somebody's file could read and write whatever this service can. Use Linux"
            " 5.13 or newer with seccomp and Landlock switched on (in a container:"
            " Docker 23 or newer), or accept the danger with"
            f" {prefix}__ACCEPT_WEAK_SANDBOX=true",
        )


class Worker:
    """One process for one order; it may be started before the order is known."""

    def __init__(self, process: asyncio.subprocess.Process, into: Path) -> None:
        self._process = process
        self._into = into

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        into: Path,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> "Worker":
        """A fresh process in the empty directory ``into``, waiting for its order.

        ``environment`` is all that it is given besides its search path and its locale.
        It dies by itself with this process: its standard input ends then.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=into,
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "LC_ALL": "C.UTF-8",
                **environment,
            },
            start_new_session=True,
        )
        return cls(process, into)

    async def run(self, order: bytes, *, wall_seconds: float) -> int:
        """How the process ended, 0 or in ``STARVED`` or else.

        Nothing of its group is left then. Raises TimeoutError when the time is over,
        WorkerAbsent if it ended before it was locked in.
        """
        try:
            async with asyncio.timeout(wall_seconds):
                await self._process.communicate(order)
        finally:
            code = await self.end()
        # It marks itself before it opens the file, so without the mark the file is not
        # to blame.
        if code and not await asyncio.to_thread((self._into / sandbox.CONFINED).exists):
            raise WorkerAbsent(f"ended with {code} before it opened a file")
        return code

    async def end(self) -> int:
        """End the process and all that it started; harmless when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            # The whole group: a worker that was taken over may have left processes
            # behind.
            os.killpg(self._process.pid, signal.SIGKILL)
        return await self._process.wait()


def read_report(path: Path, *, most_bytes: int) -> dict[str, Any]:
    """The JSON object that a worker left. Raises OSError, TypeError, ValueError,
    RecursionError: a worker that was taken over may leave anything.
    """
    if regular_size(path) > most_bytes:
        raise ValueError("report too large")
    report = json.loads(path.read_bytes())
    if not isinstance(report, dict):
        raise TypeError("report is no object")
    return report


def regular_size(path: Path) -> int:
    """The size of a file that a worker made; a link could point anywhere."""
    # Not stat(): a link of the worker could point at a file of the service.
    facts = path.lstat()
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("not a regular file")
    return facts.st_size
