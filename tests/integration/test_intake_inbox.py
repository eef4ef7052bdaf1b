"""The inbox: real files in a real directory, taken by the loops of the service."""

import asyncio
import contextlib
import dataclasses
import os

import pytest

from bench.fuzz_desk import Paperless
from chassis.objects.directory import DirectoryObjects
from corpus import hostile, scans
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.folder_files import ASIDE
from intake.adapters.hot_folder import DirectoryHotFolder
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.cases import SqlCases
from intake.ports.inbox import FileMoved
from intake.settings import HotFolderSettings, WatchedFolder
from intake.wiring.inbox import check_arrivals, inbox_of, watch, watching
from support.intake import (
    AGENCY,
    CASE,
    OTHER,
    Form,
    app_of,
    browsing,
    open_desk,
    path_of,
    replaced,
)
from support.waiting import LONG_SECONDS

SETTLE = 0.15
EMPTY = 0.3


@pytest.fixture
async def house(tmp_path):
    """Its rebuild answers at once."""
    async with open_desk(tmp_path, rebuilder=Paperless()) as opened:
        for picture in ("t/1", "p/1"):
            await opened.objects.put(picture, b"a picture")
        yield opened


@pytest.fixture
async def real_house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


class Counting:
    """A hot folder that counts how often it was looked at."""

    def __init__(self, inner):
        self._inner, self.looks = inner, 0

    def __getattr__(self, name):
        return getattr(self._inner, name)

    async def look(self):
        found = await self._inner.look()
        self.looks += 1
        return found


class Watched:
    """A hot folder with the loops that the service would run on it."""

    def __init__(self, house, path, *, agency=AGENCY, name="Quầy 2", settle=SETTLE):
        path.mkdir(exist_ok=True)
        self.house, self.path, self.agency = house, path, agency
        settings = HotFolderSettings(settle_seconds=settle, empty_seconds=EMPTY)
        folder = WatchedFolder(name=name, path=path, agency=agency)
        self.watching = watching(house, folder, settings)
        self.watching.folder = self.counted = Counting(self.watching.folder)
        self.inbox = inbox_of(house)
        self.arrivals = SqlArrivals(house.store, house.clock)

    @contextlib.asynccontextmanager
    async def running(self):
        stop = asyncio.Event()
        store = self.house.store
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(store, self.watching, stop))
            tasks.create_task(check_arrivals(store, self.inbox, stop, pause=0.1))
            try:
                yield self
            finally:
                stop.set()

    async def all(self):
        return await self.arrivals.of_agency(self.agency, self.house.clock())

    async def until(self, holds):
        """The arrivals once *holds* says so of them."""
        async with asyncio.timeout(LONG_SECONDS):
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
        async with asyncio.timeout(LONG_SECONDS):
            while True:
                folders = await self.arrivals.folders(self.agency)
                if folders and folders[0].trouble == slug:
                    return
                await asyncio.sleep(0.05)

    def names(self, below=""):
        return sorted(each.name for each in (self.path / below).iterdir())


async def gone(path):
    async with asyncio.timeout(LONG_SECONDS):
        while path.exists():
            await asyncio.sleep(0.05)


async def opened_case(ha):
    page = await ha.look("/cases/new")
    page = await ha.send(page, "/cases", **CASE)
    return path_of(page).removesuffix("/desk").rsplit("/", 1)[-1]


async def test_a_file_of_the_folder_becomes_a_scan_of_a_paper(real_house, tmp_path):
    """Folder → inbox with its picture → a paper, by a form without script; then undone:
    the paper has no page any more, and the inbox has the file.
    """
    house, data = real_house, scans.small_pdf()
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


async def two_arrivals(folder):
    for name in ("SCAN 1.pdf", "SCAN 2.pdf"):
        (folder.path / name).write_bytes(scans.small_pdf() + name.encode())
    found = await folder.checked(2)
    return sorted((arrival.id for arrival in found), key=lambda i: name_of(found, i))


def name_of(found, arrival):
    return next(each.name for each in found if each.id == arrival)


async def test_a_new_case_opens_with_the_files_that_were_chosen(house, tmp_path):
    """From the inbox to the form, also when it comes back with a mistake, and into the
    first paper when the case opens; in the order of the inbox's form.
    """
    async with (
        browsing(app_of(house), "ha") as (ha,),
        Watched(house, tmp_path / "hot").running() as folder,
    ):
        first, second = await two_arrivals(folder)
        page = await ha.look("/inbox")
        page = await ha.http.post(
            "/inbox/new-case",
            data=Form(page.text, "/inbox/assign").sent() | {"arrival": [second, first]},
        )
        assert path_of(page) == "/cases/new"
        assert "Bản quét từ khay, 2 tệp" in page.text
        assert Form(page.text, "/cases").sent()["pages"] == ["2"]
        page = await ha.send(page, "/cases", **CASE | {"requester": ""})
        assert page.status_code == 422
        page = await ha.send(page, "/cases", **CASE)
        assert "với 2 tệp từ máy quét" in page.text
        document = path_of(page).removesuffix("/desk").rsplit("/", 1)[-1]
        known = await SqlCases(house.store).document(document)
        assert [file.name for file in known.files] == ["SCAN 2.pdf", "SCAN 1.pdf"]
        assert {arrival.state for arrival in await folder.all()} == {"assigned"}


async def test_a_case_opens_also_where_its_files_have_gone(house, tmp_path):
    """Somebody else was first: the case is there, no file is, the clerk reads why."""
    async with (
        browsing(app_of(house), "ha") as (ha,),
        Watched(house, tmp_path / "hot").running() as folder,
    ):
        first, second = await two_arrivals(folder)
        chosen = await ha.look(f"/cases/new?arrival={first}&arrival={second}")
        other = await opened_case(ha)
        page = await ha.look("/inbox")
        await ha.send(page, "/inbox/assign", arrival=first, document=other)
        page = await ha.send(chosen, "/cases", **CASE)
        assert "chưa có tệp từ máy quét" in page.text
        document = path_of(page).removesuffix("/desk").rsplit("/", 1)[-1]
        known = await SqlCases(house.store).document(document)
        assert known.files == ()
        again = await ha.look(f"/cases/new?arrival={first}&arrival=nothing")
        assert "Bản quét từ khay" not in again.text


async def test_a_slow_writer_is_waited_for(house, tmp_path):
    """Nothing is taken while the file grows, nor while it stands still and is open for
    writing; in the end the arrival has all of its bytes.
    """
    data = scans.small_pdf()
    path = tmp_path / "hot" / "chậm.pdf"
    async with Watched(house, tmp_path / "hot").running() as folder:
        with path.open("wb", buffering=0) as writer:
            for at in range(0, len(data), len(data) // 5 + 1):
                writer.write(data[at : at + len(data) // 5 + 1])
                await asyncio.sleep(SETTLE / 2)
            looks = folder.counted.looks
            while folder.counted.looks < looks + 6:  # longer than it takes to settle
                await asyncio.sleep(SETTLE)
            assert await folder.all() == ()
        (arrival,) = await folder.checked()
    assert await house.objects.get(arrival.raw.key) == data
    assert arrival.checked == "good"


async def test_a_half_written_file_is_shown_with_its_fault(real_house, tmp_path):
    """A scanner that lost its power: its bytes are kept, the clerk reads what to do."""
    house = real_house
    async with Watched(house, tmp_path / "hot").running() as folder:
        (folder.path / "nửa.jpg").write_bytes(hostile.cut_jpeg())
        (arrival,) = await folder.checked()
    assert (arrival.checked, arrival.fault) == ("refused", "truncated")
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/inbox")
    assert "Tệp thiếu phần cuối" in page.text


class Rewriting:
    """A hot folder in which a file is written anew while it is read for the first
    time.
    """

    def __init__(self, inner, path, data):
        self._inner, self._path, self._data = inner, path, data

    def __getattr__(self, name):
        return getattr(self._inner, name)

    async def content(self, seen):
        async for chunk in self._inner.content(seen):
            if self._data:
                self._path.write_bytes(self._data)
                self._data = b""
            yield chunk


async def test_a_file_rewritten_while_it_is_read_is_taken_as_it_became(house, tmp_path):
    """The first reading leaves no arrival; the second has the new bytes."""
    first, second = scans.small_pdf(), scans.small_pdf(2)
    path = tmp_path / "hot" / "a.pdf"
    folder = Watched(house, tmp_path / "hot")
    folder.watching.folder = Rewriting(folder.watching.folder, path, second)
    path.write_bytes(first)
    async with folder.running():
        (arrival,) = await folder.checked()
        await gone(path)
    assert await house.objects.get(arrival.raw.key) == second


async def test_bytes_that_change_without_a_time_are_seen(tmp_path):
    """Size and times put back: the second reading finds other bytes."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-one")
    folder = DirectoryHotFolder("Quầy 2", AGENCY, tmp_path)
    (seen,) = await folder.look()
    with pytest.raises(FileMoved):
        await folder.check_same(seen, "0" * 64)


async def test_the_same_name_twice_is_two_arrivals(house, tmp_path):
    """Also with the same bytes and the same times."""
    data = scans.small_pdf()
    path = tmp_path / "hot" / "SCAN_0001.pdf"
    async with Watched(house, tmp_path / "hot").running() as folder:
        for count in (1, 2):
            path.write_bytes(data)
            os.utime(path, (1_700_000_000, 1_700_000_000))
            found = await folder.checked(count)
            await gone(path)
    assert {each.name for each in found} == {"SCAN_0001.pdf"}


async def test_what_cannot_be_a_scan_is_moved_aside_with_a_note(house, tmp_path):
    """Each with its reason beside it in two languages, and in the inbox; what lay there
    under the same name stays.
    """
    folder = Watched(house, tmp_path / "hot")
    large = house.rules.file_bytes + 1
    (folder.path / ASIDE).mkdir()
    (folder.path / ASIDE / "chữ.docx").write_bytes(b"earlier")
    (folder.path / "rỗng.pdf").touch()
    (folder.path / "chữ.docx").write_bytes(b"PK\3\4 words")
    (folder.path / "to.pdf").write_bytes(b"%PDF-" + bytes(large))
    async with folder.running():
        found = await folder.checked(3)
        for name in ("rỗng.pdf", "chữ.docx", "to.pdf"):
            await gone(folder.path / name)
    faults = {each.name: each.fault for each in found}
    assert faults == {
        "rỗng.pdf": "empty",
        "chữ.docx": "unknown-type",
        "to.pdf": "too-large",
    }
    assert (folder.path / ASIDE / "chữ.docx").read_bytes() == b"earlier"
    assert (folder.path / ASIDE / "chữ (2).docx").read_bytes() == b"PK\3\4 words"
    note = (folder.path / ASIDE / "chữ (2).docx.txt").read_text("utf-8")
    assert "không thuộc loại nào máy này đọc được" in note
    assert "could not be taken" in note
    assert all(each.raw is None for each in found)


async def test_hidden_and_temporary_names_and_links_are_left_alone(house, tmp_path):
    """A link out of the share would give a stranger's hand what intake may read."""
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(scans.small_pdf())
    folder = Watched(house, tmp_path / "hot")
    left = {".ẩn.pdf", "~a.pdf", "b.pdf.part", "c.TMP", "Thumbs.db", "liên-kết.pdf"}
    for name in left - {"liên-kết.pdf"}:
        (folder.path / name).write_bytes(b"%PDF-")
    (folder.path / "liên-kết.pdf").symlink_to(secret)
    (folder.path / "sâu" / "hơn").mkdir(parents=True)
    (folder.path / "sâu" / "hơn" / "d.pdf").write_bytes(b"%PDF-")
    async with folder.running():
        (folder.path / "thật.pdf").write_bytes(scans.small_pdf())
        (arrival,) = await folder.checked()
    assert arrival.name == "thật.pdf"
    assert folder.names() == sorted({*left, "sâu"})
    assert secret.exists()


class FullStore(DirectoryObjects):
    """A store whose disk is full until it is told otherwise."""

    full = True

    @contextlib.asynccontextmanager
    async def incoming(self):
        if self.full:
            raise Trouble(Hindrance.STORE, "no space left on device")
        async with super().incoming() as incoming:
            yield incoming


async def test_with_a_full_disk_nothing_is_moved_and_the_inbox_says_so(tmp_path):
    """Whether the store fails, or its spare room is used up; afterwards it goes on."""
    data = scans.small_pdf()
    async with open_desk(tmp_path, rebuilder=Paperless()) as opened:
        store = FullStore(tmp_path / "scans")
        folder = Watched(replaced(opened, objects=store), tmp_path / "hot")
        (folder.path / "a.pdf").write_bytes(data)
        async with folder.running(), browsing(app_of(opened), "ha") as (ha,):
            await folder.trouble("store")
            page = await ha.look("/inbox")
            assert "kho tệp hết chỗ" in page.text
            assert (folder.path / "a.pdf").read_bytes() == data
            assert await folder.all() == ()
            store.full = False
            (arrival,) = await folder.checked()
            await folder.trouble("")
            page = await ha.look("/inbox")
            assert "kho tệp hết chỗ" not in page.text
        assert await store.get(arrival.raw.key) == data
        rules = dataclasses.replace(opened.rules, spare_bytes=1 << 60)
        tight = Watched(replaced(opened, rules=rules), tmp_path / "tight", name="B")
        (tight.path / "b.pdf").write_bytes(data)
        await tight.watching.turn()
        await asyncio.sleep(SETTLE)
        await tight.watching.turn()
        assert tight.names() == ["b.pdf"]


async def test_a_folder_that_goes_away_is_said_and_looked_for_again(house, tmp_path):
    """On the clerk's page and the administrator's; its files come once it is back."""
    path = tmp_path / "hot"
    async with Watched(house, path).running() as folder:
        path.rmdir()
        await folder.trouble("unreadable")
        async with browsing(app_of(house), "ha", "long") as (ha, long):
            assert "thư mục quét không đọc được" in (await ha.look("/inbox")).text
            assert "Quầy 2" in (await long.look("/system")).text
        path.mkdir()
        (path / "a.pdf").write_bytes(scans.small_pdf())
        await folder.checked()
        await folder.trouble("")


async def test_each_agency_has_its_own_inbox(house, tmp_path):
    """A file of the other's folder is neither seen nor assigned nor looked at."""
    mine = Watched(house, tmp_path / "mine")
    theirs = Watched(house, tmp_path / "theirs", agency=OTHER, name="Khác")
    (mine.path / "của-tôi.pdf").write_bytes(scans.small_pdf())
    (theirs.path / "của-họ.pdf").write_bytes(scans.small_pdf())
    async with mine.running(), theirs.running():
        await mine.checked()
        (other,) = await theirs.checked()
    async with browsing(app_of(house), "ha") as (ha,):
        document = await opened_case(ha)
        page = await ha.look("/inbox")
        assert "của-tôi.pdf" in page.text
        assert "của-họ.pdf" not in page.text
        form = Form(page.text, "/inbox/assign").sent()
        sent = form | {"arrival": other.id, "document": document}
        assert (await ha.http.post("/inbox/assign", data=sent)).status_code == 404
        picture = await ha.look(f"/inbox/{other.id}/pages/1/large")
        assert picture.status_code == 404


async def test_two_that_watch_one_folder_take_each_file_once(house, tmp_path):
    """Even without the lock that lets one replica watch: the origin decides."""
    data = scans.small_pdf()
    one, two = Watched(house, tmp_path / "hot"), Watched(house, tmp_path / "hot")
    for number in range(4):
        (one.path / f"{number}.pdf").write_bytes(data)
    async with one.running(), two.running():
        found = await one.checked(4)
    assert sorted(each.name for each in found) == [f"{n}.pdf" for n in range(4)]
    assert one.names() == []


async def test_several_go_into_a_paper_at_once_and_none_twice(house, tmp_path):
    """A second press, and a page that is older than what another clerk did."""
    folder = Watched(house, tmp_path / "hot")
    for number in (1, 2):
        (folder.path / f"{number}.pdf").write_bytes(scans.small_pdf())
    async with folder.running():
        found = await folder.checked(2)
    ids = [each.id for each in sorted(found, key=lambda each: each.name)]
    async with browsing(app_of(house), "ha", "man") as (ha, man):
        document = await opened_case(ha)
        old = await man.look("/inbox")
        page = await ha.look("/inbox")
        page = await ha.send(page, "/inbox/assign", arrival=ids, document=document)
        assert "Đã đưa 2 tệp vào giấy" in page.text
        late = await man.send(old, "/inbox/assign", arrival=ids, document=document)
        assert late.status_code == 422
        assert "Lò Thị Minh Hạ vừa chuyển" in late.text
        known = await SqlCases(house.store).document(document)
        assert [file.name for file in known.files] == ["1.pdf", "2.pdf"]


async def test_undo_ends_when_the_paper_leaves_the_clerks_hands(house, tmp_path):
    """A certifier's page must not change under them."""
    folder = Watched(house, tmp_path / "hot")
    (folder.path / "a.pdf").write_bytes(scans.small_pdf())
    async with folder.running():
        (arrival,) = await folder.checked()
    async with browsing(app_of(house), "ha") as (ha,):
        document = await opened_case(ha)
        page = await ha.look("/inbox")
        await ha.send(page, "/inbox/assign", arrival=arrival.id, document=document)
        old = await ha.look("/inbox")
        page = await ha.look(f"/documents/{document}/desk")
        page = await ha.send(page, f"/documents/{document}/compare", all_present="1")
        await ha.send(page, f"/documents/{document}/submit")
        answer = await ha.send(old, f"/inbox/{arrival.id}/give-back")
        assert answer.status_code == 422
        assert "Trả lại khay" not in (await ha.look("/inbox")).text
    assert len((await SqlCases(house.store).document(document)).pages) == 1


async def test_a_file_that_is_nobodys_is_removed_with_a_reason(house, tmp_path):
    """Asked for, shown, taken back; without a reason nothing happens."""
    folder = Watched(house, tmp_path / "hot")
    (folder.path / "a.pdf").write_bytes(scans.small_pdf())
    async with folder.running():
        (arrival,) = await folder.checked()
    action = f"/inbox/{arrival.id}/set-aside"
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/inbox")
        assert (await ha.send(page, action, reason=" ")).status_code == 422
        page = await ha.send(await ha.look("/inbox"), action, reason="giấy của tôi")
        assert "giấy của tôi" in page.text
        page = await ha.send(page, f"/inbox/{arrival.id}/give-back")
        (again,) = await folder.all()
    assert again.state == "waiting"
