"""``desk.thumbnails_20_pages_s``: from the drop of 20 pages until each has its picture.

Pages of 300 dpi in colour, every one another picture, onto the page desk of a whole
house: as 20 files, and as one file of 20 pages. The slower of the two is the figure.
The hand is Chromium with the desk's own script where there is one; without it, a sender
that does as the script does. ``python -m bench.desk.thumbnails`` prints the figure.
"""

import asyncio
import contextlib
import io
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Protocol

import pikepdf
from PIL import Image
from playwright.async_api import Page, async_playwright

from bench.desk.memory import make_large
from bench.desk.plain_hand import PlainHand
from bench.figures import Figure
from bench.thread import Rig, rig
from onebox import story
from onebox.browser import Browser

PAGES: Final = 20
GOAL: Final = 6
MOST_SECONDS: Final = 120
SCREEN: Final = {"width": 1366, "height": 768}
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
LISTED: Final = (
    "count => document.querySelectorAll('#live-thumbs .thumbs img').length >= count"
)
_DPI: Final = (300, 300)


class Hand(Protocol):
    """Drops files onto an empty page desk, and sees its thumbnails."""

    name: str

    async def drop(self, desk: str, files: list[Path]) -> tuple[float, float]:
        """Seconds until the first thumbnail was there, and until all were."""
        ...


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as name:
        folder = Path(name)
        async with rig(folder) as r:
            one = folder / "twenty.pdf"
            await asyncio.to_thread(make_large, r.scan.file, one, PAGES)
            many = await asyncio.to_thread(_single_pages, one, folder)
            async with _hand(r) as hand:
                first_of_many, of_many = await hand.drop(await _desk(r), many)
                first_of_one, of_one = await hand.drop(await _desk(r), [one])
    return {
        "desk.thumbnails_20_pages_s": Figure(
            round(max(of_many, of_one), 2),
            "s",
            f"≤ {GOAL}",
            f"by {hand.name}; {PAGES} files: the first after {first_of_many:.1f} s, "
            f"all after {of_many:.1f} s; one file of {PAGES} pages: "
            f"{first_of_one:.1f} s, {of_one:.1f} s",
        )
    }


@contextlib.asynccontextmanager
async def _hand(r: Rig) -> AsyncIterator[Hand]:
    person = r.house.person("clerk")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        async with PlainHand.signed_in(r.house.desk, person) as plain:
            yield plain
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=list(FLAGS)
        )
        page = await browser.new_page(base_url=r.house.desk, viewport=SCREEN)
        await page.goto("/sign-in")
        await page.locator("#user").fill(person.user)
        await page.locator("#password").fill(person.password)
        await page.locator("main form button.btn-main").click()
        await page.wait_for_url("**/")
        yield ChromiumHand(page)
        await browser.close()


class ChromiumHand:
    """The page desk in a real browser, with its own script."""

    name = "Chromium"

    def __init__(self, page: Page) -> None:
        self._page = page

    async def drop(self, desk: str, files: list[Path]) -> tuple[float, float]:
        page = self._page
        await page.goto(desk)
        started = time.perf_counter()
        await page.set_input_files("#files", [str(file) for file in files])
        first = await self._listed(1) - started
        await self._listed(PAGES)
        for picture in await page.locator("#live-thumbs .thumbs img").all():
            answer = await page.request.get(await picture.get_attribute("src") or "")
            await answer.body()
        return first, time.perf_counter() - started

    async def _listed(self, count: int) -> float:
        await self._page.wait_for_function(
            LISTED, arg=count, polling=20, timeout=MOST_SECONDS * 1000
        )
        return time.perf_counter()


async def _desk(r: Rig) -> str:
    """The path of the desk of a new, empty paper."""
    browser = Browser(r.house.desk)
    try:
        await story.sign_in(browser, r.house.person("clerk"))
        paper = {
            "title": "Trích lục bản đồ",
            "kind": "diploma",
            "issuing_body": "UBND phường Hoa Ban",
            "pages": str(PAGES),
        }
        page = await browser.look("/cases/new")
        page = await browser.send(page, "/cases", {**story.REQUESTER, **paper})
        return page.path
    finally:
        await browser.close()


def _single_pages(whole: Path, folder: Path) -> list[Path]:
    """Each page as the JPEG that a scanner writes."""
    paths = []
    with pikepdf.open(whole) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            picture = next(iter(page.get_images().values()))
            path = folder / f"trang-{number:02}.jpg"
            path.write_bytes(_with_resolution(picture.read_raw_bytes()))
            paths.append(path)
    return paths


def _with_resolution(jpeg: bytes) -> bytes:
    """The same picture; its JFIF header says 300 dpi."""
    header = io.BytesIO()
    Image.new("RGB", (8, 8)).save(header, "JPEG", dpi=_DPI)
    jfif = header.getvalue()[2:20]
    at = 20 if jpeg[2:4] == jfif[:2] else 2
    return jpeg[:2] + jfif + jpeg[at:]


if __name__ == "__main__":
    for figure in asyncio.run(measure()).items():
        print(*figure)
