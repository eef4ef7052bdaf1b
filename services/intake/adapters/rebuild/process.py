"""The service's side of the wall: have a worker forked, wait for its end.

One process per file: nothing of a hostile file can wait in it for the next one. What it
leaves is believed by ``answer``, as little as a stranger's. Start at
``SandboxedRebuilder``.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import structlog
from pydantic import ValidationError

from chassis.workers import ORDERS, Zygote
from ecopy.events import ManifestPage
from intake.adapters.rebuild import answer, sniff
from intake.adapters.rebuild.limits import Limits
from intake.domain.adjusting import Remake
from intake.domain.desk_pages import TILE, tile_names
from intake.domain.scan import (
    FOR_GOOD,
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
    {
        "OPENBLAS_NUM_THREADS": "1",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=67108864"
        ":glibc.malloc.trim_threshold=134217728",
    }
)
"""What the worker's environment has besides its paths. numpy's OpenBLAS reserves memory
for each processor: on a large machine that is more than the worker may have in all.
A page's pixels lie in large pages of the kernel, where it has them: to hand them out 4
KiB at a time took a fifth of the worker's time (docs/decisions/0081). What one page's
pixels took is the next one's: given back, the kernel would clear it once more, 10 ms of
a file of three pages (docs/decisions/0131)."""
WORKER: Final = "intake.adapters.rebuild.worker:main"
PRELOADED: Final = ("intake.adapters.rebuild.preload",)


def rebuild_workers(entry: str = WORKER, *, orders: int = ORDERS) -> Zygote:
    """Workers that rebuild; whoever asks for it closes it."""
    return Zygote(entry, *PRELOADED, environment=ENVIRONMENT, orders=orders)


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
        return await self._rebuilt(job, source.name, into)

    async def adjust(self, path: Path, wanted: Remake, *, into: Path) -> RebuiltFile:
        """A page of the part at *path*, made anew as *wanted* says: one page, which is
        as good as any rebuilt file. Raises ScanRefused, WorkerAbsent or OSError.
        """
        job = {
            "task": "adjust",
            "path": str(path),
            "number": wanted.number,
            "manifest": wanted.manifest.model_dump(mode="json"),
            "done": wanted.facts.done,
            "flags": [flag for flag in wanted.facts.flags if flag in FOR_GOOD],
            "degrees": wanted.adjustment.degrees,
            "trim": wanted.adjustment.trim,
        }
        return await self._rebuilt(job, wanted.name, into)

    async def _rebuilt(self, job: dict[str, Any], name: str, into: Path) -> RebuiltFile:
        report = await self._run(job, name, into)
        try:
            return await asyncio.to_thread(
                answer.rebuilt, report, name, into, self._limits
            )
        except (OSError, ValidationError, ValueError) as error:
            raise answer.unbelievable(name, error) from error

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
        size, digest = await asyncio.to_thread(
            answer.measured, into / answer.PDF, self._limits
        )
        return NormalisedOriginal(
            into / answer.PDF, size, digest, manifest, with_mixed_sizes(pages, manifest)
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
                tile: await asyncio.to_thread(answer.picture, into / f"{tile}.tile.jpg")
                for tile in tile_names(size)
            }
        except (OSError, ValueError) as error:
            raise answer.unbelievable(name, error) from error

    async def _run(self, job: dict[str, Any], name: str, into: Path) -> dict[str, Any]:
        order = job | {"limits": asdict(self._limits), "into": str(into)}
        async with self._slots:
            code = await self._outcome(json.dumps(order).encode(), name, into)
        if code:
            raise ScanRefused(answer.fault_of(code), name, f"worker ended with {code}")
        report = await asyncio.to_thread(answer.read, into / answer.REPORT, name)
        if "fault" in report:
            raise answer.refusal(report, name)
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


def _needs_threads(path: Path) -> bool:
    """HEIC's decoder starts a thread or dies; no other worker may start one."""
    return sniff.media_type(path) == sniff.HEIC


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
