"""The service's side: hand a stranger's file to a confined worker, believe little.

One process per file, so nothing of a hostile file waits for the next one. Importing
pyHanko takes most of the time, so a service that answers people keeps one worker that
has done it and waits for its order (``warm``); see docs/decisions/0057. Start at
``SignatureReader``.
"""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import structlog
from pydantic import ValidationError

from chassis import confined, temporary
from chassis.confined import Worker, WorkerAbsent
from strangers.facts import Findings
from strangers.limits import ReaderLimits

log = structlog.get_logger()

WORKER: Final = (sys.executable, "-sP", "-m", "strangers.worker")
NOT_LOOKED: Final = Findings(outcome="not-looked")
TOO_MUCH: Final = Findings(outcome="too-much")
UNREADABLE: Final = Findings(outcome="unreadable")
_STARVED: Final = confined.STARVED | {-signal.SIGPROF}


@dataclass(frozen=True, slots=True)
class _Seat:
    """A worker and the directory in which it leaves its report."""

    worker: Worker
    directory: tempfile.TemporaryDirectory[str]

    @property
    def report(self) -> Path:
        return Path(self.directory.name) / "report.json"


class SignatureReader:
    """Who signed a file, by the file's own account; ``processes`` files at a time."""

    def __init__(
        self,
        limits: ReaderLimits | None = None,
        *,
        processes: int = 2,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._limits = limits or ReaderLimits()
        self._slots = asyncio.Semaphore(processes)
        self._command = command
        self._warm = False
        self._spare: _Seat | None = None

    async def warm(self) -> None:
        """From now on keep one worker ready; ``close`` ends it."""
        self._warm = True
        await self._refill()

    async def close(self) -> None:
        self._warm = False
        spare, self._spare = self._spare, None
        if spare is not None:
            await _leave(spare)

    async def read(self, path: Path) -> Findings:
        """What the file says of its signatures.

        MUST NOT raise for any bytes; answers within the limits' time, if need be that
        nobody looked.
        """
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                await self._slots.acquire()
        except TimeoutError:
            return NOT_LOOKED
        try:
            return await self._ask(path)
        except (WorkerAbsent, OSError) as error:
            # This machine's trouble must not be read as a fact about the file.
            log.error("signature_worker_absent", reason=str(error))  # noqa: TRY400
            return NOT_LOOKED
        finally:
            self._slots.release()

    async def _ask(self, path: Path) -> Findings:
        # The worker has a directory of its own, so a relative path would miss.
        source = await asyncio.to_thread(path.absolute)
        order = {"source": str(source), "limits": asdict(self._limits)}
        seat = await self._take()
        try:
            outcome = await self._outcome(seat, json.dumps(order).encode())
            return await asyncio.to_thread(self._accept, seat.report, outcome)
        finally:
            await _leave(seat)
            # Not earlier: its import would compete with the reading of this file.
            await self._refill()

    async def _outcome(self, seat: _Seat, order: bytes) -> Findings:
        """The answer if the worker leaves no report that can be read."""
        try:
            code = await seat.worker.run(order, wall_seconds=self._limits.wall_seconds)
        except TimeoutError:
            log.info("signature_worker_ended", code=None)
            return TOO_MUCH
        log.info("signature_worker_ended", code=code)
        return TOO_MUCH if code in _STARVED else UNREADABLE

    def _accept(self, report: Path, otherwise: Findings) -> Findings:
        """A report may be whole although its worker was ended: see ``hanko.read``."""
        try:
            parsed = confined.read_report(report, most_bytes=self._limits.report_bytes)
            return Findings.model_validate(parsed)
        except (OSError, TypeError, ValueError, ValidationError, RecursionError):
            return otherwise

    async def _take(self) -> _Seat:
        # Taken before the first await, so that two files never get one worker.
        spare, self._spare = self._spare, None
        return spare or await self._seat()

    async def _refill(self) -> None:
        if self._warm and self._spare is None:
            self._spare = await self._seat()

    async def _seat(self) -> _Seat:
        directory = await asyncio.to_thread(temporary.folder, "signatures")
        worker = await Worker.start(self._command, into=Path(directory.name))
        return _Seat(worker, directory)


async def _leave(seat: _Seat) -> None:
    await seat.worker.end()
    await asyncio.to_thread(seat.directory.cleanup)
