"""The service's side of a page that is read: order, wait, believe little.

What a worker leaves is checked as what a stranger sent: it met a stranger's page. Start
at ``SandboxedReader.read``.
"""

import asyncio
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import confined, temporary, tesseract
from chassis.confined import WorkerAbsent
from chassis.objects import Missing, Objects
from chassis.workers import Zygote
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.rebuild.limits import MIB, Limits
from intake.adapters.rebuild.process import ENVIRONMENT, PRELOADED
from intake.domain import text
from intake.domain.desk_pages import DeskPage
from intake.domain.page_texts import MOST_CHARACTERS, MOST_WORDS, ReadLine, ReadWord
from intake.ports import PageUnread

log = structlog.get_logger()

WORKER: Final = "intake.adapters.reading.worker:main"
REPORT_BYTES: Final = 2 * MIB
DPI: Final = 200
"""A sheet of A4 and everything larger is drawn at this density. At 150 as many letters
were right, at 300 no more, and a page took half as long again (docs/decisions/0112)."""
LEAST_SIDE: Final = 1654
"""The shorter side of A4 at that density, in pixels: a page that is smaller, or was
photographed, is drawn larger."""
MOST_SIDE: Final = 4200
POINTS_PER_INCH: Final = 72.0
LIMITS: Final = Limits(
    address_space_bytes=1024 * MIB,
    cpu_seconds=60,
    wall_seconds=600.0,
    document_bytes=REPORT_BYTES,
)
"""A page of print takes 0.35 s of the processor and 60 MB; noise that looks like print
takes longest. The clock is wide, since a page waits for everything else on a busy
machine: what is the page's own fault is told by the processor's time."""
NICE: Final = 10
"""Reading comes behind everything that a person waits for. At 15 a page took minutes on
a machine with thirty other things to do."""


def reading_workers(data: Path) -> Zygote:
    """Workers that read, with the engine's data in the folder *data*; whoever asks for
    it closes it.
    """
    own = {**tesseract.ENVIRONMENT, "TESSDATA_PREFIX": str(data)}
    return Zygote(WORKER, *PRELOADED, environment={**ENVIRONMENT, **own})


class SandboxedReader:
    """``ports.PageReader`` where the engine is there: one page at a time."""

    lacking: tuple[str, ...] = ()

    def __init__(
        self,
        objects: Objects,
        workers: Zygote,
        limits: Limits = LIMITS,
        *,
        nice: int = NICE,
    ) -> None:
        self._objects = objects
        self._workers = workers
        self._limits = limits
        self._nice = nice
        self._reading = asyncio.Lock()

    async def read(self, page: DeskPage) -> tuple[tuple[ReadLine, ...], str]:
        """Raises PageUnread for the page's own fault, Trouble for this machine's."""
        async with self._reading:
            folder = await asyncio.to_thread(temporary.Folder, "rebuild")
            try:
                return await self._read(page, folder.path)
            except (WorkerAbsent, Missing, OSError) as error:
                key = page.part.ref.key
                raise Trouble(Hindrance.STORE, f"{key}: {error}") from error
            finally:
                await asyncio.to_thread(folder.remove)

    async def _read(
        self, page: DeskPage, into: Path
    ) -> tuple[tuple[ReadLine, ...], str]:
        async with self._objects.local(page.part.ref.key) as path:
            order = json.dumps(self._order(page, path, into)).encode()
            try:
                code = await self._workers.run(
                    order, into=into, wall_seconds=self._limits.wall_seconds
                )
            except TimeoutError as error:
                # Not within ten minutes: the machine's, and the page waits on.
                raise Trouble(Hindrance.STORE, f"{page.id}: not in time") from error
        log.info("page_reader_ended", code=code)
        if code:
            starved = code in confined.STARVED
            raise PageUnread("too-much-work" if starved else "damaged")
        return await asyncio.to_thread(_accepted, into / "report.json")

    def _order(self, page: DeskPage, path: Path, into: Path) -> dict[str, Any]:
        return {
            "path": str(path),
            "number": page.id.number,
            "manifest": page.manifest.model_dump(mode="json"),
            "size": drawn_size(page),
            "turns": turns(page),
            "limits": asdict(self._limits),
            "nice": self._nice,
            "into": str(into),
        }


class AbsentReader:
    """``ports.PageReader`` where the engine is not installed, or switched off."""

    def __init__(self, lacking: tuple[str, ...]) -> None:
        self.lacking = lacking

    async def read(self, page: DeskPage) -> tuple[tuple[ReadLine, ...], str]:
        raise Trouble(Hindrance.UNEXPECTED, f"{page.id}: no engine")


def drawn_size(page: DeskPage) -> tuple[int, int]:
    """The width and height in pixels at which a page is read, upright as seen."""
    width, height = page.manifest.width, page.manifest.height
    if page.rotation in {90, 270}:
        width, height = height, width
    least = max(LEAST_SIDE, min(width, height) * DPI / POINTS_PER_INCH)
    scale = min(least / min(width, height), MOST_SIDE / max(width, height))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def turns(page: DeskPage) -> tuple[int, ...]:
    """The ways to hold the page, in degrees, as the desk's flags say. A flag may be
    wrong, so the way that reads best is taken.
    """
    if "upside-down" in page.facts.flags:
        return (180, 0)
    return (90, 270, 0) if "sideways" in page.facts.flags else (0,)


_Place = Annotated[int, Field(ge=-10, le=1100)]
_Word = tuple[
    Annotated[str, Field(min_length=1)],
    Annotated[int, Field(ge=0, le=100)],
    _Place,
    _Place,
    _Place,
    _Place,
]


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Annotated[str, Field(pattern=r"^[\w .+-]{1,60}$")]
    lines: tuple[tuple[_Word, ...], ...]


def _accepted(path: Path) -> tuple[tuple[ReadLine, ...], str]:
    try:
        report = confined.read_report(path, most_bytes=REPORT_BYTES)
        if "why" in report:
            raise PageUnread(
                "too-much-work" if report["why"] == "too-much-work" else "damaged"
            )
        found = _Report.model_validate(report)
    except (OSError, TypeError, ValueError, RecursionError, ValidationError) as error:
        raise PageUnread("damaged") from error
    if sum(map(len, found.lines)) > MOST_WORDS:
        raise PageUnread("too-much-work")
    lines = (tuple(_words(line)) for line in found.lines)
    return tuple(line for line in lines if line), found.engine


def _words(line: tuple[_Word, ...]) -> list[ReadWord]:
    """The words of a line without what nobody sees, and without what is no word."""
    read = [(text.line(word[0])[:MOST_CHARACTERS], word) for word in line]
    return [ReadWord(shown, *word[1:]) for shown, word in read if shown]
