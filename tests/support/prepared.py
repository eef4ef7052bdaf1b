"""Confined workers without the start of Python, for the tests that ask about files.

A start with its imports takes 0.2 s of the processor for a scan and 0.5 s for a
signature, and these tests read two thousand files: so each test process keeps one
parent a kind, which forks a worker for each file (``prepared_parent``). How a worker
starts, and how it is ended from outside, is for the tests that start it each time:
``test_rebuild_hostile``, ``test_rebuild_jpeg``, ``test_sandbox``,
``test_strangers_reader``.
"""

import asyncio
import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from chassis import sandbox
from chassis.confined import WorkerAbsent
from intake.adapters.rebuild.process import ENVIRONMENT, SandboxedRebuilder
from strangers.reader import SignatureReader, _Seat

FORMATS = ("Bmp", "Gif", "Jpeg", "Png", "Ppm")
REBUILD = (
    "intake.adapters.rebuild.worker",
    "simplejpeg",
    *(f"PIL.{name}ImagePlugin" for name in FORMATS),
)
"""The worker, and what it imports before (``Image.preinit``) and behind its walls."""
STRANGERS = ("strangers.worker",)


class PreparedRebuilder(SandboxedRebuilder):
    """Intake's rebuilder over workers that are forked where it would start them."""

    async def _outcome(self, order: bytes, _name: str, into: Path) -> int:
        return await _Forked(REBUILD, into).run(order)


class PreparedReader(SignatureReader):
    """The reader of strangers' signatures over workers that are forked, too."""

    async def _seat(self) -> _Seat:
        directory = await asyncio.to_thread(tempfile.TemporaryDirectory)
        return _Seat(_Forked(STRANGERS, Path(directory.name)), directory)


class _Forked:
    """In place of ``confined.Worker``: one process for one order, in *into*."""

    def __init__(self, kind: tuple[str, ...], into: Path) -> None:
        self._kind = kind
        self._into = into

    async def run(self, order: bytes, *, wall_seconds: float = 0) -> int:
        """How it ended. Its own timer bounds its time: see ``sandbox.confine``."""
        del wall_seconds
        code = await asyncio.to_thread(_parent(self._kind).ask, order, self._into)
        if code and not await asyncio.to_thread((self._into / sandbox.CONFINED).exists):
            raise WorkerAbsent(f"ended with {code} before it opened a file")
        return code

    async def end(self) -> int:
        """There is no process before ``run``, and none after it."""
        return 0


class _Parent:
    """The process that forks; one order at a time."""

    def __init__(self, kind: tuple[str, ...]) -> None:
        paths = {"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            (sys.executable, "-sP", "-m", "support.prepared_parent", *kind),
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
def _parent(kind: tuple[str, ...]) -> _Parent:
    """One for this test process; it ends with it."""
    started = _Parent(kind)
    atexit.register(started.end)
    return started
