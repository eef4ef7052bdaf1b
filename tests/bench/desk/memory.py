"""``desk.peak_200_pages_mb``: the most memory for the largest file that a desk takes.

200 pages of 300 dpi, 200 MB, every page another picture, sent through the desk's form
to a whole house. Counted is intake with its zygotes and workers: of pages that several
processes share each has its part (PSS), so nothing is counted twice.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Dictionary

from bench.figures import Figure
from bench.processes import children, shared_memory_mb
from bench.thread import Rig, pid, rig
from onebox import story
from onebox.browser import Browser

PAGES: Final = 200
GOAL: Final = 600
EVERY_SECONDS: Final = 0.05
FACTS: Final = (
    "/BitsPerComponent",
    "/ColorSpace",
    "/Filter",
    "/Height",
    "/Subtype",
    "/Type",
    "/Width",
)
_DQT: Final = b"\xff\xdb"
_LAST_DIVISOR: Final = 4 + 64
"""Bytes from the marker to the coarsest coefficient's divisor of the first table."""


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as name:
        folder = Path(name)
        async with rig(folder) as r:
            large = folder / "large.pdf"
            await asyncio.to_thread(make_large, r.scan.file, large)
            idle = memory_mb(pid(r, "intake"))
            peak = await _peak(r, large)
            size = large.stat().st_size
    return {
        "desk.peak_200_pages_mb": Figure(
            round(peak),
            "MB",
            f"≤ {GOAL}",
            f"{PAGES} pages, {size / 1e6:.0f} MB; intake with its workers, "
            f"{idle:.0f} MB of it before",
        )
    }


async def _peak(r: Rig, large: Path) -> float:
    browser = Browser(r.house.desk)
    seen = [0.0]
    watching = asyncio.create_task(_watch(pid(r, "intake"), seen))
    try:
        await story.sign_in(browser, r.house.person("clerk"))
        await story.file_case(browser, story.Scan(large, PAGES, "Bản đồ"))
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await browser.close()
    return max(seen)


async def _watch(intake: int, seen: list[float]) -> None:
    while True:
        seen.append(await asyncio.to_thread(memory_mb, intake))
        await asyncio.sleep(EVERY_SECONDS)


def memory_mb(intake: int) -> float:
    """Intake's and its descendants' own part of the memory."""
    total, left = 0.0, [intake]
    while left:
        one = left.pop()
        # A worker may end between the two looks.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += shared_memory_mb(one)
            left += children(one)
    return total


def make_large(scan: Path, path: Path, pages: int = PAGES) -> None:
    """The scan's first page again and again; each has another divisor of the coarsest
    coefficient, so no two pages show or store the same.
    """
    with pikepdf.open(scan) as source, pikepdf.new() as pdf:
        first = source.pages[0]
        width, height = (float(side) for side in first.mediabox[2:])
        picture = next(iter(first.get_images().values()))
        facts = {key: picture[key] for key in FACTS}
        data = bytearray(picture.read_raw_bytes())
        at = data.index(_DQT) + _LAST_DIVISOR
        for number in range(pages):
            data[at] = 1 + number
            page = pdf.add_blank_page(page_size=(width, height))
            shown = pdf.make_stream(bytes(data), facts)
            page.obj.Resources = Dictionary(XObject=Dictionary(Im0=shown))
            drawn = f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q"
            page.obj.Contents = pdf.make_stream(drawn.encode())
        pdf.save(path)
