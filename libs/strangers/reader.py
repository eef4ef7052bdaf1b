"""The service's side: hand a stranger's file to a confined worker, believe little.

One process per file, so nothing of a hostile file waits for the next one. It is forked
by one that has imported pyHanko, which takes most of the time (docs/decisions/0099).
Start at ``SignatureReader``.
"""

import asyncio
import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Final

import structlog
from pydantic import ValidationError

from chassis import confined, temporary
from chassis.confined import WorkerAbsent
from chassis.workers import Zygote
from strangers.facts import Findings
from strangers.limits import ReaderLimits

log = structlog.get_logger()

WORKER: Final = "strangers.worker:main"
REPORT: Final = "report.json"
NOT_LOOKED: Final = Findings(outcome="not-looked")
TOO_MUCH: Final = Findings(outcome="too-much")
UNREADABLE: Final = Findings(outcome="unreadable")
_STARVED: Final = confined.STARVED | {-signal.SIGPROF}


def signature_workers() -> Zygote:
    """Workers that read signatures; whoever asks for it closes it."""
    return Zygote(WORKER)


class SignatureReader:
    """Who signed a file, by the file's own account; ``processes`` files at a time."""

    def __init__(
        self, workers: Zygote, limits: ReaderLimits | None = None, *, processes: int = 2
    ) -> None:
        self._workers = workers
        self._limits = limits or ReaderLimits()
        self._slots = asyncio.Semaphore(processes)

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
        folder = await asyncio.to_thread(temporary.Folder, "signatures")
        try:
            outcome = await self._outcome(json.dumps(order).encode(), folder.path)
            return await asyncio.to_thread(self._accept, folder.path / REPORT, outcome)
        finally:
            await asyncio.to_thread(folder.remove)

    async def _outcome(self, order: bytes, into: Path) -> Findings:
        """The answer if the worker leaves no report that can be read."""
        try:
            code = await self._workers.run(
                order, into=into, wall_seconds=self._limits.wall_seconds
            )
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
