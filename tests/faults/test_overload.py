"""Five times as many files as the desk can take: what is not taken is said at once,
what was taken is not lost, and afterwards all is as before without a person.
"""

import asyncio
import contextlib
import json
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
from support.waiting import LONG_SECONDS, until

SECONDS = float(os.environ.get("ECOPY_OVERLOAD_SECONDS", "25"))
"""How long the flood lasts; the long run gives it 120."""
TIMES = 5
"""The flood is so many times what the desk was measured to take just before."""
CALM_SECONDS = 15.0
"""How long that is measured."""
IN_HAND = 4
"""Files that the flooded desk takes at once; two are rebuilt at a time."""
CLERKS = 12 * IN_HAND
"""Enough that one is free whenever the flood's next file is due."""
GROWTH_BYTES = 200 << 20
"""A request of a clerk may cost memory; a queue without an end would cost gigabytes."""
APPROVED = 5
"""So many of the papers that were taken are brought to their end afterwards."""
REPORT = Path(__file__).parents[2] / "build" / "overload.json"


@dataclass
class Flood:
    """What the clerks were answered."""

    answers: Counter = field(default_factory=Counter)
    """Status of each answer."""
    hourless: int = 0
    """Answers of 503 that did not say when to come again."""
    offered: int = 0
    """Files that were sent, taken or not."""
    taken: list[str] = field(default_factory=list)
    """The papers whose file was taken, by their path."""
    memory: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the flood began → bytes that the desk's process has."""

    async def note(self, answer: httpx.Response) -> None:
        self.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.hourless += not answer.headers.get("Retry-After", "").isdigit()

    @property
    def peak(self) -> int:
        return max(size for _, size in self.memory)


@dataclass
class Clerk:
    """One who has a paper in hand, and sends its file until the desk takes it."""

    browser: Browser
    page: object = None
    document: str = ""

    async def send(self, scan: Path, flood: Flood) -> None:
        if not self.document and not await self._new_paper():
            return
        flood.offered += 1
        address = f"{self.document}/files"
        with contextlib.suppress(CannotStart):  # 503: the page keeps its form
            await self.browser.send_file(self.page, address, "files", scan)
            flood.taken.append(self.document)
            self.document = ""

    async def _new_paper(self) -> bool:
        with contextlib.suppress(CannotStart):
            page = await self.browser.look("/cases/new")
            form = {**story.REQUESTER, **PAPER}
            self.page = await self.browser.send(page, "/cases", form)
            self.document = self.page.path.removesuffix("/desk")
        return bool(self.document)


@pytest.fixture
def few_places(monkeypatch):
    monkeypatch.setenv("INTAKE__LIMITS__FILES_IN_HAND", str(IN_HAND))


@pytest.mark.usefixtures("few_places")
async def test_a_flood_of_clerks(tmp_path):
    """Five times what the desk takes, as measured a moment before."""
    places = Places(tmp_path / "var")
    places.var.mkdir()
    scan = scanned(tmp_path)
    async with houses.open_house(places, six_free_ports(), utc_now) as house:
        flood, desk = Flood(), desk_process(places)
        calm = memory(desk)
        async with clerks_signed_in(house) as clerks:
            capacity = await measured(clerks[:IN_HAND], scan)
            for clerk in clerks:
                clerk.browser._client.event_hooks["response"].append(flood.note)
            await flooded(clerks, scan, flood, desk, TIMES * capacity)
        recovery = await recovered(house, scan)
        report(flood, capacity, calm, recovery)
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
                await checked(clerk, document)
            for document in flood.taken[:APPROVED]:
                await brought_to_its_end(clerk, certifier, document)


async def checked(clerk, document):
    """The file is there and good: at once, or as soon as a check that was cut short for
    want of the machine is done again by itself.
    """
    page = None

    async def done():
        nonlocal page
        page = await clerk.look(f"{document}/desk")
        assert 'class="is-bad"' not in page.text, page.words("<main.*</main>")
        return 'class="is-done"' in page.text

    try:
        await until(done)
    except AssertionError as error:
        raise AssertionError(page and page.words("<main.*</main>")) from error


async def measured(clerks, scan):
    """Files that the desk takes a second while nobody is turned away: as many clerks as
    it has places.
    """
    calm, began = Flood(), time.monotonic()

    async def work(clerk):
        while time.monotonic() < began + CALM_SECONDS:
            await clerk.send(scan, calm)

    await asyncio.gather(*map(work, clerks))
    return len(calm.taken) / (time.monotonic() - began)


async def flooded(clerks, scan, flood, desk, rate):
    """A file is due *rate* times a second, whether the last ones were answered or not;
    whoever is free sends it.
    """
    began, free = time.monotonic(), asyncio.Queue()
    for clerk in clerks:
        free.put_nowait(clerk)

    async def send(clerk):
        await clerk.send(scan, flood)
        free.put_nowait(clerk)

    async with asyncio.TaskGroup() as sending:
        due, sampled = began, 0.0
        while (now := time.monotonic()) < began + SECONDS:
            if now - began >= sampled:
                flood.memory.append((round(now - began, 1), memory(desk)))
                sampled += 1.0
            if now < due:
                await asyncio.sleep(min(due - now, 0.2))
                continue
            due += 1 / rate
            sending.create_task(send(await free.get()))


async def recovered(house, scan):
    """Seconds until a clerk who comes after the flood has their file taken."""
    began, after = time.monotonic(), Flood()
    async with at(house.desk) as browser:
        await story.sign_in(browser, house.person("clerk"))
        clerk = Clerk(browser)
        while not after.taken:
            await clerk.send(scan, after)
            assert time.monotonic() < began + LONG_SECONDS, "the desk stays full"
    return time.monotonic() - began


def report(flood, capacity, calm, recovery):
    """For whoever ran it, and into build/overload.json."""
    megabyte = 1 << 20
    said = {
        "seconds": SECONDS,
        "capacity_per_second": round(capacity, 2),
        "offered_per_second": round(flood.offered / SECONDS, 2),
        "offered_of_capacity": round(flood.offered / SECONDS / capacity, 2),
        "taken": len(flood.taken),
        "taken_per_second": round(len(flood.taken) / SECONDS, 2),
        "answers": {str(status): n for status, n in sorted(flood.answers.items())},
        "without_retry_after": flood.hourless,
        "recovery_seconds": round(recovery, 2),
        "calm_mb": round(calm / megabyte),
        "memory_mb": [round(size / megabyte) for _, size in flood.memory],
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(said))


@contextlib.asynccontextmanager
async def clerks_signed_in(house):
    """One after the other: so many at once from one address would be guessers."""
    async with contextlib.AsyncExitStack() as stack:
        clerks = []
        for _ in range(CLERKS):
            browser = await stack.enter_async_context(at(house.desk))
            await story.sign_in(browser, house.person("clerk"))
            clerks.append(Clerk(browser))
        yield clerks


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


@contextlib.asynccontextmanager
async def at(origin):
    browser = Browser(origin)
    try:
        yield browser
    finally:
        await browser.close()
