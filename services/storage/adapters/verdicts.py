"""The service's side of the processes that look into strangers' files.

Few processes, each with one file at a time in a child of its own (``verdict_worker``),
each file with a deadline of processor and of clock time. What a child reports is read
as a stranger's words: bounded, and never as a verdict that only the catalogue can give.
Start at ``VerdictProcesses``.
"""

import asyncio
import pickle
import signal
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from chassis import confined
from chassis.confined import WorkerAbsent
from ecopy.identifiers import Sha256
from storage.adapters.verdict_process import WORKER, VerdictProcess
from storage.adapters.verdict_worker import (
    MAX_ERROR,
    NOT_CONFINED,
    RECORDS,
    REPORT_BYTES,
    TOO_MUCH,
    VERDICT,
)
from storage.domain.findings import Finding
from storage.domain.gate import Trust
from storage.domain.records import Records
from storage.domain.verdict import NOT_IN_FULL, Verdict, VerdictCode
from storage.ports import BusyError

log = structlog.get_logger()

UNREADABLE: Final = Verdict(VerdictCode.UNREADABLE, Finding.UNKNOWN_FORMAT)
PROCESSES: Final = 2
WAIT_SECONDS: Final = 8.0
"""How long a file waits for a free process, before its sender hears to come again."""
_STARVED: Final = confined.STARVED | {-signal.SIGPROF, TOO_MUCH}
_OF_THE_CATALOGUE: Final = frozenset({VerdictCode.GENUINE, VerdictCode.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long one file may take: a large one longer, since all its bytes are read."""

    cpu_seconds: float = 1.5
    """Twice what the search's budget takes on a usual server (docs/decisions/0062)."""
    wall_seconds: float = 6.0
    megabytes_a_cpu_second: float = 100.0
    megabytes_a_wall_second: float = 50.0

    def of(self, size: int) -> tuple[float, float]:
        """Seconds of the processor and of the clock."""
        megabytes = size / 1_000_000
        cpu = self.cpu_seconds + megabytes / self.megabytes_a_cpu_second
        return cpu, self.wall_seconds + megabytes / self.megabytes_a_wall_second


class VerdictProcesses:
    """Looks into files, at most ``processes`` at a time."""

    def __init__(
        self,
        trust: Trust,
        *,
        processes: int = PROCESSES,
        deadline: Deadline | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._trust = pickle.dumps(trust)
        self._deadline = deadline or Deadline()
        self._command = command
        self._threads = ThreadPoolExecutor(processes, "verdict")
        self._processes = processes
        # Taken and given back in the executor's threads. A deque's pop and append are
        # each one step, and there are as many threads as seats: no seat has two users.
        self._idle: deque[VerdictProcess] = deque()

    async def warm(self) -> None:
        """Start them now, so that nobody waits for it. Raises WorkerAbsent."""
        loop = asyncio.get_running_loop()
        for _ in range(self._processes):
            self._idle.append(await loop.run_in_executor(self._threads, self._start))

    def close(self) -> None:
        """End them; files that are being looked at get no answer."""
        self._threads.shutdown(cancel_futures=True)
        while self._idle:
            self._idle.pop().end()

    def idle(self) -> tuple[int, ...]:
        """Process ids of those that wait for a file."""
        return tuple(seat.pid for seat in self._idle)

    async def search(self, path: Path, size: int, whole: Sha256) -> Verdict:
        """What the file is. Raises BusyError if no process is free or to be had."""
        return await self._run(path, size, {"whole": whole})

    async def settle(
        self, path: Path, size: int, verdict: Verdict, whole: Sha256, records: Records
    ) -> Verdict:
        """``records.settle``, there too. Raises BusyError."""
        order = {
            "whole": whole,
            "verdict": VERDICT.dump_python(verdict, mode="json"),
            "records": RECORDS.dump_python(records, mode="json"),
        }
        return await self._run(path, size, order)

    async def _run(self, path: Path, size: int, order: dict[str, Any]) -> Verdict:
        cpu, wall = self._deadline.of(size)
        # The worker has a directory of its own, so a relative path would miss.
        source = await asyncio.to_thread(path.absolute)
        more = {"source": str(source), "cpu_seconds": cpu, "wall_seconds": wall}
        work = partial(self._look, order | more)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(WAIT_SECONDS + wall):
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise BusyError from error
        except (WorkerAbsent, OSError) as error:
            log.error("verdict_worker_absent", reason=str(error))  # noqa: TRY400
            raise BusyError from error

    def _start(self) -> VerdictProcess:
        return VerdictProcess(self._command, self._trust)

    def _look(self, order: dict[str, Any]) -> Verdict:
        try:
            seat = self._idle.pop()
        except IndexError:
            seat = self._start()
        try:
            code, report = seat.look(order)
            verdict = _accept(code, report)
        except TimeoutError:
            seat.end()
            log.info("verdict_worker_ended", code=None)
            return NOT_IN_FULL
        except BaseException:
            seat.end()
            raise
        self._idle.append(seat)
        # A child that a file has taken over may write any verdict; these two, and no
        # others, are believed by people, and only the catalogue can know them.
        return UNREADABLE if verdict.code in _OF_THE_CATALOGUE else verdict


def _accept(code: int, report: Path) -> Verdict:
    """The child's report, if it ended well and left one that can be read."""
    try:
        if code == 0:
            parsed = confined.read_report(report, most_bytes=REPORT_BYTES)
            return VERDICT.validate_python(parsed)
        reason = _reason(report)
    except (OSError, TypeError, ValueError, RecursionError) as error:
        log.warning("verdict_report_unreadable", reason=str(error)[:MAX_ERROR])
        return UNREADABLE
    finally:
        report.unlink(missing_ok=True)
    if code == NOT_CONFINED:
        raise WorkerAbsent("could not lock itself in")
    log.warning("verdict_worker_ended", code=code, reason=reason)
    return NOT_IN_FULL if code in _STARVED else UNREADABLE


def _reason(report: Path) -> str:
    """What a child wrote instead of a verdict."""
    if not report.exists() or confined.regular_size(report) > REPORT_BYTES:
        return ""
    return report.read_bytes()[:MAX_ERROR].decode(errors="replace")
