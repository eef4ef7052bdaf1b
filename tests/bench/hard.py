"""What the rebuild does with every kind of scan: bytes in, bytes out, and why.

The whole committed corpus goes through the real walled process. The table is written to
build/hard.md. The figure of growth counts files of 50 kB and more, because a PDF of one
page has some 900 bytes of its own whatever its picture costs; smaller files stand in
the table all the same.
"""

import asyncio
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import fuzz, guesses, nasty
from bench.figures import ROOT, Figure
from corpus import hard, odd_images, scans
from intake.domain.scan import RebuiltFile, ScanRefused, SourceFile
from support.prepared import prepared_rebuilder

TABLE = ROOT / "build" / "hard.md"
COUNTED_BYTES = 50_000
GOAL = 1.5
WHY = {
    "rendered": "drawn anew at 300 dpi or more: untouched pictures cannot say the page",
    "jpx": "JPEG 2000 is no filter of a copy: the same pixels without loss",
    "cmyk": "four inks are converted to RGB, and coded anew at quality 95",
    "layers": "a copy has no masks: a coarse background takes its letters' resolution",
    "depth": "transparency or 16 bits: the same page without loss",
}
PLAIN = {
    "jpx.pdf": "jpx",
    "layers.pdf": "layers",
    "cmyk.pdf": "cmyk",
    "cmyk.jpg": "cmyk",
    "rgba.png": "depth",
    "grey16.png": "depth",
}


@dataclass(frozen=True)
class Row:
    name: str
    before: int
    after: int
    what: str
    seconds: float
    refused: str = ""

    @property
    def ratio(self) -> float:
        return self.after / self.before

    @property
    def reason(self) -> str:
        """Why it grew beyond the goal, by what was done to it."""
        if self.refused or self.ratio <= GOAL:
            return ""
        if self.name in PLAIN:
            return WHY[PLAIN[self.name]]
        return WHY["rendered"] if "rendered" in self.what else ""


async def measure() -> dict[str, Figure]:
    corpus = scans.SCANS | odd_images.ODD | hard.HARD
    with tempfile.TemporaryDirectory(prefix="ecopy-hard-") as folder:
        rows = [await _row(name, make, Path(folder)) for name, make in corpus.items()]
    TABLE.parent.mkdir(exist_ok=True)
    table = _table(rows)
    TABLE.write_text(table)
    print(table)
    taken = [row for row in rows if not row.refused]
    counted = [row for row in taken if row.before >= COUNTED_BYTES]
    nasty_figures = await nasty.measure()
    unexplained = [row.ratio for row in counted if not row.reason]
    explained = sum(bool(row.reason) for row in counted)
    return {
        "hard.size_growth_p99": Figure(
            _p99(unexplained),
            "× of the input",
            f"≤ {GOAL}",
            f"{len(unexplained)} files of {COUNTED_BYTES // 1000} kB and more; "
            f"{explained} more have a reason in build/hard.md, "
            f"with them {_p99([row.ratio for row in counted]):.2f}",
        ),
        "hard.refused_wrongly": Figure(
            len(rows) - len(taken), "files", "0", f"of {len(rows)} honest ones"
        ),
        **nasty_figures,
        **await fuzz.measure(),
        **await guesses.measure(),
    }


async def _row(name: str, make: Callable[[], bytes], folder: Path) -> Row:
    source, into = folder / name, folder / f"{name}.out"
    source.write_bytes(await asyncio.to_thread(make))
    into.mkdir()
    before, started = source.stat().st_size, time.monotonic()
    try:
        rebuilt = await prepared_rebuilder().rebuild(
            SourceFile(name, source), into=into
        )
    except ScanRefused as refused:
        seconds = time.monotonic() - started
        return Row(name, before, 0, "", seconds, refused=f"{refused}")
    return Row(name, before, rebuilt.size, _what(rebuilt), time.monotonic() - started)


def _what(rebuilt: RebuiltFile) -> str:
    """What was done, and the filters and colours that came of it."""
    done = sorted({facts.done for facts in rebuilt.pages})
    images = [image for page in rebuilt.manifest for image in page.images]
    filters = sorted({f"{i.filter} {i.colour_space} {i.bits}" for i in images})
    return f"{', '.join(done)}: {', '.join(filters)}"


def _p99(ratios: list[float]) -> float:
    """The nearest rank: with fewer than a hundred files, the worst one."""
    ordered = sorted(ratios)
    return ordered[math.ceil(0.99 * len(ordered)) - 1] if ordered else 0.0


def _table(rows: list[Row]) -> str:
    head = (
        "| scan | in | out | × | what was done | s | reason above 1.5 |\n"
        "|---|--:|--:|--:|---|--:|---|\n"
    )
    return head + "".join(
        f"| {row.name} | {row.before} | {row.after or '–'} | {row.ratio:.2f} | "
        f"{row.refused or row.what} | {row.seconds:.1f} | {_why(row)} |\n"
        for row in sorted(rows, key=lambda row: -row.ratio)
    )


def _why(row: Row) -> str:
    small = row.before < COUNTED_BYTES and row.ratio > GOAL
    return row.reason or ("under 50 kB, not counted" if small else "")
