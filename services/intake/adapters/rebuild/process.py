"""The service's side of the wall: have a worker forked, wait, believe little.

One process per file: nothing of a hostile file can wait in it for the next one. The
worker's answer is parsed as strictly as a stranger's would be. Start at
``SandboxedRebuilder``.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import confined
from chassis.confined import regular_size
from chassis.workers import Zygote
from ecopy.events import ManifestPage
from intake.adapters.rebuild import sniff
from intake.adapters.rebuild.limits import MIB, Limits
from intake.domain import text
from intake.domain.desk_pages import TILE, tile_names
from intake.domain.scan import (
    Leaves,
    NormalisedOriginal,
    PageFacts,
    RebuiltFile,
    ScanFault,
    ScanRefused,
    SourceFile,
    with_mixed_sizes,
)

log = structlog.get_logger()

ENVIRONMENT: Final = MappingProxyType(
    {"OPENBLAS_NUM_THREADS": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
)
"""What the worker's environment has besides its paths. numpy's OpenBLAS reserves memory
for each processor: on a large machine that is more than the worker may have in all.
A page's pixels lie in large pages of the kernel, where it has them: to hand them out 4
KiB at a time took a fifth of the worker's time (docs/decisions/0081)."""
WORKER: Final = "intake.adapters.rebuild.worker:main"
PRELOADED: Final = ("intake.adapters.rebuild.preload",)
REPORT: Final = "report.json"
PDF: Final = "pages.pdf"
# A worker that was taken over may write what it likes: more than these is not read. 200
# pages of 200 images each, some 350 bytes an image, make a report of 14 MB.
REPORT_BYTES: Final = 16 * MIB
PICTURE_BYTES: Final = 4 * MIB
MOST: Final = 1_000_000_000
"""No count, length or size of a page comes near it; a database takes it."""


def rebuild_workers(entry: str = WORKER) -> Zygote:
    """Workers that rebuild; whoever asks for it closes it."""
    return Zygote(entry, *PRELOADED, environment=ENVIRONMENT)


class SandboxedRebuilder:
    """Rebuilds scans in worker processes, ``processes`` at a time.

    MUST be given an empty directory ``into`` for each call; results lie there and
    belong to the caller. Memory of this process does not grow with a file.
    """

    def __init__(
        self, workers: Zygote, limits: Limits | None = None, *, processes: int = 2
    ) -> None:
        self._workers = workers
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(processes)

    async def rebuild(self, source: SourceFile, *, into: Path) -> RebuiltFile:
        """One uploaded file as a PDF of its page images, with pictures for the desk.

        Raises ScanRefused (this file's own fault), WorkerAbsent or OSError (ours).
        """
        size = (await asyncio.to_thread(source.path.stat)).st_size
        if size == 0:
            raise ScanRefused(ScanFault.EMPTY, source.name)
        if size > self._limits.source_bytes:
            raise ScanRefused(ScanFault.TOO_LARGE, source.name, f"{size} bytes")
        threads = await asyncio.to_thread(_needs_threads, source.path)
        job = {"task": "rebuild", "source": str(source.path), "threads": threads}
        report = await self._run(job, source.name, into)
        try:
            return await asyncio.to_thread(self._accept, report, source.name, into)
        except (OSError, ValidationError, ValueError) as error:
            raise _unbelievable(source.name, error) from error

    async def join(self, parts: Sequence[Leaves], *, into: Path) -> NormalisedOriginal:
        """Pages of accepted files, in the clerk's order, as one normalised original. A
        part whose streams are not its manifest's is refused as damaged.
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

    async def draw(
        self,
        path: Path,
        number: int,
        page: ManifestPage,
        size: tuple[int, int],
        *,
        into: Path,
    ) -> dict[str, Path]:
        """Page *number* of a part, drawn in full as *page* says it is turned: its tiles
        by ``<column>-<row>``. Raises ScanRefused, WorkerAbsent or OSError.
        """
        manifest = page.model_dump(mode="json")
        job = {"task": "draw", "path": str(path), "number": number, "size": size}
        name = f"page {number}"
        await self._run(job | {"manifest": manifest, "tile": TILE}, name, into)
        try:
            return {
                tile: await asyncio.to_thread(_picture, into / f"{tile}.tile.jpg")
                for tile in tile_names(size)
            }
        except (OSError, ValueError) as error:
            raise _unbelievable(name, error) from error

    async def _run(self, job: dict[str, Any], name: str, into: Path) -> dict[str, Any]:
        order = job | {"limits": asdict(self._limits), "into": str(into)}
        async with self._slots:
            code = await self._outcome(json.dumps(order).encode(), name, into)
        if code:
            raise ScanRefused(_fault_of(code), name, f"worker ended with {code}")
        report = await asyncio.to_thread(_read_report, into / REPORT, name)
        if "fault" in report:
            raise _refusal(report, name)
        return report

    async def _outcome(self, order: bytes, name: str, into: Path) -> int:
        try:
            code = await self._workers.run(
                order, into=into, wall_seconds=self._limits.wall_seconds
            )
        except TimeoutError as error:
            log.info("scan_worker_ended", code=None)
            raise ScanRefused(ScanFault.TOO_MUCH_WORK, name, "wall clock") from error
        log.info("scan_worker_ended", code=code)
        return code

    def _accept(self, report: dict[str, Any], name: str, into: Path) -> RebuiltFile:
        rebuilt = _Report.model_validate(report)
        if not 0 < len(rebuilt.pages) <= self._limits.pages:
            raise ValueError("page count")
        size, digest = self._measure(into / PDF)
        manifest = tuple(page.manifest for page in rebuilt.pages)
        facts = tuple(page.facts for page in rebuilt.pages)
        _check_measures(rebuilt)
        numbers = range(1, len(rebuilt.pages) + 1)
        return RebuiltFile(
            name=name,
            media_type=rebuilt.media_type,
            path=into / PDF,
            size=size,
            sha256=digest,
            manifest=manifest,
            pages=with_mixed_sizes(facts, manifest),
            thumbnails=tuple(_picture(into / f"{n:04}.thumb.jpg") for n in numbers),
            previews=tuple(_picture(into / f"{n:04}.preview.jpg") for n in numbers),
        )

    def _measure(self, path: Path) -> tuple[int, str]:
        size = regular_size(path)
        if size > self._limits.document_bytes:
            raise ValueError("larger than a document may be")
        with path.open("rb") as file:
            return size, hashlib.file_digest(file, "sha256").hexdigest()


def _needs_threads(path: Path) -> bool:
    """HEIC's decoder starts a thread or dies; no other worker may start one."""
    return sniff.media_type(path) == sniff.HEIC


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest: ManifestPage
    facts: PageFacts


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,40}$")]
    pages: tuple[_Page, ...]


def _check_measures(told: _Report) -> None:
    """Raises ValueError for a number that no page has, and no database takes."""
    for page in told.pages:
        images = page.manifest.images
        measures = [page.manifest.width, page.manifest.height]
        for image in images:
            measures += [*image.placement, image.size, image.width, image.height]
            measures += image.decode_parms.values()
        facts = page.facts
        measures += [facts.source_file, facts.source_page, facts.width, facts.height]
        measures += [facts.dpi, facts.same_as]
        if not all(-MOST < measure < MOST for measure in measures):
            raise ValueError("a measure that no page has")


def _in_order(parts: Sequence[Leaves]) -> list[PageFacts]:
    return [
        replace(facts, source_file=index)
        for index, part in enumerate(parts)
        for facts in part.pages
    ]


def _as_job(parts: Sequence[Leaves]) -> list[dict[str, Any]]:
    return [
        {
            "path": str(part.path),
            "numbers": part.numbers,
            "manifest": [page.model_dump(mode="json") for page in part.manifest],
        }
        for part in parts
    ]


def _read_report(path: Path, name: str) -> dict[str, Any]:
    try:
        report = confined.read_report(path, most_bytes=REPORT_BYTES)
        # Python's reader takes NaN, 1e999 and halves of surrogate pairs, which no
        # database and no event takes after it.
        json.dumps(report, allow_nan=False, ensure_ascii=False).encode()
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise _unbelievable(name, error) from error
    return report


def _refusal(report: dict[str, Any], name: str) -> ScanRefused:
    try:
        # PostgreSQL takes no NUL, and what turns the direction of writing would do so
        # at the desk.
        detail = text.line(str(report.get("detail", ""))[:200])
        return ScanRefused(ScanFault(report["fault"]), name, detail)
    except ValueError as error:
        return _unbelievable(name, error)


def _unbelievable(name: str, error: Exception) -> ScanRefused:
    return ScanRefused(ScanFault.DAMAGED, name, f"report: {type(error).__name__}")


def _fault_of(code: int) -> ScanFault:
    return ScanFault.TOO_MUCH_WORK if code in confined.STARVED else ScanFault.DAMAGED


def _picture(path: Path) -> Path:
    if regular_size(path) > PICTURE_BYTES:
        raise ValueError("picture too large")
    return path
