"""The rebuild worker without the start of Python, for the tests that ask about files.

``python -m support.prepared`` has imported what the worker imports and has opened no
file. For each order it forks a child, and the child is the worker: its ``main``, its
bounds, its walls, a session of its own. A start of Python is 0.2 s of processor time,
and these tests rebuild a thousand files. How a worker starts, and how it is ended from
outside, is for ``test_rebuild_hostile`` and ``test_sandbox``, which start it each time.
"""

import asyncio
import atexit
import io
import json
import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import NoReturn

import numpy as np  # noqa: F401 - what the worker imports late
import simplejpeg  # noqa: F401
from PIL import Image

from chassis import sandbox
from chassis.confined import WorkerAbsent
from intake.adapters.rebuild import worker
from intake.adapters.rebuild.process import ENVIRONMENT, SandboxedRebuilder

COMMAND = (sys.executable, "-sP", "-m", "support.prepared")


class PreparedRebuilder(SandboxedRebuilder):
    """Intake's rebuilder over workers that are forked where it would start them."""

    async def _outcome(self, order: bytes, _name: str, into: Path) -> int:
        """No deadline here: the worker's own timer ends it (``sandbox.confine``)."""
        code = await asyncio.to_thread(_parent().ask, order, into)
        if code and not await asyncio.to_thread((into / sandbox.CONFINED).exists):
            raise WorkerAbsent(f"ended with {code} before it opened a file")
        return code


class _Parent:
    """The process that forks; one order at a time."""

    def __init__(self) -> None:
        paths = {"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=paths | ENVIRONMENT,
            text=True,
        )

    def ask(self, order: bytes, into: Path) -> int:
        """How the worker for *order* ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"order": order.decode(), "into": str(into)})
        with self._lock:
            print(line, file=self._process.stdin, flush=True)
            return int(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


@cache
def _parent() -> _Parent:
    """One for this test process; it ends with it."""
    started = _Parent()
    atexit.register(started.end)
    return started


def main() -> None:
    Image.preinit()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _work(asked["order"], asked["into"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(order: str, into: str) -> NoReturn:
    """The child: as ``confined.Worker.start`` places a worker."""
    code = 1
    try:
        os.setsid()
        os.chdir(into)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        os.closerange(3, nowhere + 1)
        sys.stdin = io.StringIO(order)
        code = worker.main()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
