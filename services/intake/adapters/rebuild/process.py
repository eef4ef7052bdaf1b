"""The service's side of the wall: start a worker, wait, believe little.

One fresh process per file (0.3 s): nothing of a hostile file can wait in it for the
next one. The worker's answer is parsed as strictly as a stranger's would be.
"""

import asyncio
import hashlib
import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from ecopy.events import ManifestPage
from intake.adapters.rebuild.limits import MIB, Limits
from intake.domain.scan import (
    NormalisedOriginal,
    PageFacts,
    RebuiltFile,
    ScanFault,
    ScanRefused,
    SourceFile,
    with_mixed_sizes,
)

log = structlog.get_logger()

WORKER: Final = (sys.executable, "-sP", "-m", "intake.adapters.rebuild.worker")
REPORT: Final = "report.json"
PDF: Final = "pages.pdf"
REPORT_BYTES: Final = 16 * MIB
PICTURE_BYTES: Final = 4 * MIB
CONFINED: Final = "confined"
"""The worker leaves this file when it is locked in; only then does it open a scan."""
_STARVED: Final = frozenset(
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


class WorkerAbsent(Exception):  # noqa: N818 - trouble of this machine, not of a file
    """No worker could start or lock itself in. The file waits; an operator must act."""


class SandboxedRebuilder:
    """Rebuilds scans in worker processes, ``processes`` at a time.

    MUST be given an empty directory ``into`` for each call; results lie there and
    belong to the caller. Memory of this process does not grow with a file.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        processes: int = 2,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(processes)
        self._command = command

    async def rebuild(self, source: SourceFile, *, into: Path) -> RebuiltFile:
        """One uploaded file as a PDF of its page images, with pictures for the desk.

        Raises ScanRefused (this file's own fault), WorkerAbsent or OSError (ours).
        """
        size = (await asyncio.to_thread(source.path.stat)).st_size
        if size == 0:
            raise ScanRefused(ScanFault.EMPTY, source.name)
        if size > self._limits.source_bytes:
            raise ScanRefused(ScanFault.TOO_LARGE, source.name, f"{size} bytes")
        job = {"task": "rebuild", "source": str(source.path)}
        report = await self._run(job, source.name, into)
        try:
            return await asyncio.to_thread(self._accept, report, source.name, into)
        except (OSError, ValidationError, ValueError) as error:
            raise _unbelievable(source.name, error) from error

    async def join(
        self, parts: Sequence[RebuiltFile], *, into: Path
    ) -> NormalisedOriginal:
        """The accepted files, in the clerk's order, as one normalised original.

        Only ``name``, ``path``, ``manifest`` and ``pages`` of a part are read. A part
        whose streams are not its manifest's is refused as damaged.
        """
        pages = _in_order(parts)
        manifest = tuple(page for part in parts for page in part.manifest)
        name = ", ".join(part.name for part in parts)
        if not pages:
            raise ScanRefused(ScanFault.NO_PAGES, name)
        if len(pages) > self._limits.pages:
            raise ScanRefused(ScanFault.TOO_MANY_PAGES, name, f"{len(pages)} pages")
        await self._run({"task": "join", "parts": _as_job(parts)}, name, into)
        size, digest = await asyncio.to_thread(self._measure, into / PDF)
        return NormalisedOriginal(
            into / PDF, size, digest, manifest, with_mixed_sizes(pages, manifest)
        )

    async def _run(self, job: dict[str, Any], name: str, into: Path) -> dict[str, Any]:
        order = job | {"limits": asdict(self._limits), "into": str(into)}
        async with self._slots:
            code = await self._outcome(json.dumps(order).encode(), name, into)
        if code and not await asyncio.to_thread((into / CONFINED).exists):
            raise WorkerAbsent(f"ended with {code} before it opened a file")
        if code:
            raise ScanRefused(_fault_of(code), name, f"worker ended with {code}")
        report = await asyncio.to_thread(_read_report, into / REPORT, name)
        if "fault" in report:
            raise _refusal(report, name)
        return report

    async def _outcome(self, order: bytes, name: str, into: Path) -> int:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=into,
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "LC_ALL": "C.UTF-8",
                # numpy's OpenBLAS reserves memory for each processor: on a large
                # machine more than the worker's whole address space.
                "OPENBLAS_NUM_THREADS": "1",
            },
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                await process.communicate(order)
        except TimeoutError as error:
            raise ScanRefused(ScanFault.TOO_MUCH_WORK, name, "wall clock") from error
        finally:
            _kill_group(process.pid)
            code = await process.wait()
            log.info("scan_worker_ended", code=code, command=self._command[-1])
        return code

    def _accept(self, report: dict[str, Any], name: str, into: Path) -> RebuiltFile:
        told = _Report.model_validate(report)
        if not 0 < len(told.pages) <= self._limits.pages:
            raise ValueError("page count")
        size, digest = self._measure(into / PDF)
        manifest = tuple(page.manifest for page in told.pages)
        facts = tuple(page.facts for page in told.pages)
        numbers = range(1, len(told.pages) + 1)
        return RebuiltFile(
            name=name,
            media_type=told.media_type,
            path=into / PDF,
            size=size,
            sha256=digest,
            manifest=manifest,
            pages=with_mixed_sizes(facts, manifest),
            thumbnails=tuple(_picture(into / f"{n:04}.thumb.jpg") for n in numbers),
            previews=tuple(_picture(into / f"{n:04}.preview.jpg") for n in numbers),
        )

    def _measure(self, path: Path) -> tuple[int, str]:
        size = _regular_size(path)
        if size > self._limits.document_bytes:
            raise ValueError("larger than a document may be")
        with path.open("rb") as file:
            return size, hashlib.file_digest(file, "sha256").hexdigest()


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: ManifestPage
    facts: PageFacts


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: str
    pages: tuple[_Page, ...]


def _in_order(parts: Sequence[RebuiltFile]) -> list[PageFacts]:
    return [
        replace(facts, source_file=index)
        for index, part in enumerate(parts)
        for facts in part.pages
    ]


def _as_job(parts: Sequence[RebuiltFile]) -> list[dict[str, Any]]:
    return [
        {
            "path": str(part.path),
            "manifest": [page.model_dump(mode="json") for page in part.manifest],
        }
        for part in parts
    ]


def _read_report(path: Path, name: str) -> dict[str, Any]:
    try:
        return _object(path)
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise _unbelievable(name, error) from error


def _object(path: Path) -> dict[str, Any]:
    if _regular_size(path) > REPORT_BYTES:
        raise ValueError("report too large")
    report = json.loads(path.read_bytes())
    if not isinstance(report, dict):
        raise TypeError("report is no object")
    return report


def _refusal(report: dict[str, Any], name: str) -> ScanRefused:
    try:
        return ScanRefused(
            ScanFault(report["fault"]), name, str(report.get("detail", ""))[:200]
        )
    except ValueError as error:
        return _unbelievable(name, error)


def _unbelievable(name: str, error: Exception) -> ScanRefused:
    return ScanRefused(ScanFault.DAMAGED, name, f"report: {type(error).__name__}")


def _fault_of(code: int) -> ScanFault:
    return ScanFault.TOO_MUCH_WORK if code in _STARVED else ScanFault.DAMAGED


def _picture(path: Path) -> Path:
    if _regular_size(path) > PICTURE_BYTES:
        raise ValueError("picture too large")
    return path


def _regular_size(path: Path) -> int:
    """Of a file that the worker made; a link could point anywhere."""
    facts = path.lstat()
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("not a regular file")
    return facts.st_size


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
