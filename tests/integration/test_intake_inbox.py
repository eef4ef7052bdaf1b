"""The inbox: real files in a real directory, taken by the loops of the service."""

import asyncio
import contextlib

import pytest

from corpus import scans
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.cases import SqlCases
from intake.settings import HotFolder, HotFolderSettings
from intake.wiring.bindings import inbox_of
from intake.wiring.inbox import check_arrivals, watch, watching
from support.intake import AGENCY, CASE, app_of, browsing, open_desk, path_of

SETTLE = 0.15
EMPTY = 0.3
DEADLINE = 20.0


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


class Watched:
    """A hot folder with the loops that the service would run on it."""

    def __init__(self, house, path, *, agency=AGENCY, name="Quầy 2", settle=SETTLE):
        path.mkdir(exist_ok=True)
        self.house, self.path, self.agency = house, path, agency
        settings = HotFolderSettings(settle_seconds=settle, empty_seconds=EMPTY)
        folder = HotFolder(name=name, path=path, agency=agency)
        self.watching = watching(house, folder, settings)
        self.inbox = inbox_of(house)
        self.arrivals = SqlArrivals(house.store, house.clock)

    @contextlib.asynccontextmanager
    async def running(self):
        stop = asyncio.Event()
        store = self.house.store
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(store, self.watching, stop))
            tasks.create_task(check_arrivals(store, self.inbox, stop))
            try:
                yield self
            finally:
                stop.set()

    async def all(self):
        return await self.arrivals.of_agency(self.agency, self.house.clock())

    async def until(self, holds):
        """The arrivals once *holds* says so of them."""
        async with asyncio.timeout(DEADLINE):
            while not holds(found := await self.all()):
                await asyncio.sleep(0.05)
        return found

    async def checked(self, count=1):
        return await self.until(
            lambda found: (
                len(found) == count and all(each.checked != "busy" for each in found)
            )
        )

    async def trouble(self, slug):
        async with asyncio.timeout(DEADLINE):
            while True:
                folders = await self.arrivals.folders(self.agency)
                if folders and folders[0].trouble == slug:
                    return
                await asyncio.sleep(0.05)

    def names(self, below=""):
        return sorted(each.name for each in (self.path / below).iterdir())


async def gone(path):
    async with asyncio.timeout(DEADLINE):
        while path.exists():
            await asyncio.sleep(0.05)


async def opened_case(ha):
    page = await ha.look("/cases/new")
    page = await ha.send(page, "/cases", **CASE)
    return path_of(page).removesuffix("/desk").rsplit("/", 1)[-1]


async def test_a_file_of_the_folder_becomes_a_scan_of_a_paper(house, tmp_path):
    """Folder → inbox with its picture → a paper, by a form without script; then undone:
    the paper has no page any more, and the inbox has the file.
    """
    data = scans.small_pdf()
    async with browsing(app_of(house), "ha") as (ha,):
        document = await opened_case(ha)
        async with Watched(house, tmp_path / "hot").running() as folder:
            (folder.path / "máy-1").mkdir()
            (folder.path / "máy-1" / "SCAN 1.pdf").write_bytes(data)
            (arrival,) = await folder.checked()
            await gone(folder.path / "máy-1" / "SCAN 1.pdf")
        assert await house.objects.get(arrival.raw.key) == data
        page = await ha.look("/inbox")
        assert "SCAN 1.pdf" in page.text
        assert "máy-1" in page.text
        picture = await ha.look(f"/inbox/{arrival.id}/pages/1/thumb")
        assert picture.headers["content-type"] == "image/jpeg"
        page = await ha.send(
            page, "/inbox/assign", arrival=arrival.id, document=document
        )
        assert "Đã đưa SCAN 1.pdf vào giấy" in page.text
        known = await SqlCases(house.store).document(document)
        assert [file.raw for file in known.files] == [arrival.raw]
        assert len(known.pages) == 1
        page = await ha.send(page, f"/inbox/{arrival.id}/give-back")
        known = await SqlCases(house.store).document(document)
        assert known.pages == ()
        (again,) = await folder.all()
    assert (again.state, again.checked) == ("waiting", "good")
