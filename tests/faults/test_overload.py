"""Five times as many clerks as the desk can serve: what is not taken is said at once,
what was taken is not lost, and afterwards all is as before without a person.
"""

import asyncio
import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from PIL import Image

from chassis.clock import utc_now
from chassis.starting import CannotStart
from onebox import house as houses
from onebox import story
from onebox.browser import Browser
from onebox.places import Places
from support.houses import six_free_ports

SECONDS = float(os.environ.get("ECOPY_OVERLOAD_SECONDS", "25"))
"""How long the flood lasts; the long run gives it 120."""
IN_HAND = 4
"""Files that the flooded desk takes at once; two are rebuilt at a time."""
CLERKS = 5 * IN_HAND
GROWTH_BYTES = 200 << 20
"""A request of a clerk may cost memory; a queue without an end would cost gigabytes."""


APPROVED = 5
"""So many of the papers that were taken are brought to their end afterwards."""


@dataclass
class Flood:
    """What the clerks were answered."""

    answers: Counter = field(default_factory=Counter)
    """Status of each answer."""
    hourless: int = 0
    """Answers of 503 that did not say when to come again."""
    taken: list[str] = field(default_factory=list)
    """The papers whose file was taken, by their path."""
    peak: int = 0
    """The most memory that the desk's process had, in bytes."""

    async def note(self, answer: httpx.Response) -> None:
        self.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.hourless += not answer.headers.get("Retry-After", "").isdigit()


@pytest.fixture
def few_places(monkeypatch):
    monkeypatch.setenv("INTAKE__LIMITS__FILES_IN_HAND", str(IN_HAND))


@pytest.mark.usefixtures("few_places")
async def test_a_flood_of_clerks(tmp_path):
    places = Places(tmp_path / "var")
    places.var.mkdir()
    scan = scanned(tmp_path)
    async with houses.open_house(places, six_free_ports(), utc_now) as house:
        flood, desk = Flood(), desk_process(places)
        calm = memory(desk)
        async with clerks_signed_in(house, flood) as clerks:
            ends = time.monotonic() + SECONDS
            await asyncio.gather(
                watched(desk, flood, ends),
                *(press(clerk, scan, flood, ends) for clerk in clerks),
            )
        assert set(flood.answers) <= {200, 303, 503}, flood.answers
        assert flood.answers[503] > 0, "the desk was never full: too small a flood"
        assert flood.hourless == 0
        assert flood.taken
        assert flood.peak - calm < GROWTH_BYTES
        assert desk_process(places) == desk, "the desk was started again"
        async with at(house.desk) as clerk, at(house.desk) as certifier:
            await story.sign_in(clerk, house.person("clerk"))
            await story.sign_in(certifier, house.person("certifier"))
            for document in flood.taken:
                page = await clerk.look(f"{document}/desk")
                assert 'class="is-done"' in page.text
            for document in flood.taken[:APPROVED]:
                await brought_to_its_end(clerk, certifier, document)


@contextlib.asynccontextmanager
async def clerks_signed_in(house, flood):
    """One after the other: so many at once from one address would be guessers."""
    async with contextlib.AsyncExitStack() as stack:
        clerks = []
        for _ in range(CLERKS):
            browser = await stack.enter_async_context(at(house.desk))
            await story.sign_in(browser, house.person("clerk"))
            browser._client.event_hooks["response"].append(flood.note)
            clerks.append(browser)
        yield clerks


async def press(browser, scan, flood, ends):
    """One clerk: a paper after the other, each file sent until the desk takes it."""
    while time.monotonic() < ends:
        page = await browser.look("/cases/new")
        page = await browser.send(page, "/cases", {**story.REQUESTER, **PAPER})
        document = page.path.removesuffix("/desk")
        if await taken(browser, page, document, scan, ends):
            flood.taken.append(document)


async def taken(browser, page, document, scan, ends):
    while time.monotonic() < ends:
        with contextlib.suppress(CannotStart):  # 503: the page keeps its form
            await browser.send_file(page, f"{document}/files", "files", scan)
            return True
        await asyncio.sleep(0.5)
    return False


async def brought_to_its_end(clerk, certifier, document):
    """Compared, submitted, approved and issued, as if there had been no flood."""
    page = await clerk.look(f"{document}/desk")
    page = await clerk.send(page, f"{document}/compare", {"all_present": "1"})
    page = await clerk.send(page, f"{document}/submit", {})
    filed = story.Filed(page.path, document)
    await story.approve(certifier, filed)
    await story.until_issued(clerk, filed)


PAPER = {"title": "Bằng cử nhân", "kind": "diploma", "issuing_body": "x", "pages": "1"}


def scanned(folder: Path) -> Path:
    """One page of a usual size: A4 in colour, 300 dpi, with some noise."""
    page = Image.effect_noise((2480, 3508), 40).convert("RGB")
    page.save(folder / "scan.jpg", quality=60, dpi=(300, 300))
    return folder / "scan.jpg"


def desk_process(places: Places) -> int:
    """The process id of the desk of this very house."""
    wanted = f"INTAKE__DATABASE__URL={places.database('intake')}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
            if command[1:3] == [b"-m", b"intake"] and wanted in environment:
                return int(process.name)
    raise LookupError("no desk runs")


def memory(process: int) -> int:
    """Resident bytes of the process itself."""
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def watched(process: int, flood: Flood, ends: float) -> None:
    while time.monotonic() < ends:
        flood.peak = max(flood.peak, memory(process))
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def at(origin):
    browser = Browser(origin)
    try:
        yield browser
    finally:
        await browser.close()
