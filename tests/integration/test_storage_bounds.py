"""What storage leaves behind when something ends in the middle: an order that comes
again, a body that is cut, a judgement that fails; and how many files it takes at once.
"""

import asyncio
import contextlib
import mmap
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from chassis import outbox
from ecopy.events import CopyArchived
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from storage.adapters import custody
from storage.adapters.archived import ObjectArchive
from storage.adapters.custody import ObjectCustody
from storage.adapters.verdicts import VerdictProcesses
from storage.domain.copies import archive_key
from storage.domain.gate import Passed
from storage.domain.records import Stored
from storage.ports import OtherBytesError
from storage.wiring.public_face import face
from support import build
from support.storage import HOST, TRUST, ordered, sealed, shelf
from support.waiting import LONG_SECONDS

COPY = b"%PDF-1.7\n" + bytes(range(256)) * 400 + b"\nstartxref\n9\n%%EOF\n"
UNKNOWN = b"%PDF-1.7\n" + b"x" * 50_000
FORM = "multipart/form-data; boundary=b"
HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n"
)


@contextlib.asynccontextmanager
async def house(tmp_path, verdicts=None, **limits):
    """A shelf with one archived copy, and a directory for what is on its way."""
    spool = tmp_path / "spool"
    spool.mkdir()
    database = f"sqlite:///{tmp_path}/bounds.db"
    settings = {"limits": limits, "spool_directory": spool}
    async with shelf(tmp_path, database, verdicts=verdicts, **settings) as store:
        await store.archived(COPY)
        yield store, spool


def browser(store, address="192.0.2.7"):
    app = face(store.settings, store.storage, clock=store.hands)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(address, 40000)), base_url=HOST
    )


async def announced(store):
    query = select(outbox.outbox.c.body).order_by("position")
    rows = await store.database.read(lambda tx: tx.execute(query).all())
    return [row.body for row in rows]


# --- an order that comes again -----------------------------------------------------


async def test_redelivery_needs_signings_object_no_more(tmp_path):
    """Archived is archived: signing may have cleared its bucket since."""
    async with house(tmp_path) as (store, _):
        event = sealed(COPY)
        (tmp_path / "copies" / event.copy_ref.key).unlink()
        before = await announced(store)
        await store.storage.archive(event)
        assert await announced(store) == before
        assert await store.archive.get(archive_key(build.ENTRY)) == COPY


async def test_redelivery_counts_also_after_a_newer_order(tmp_path):
    """The copy that exists wins, whatever was ordered since: that order is answered
    with it. Another one halts.
    """
    async with house(tmp_path) as (store, _):
        await store.storage.record_order(ordered(revision=2))
        await store.storage.archive(sealed(COPY))
        with pytest.raises(Refusal) as refused:
            await store.storage.archive(sealed(COPY + b"x"))
        assert refused.value.reason is Reason.OTHER_COPY_ARCHIVED
        assert len(await announced(store)) == 2


async def test_the_event_names_the_archives_object(tmp_path):
    """Not signing's: that one may be cleared, and is not the archive's to promise."""
    async with house(tmp_path) as (store, _):
        (body,) = await announced(store)
        event = CopyArchived.decode(body)
        assert event.copy_ref == ObjectRef(
            bucket="archive",
            key=archive_key(build.ENTRY),
            sha256=build.digest(COPY),
            size=len(COPY),
            media_type="application/pdf",
        )
        assert event.copy_ref != sealed(COPY).copy_ref
        assert await store.archive.get(event.copy_ref.key) == COPY


async def test_an_empty_object_is_refused(tmp_path):
    """Announced as empty, or grown since it was announced."""
    async with house(tmp_path) as (store, _):
        judge = ObjectCustody(store.copies, store.archive, TRUST)
        empty, short = sealed(b"").copy_ref, sealed(b"abc").copy_ref
        await store.copies.put(empty.key, b"")
        await store.copies.put(short.key, b"abcd")
        for reference in (empty, short):
            with pytest.raises(Refusal) as refused:
                async with judge.open_sealed(reference, build.ENTRY):
                    pass
            assert refused.value.reason is Reason.COPY_REFUSED


async def test_an_object_that_reads_back_differently_is_trouble(tmp_path):
    """Put just now and not what was judged: the store's fault, to be tried again. There
    before: what it is has to be looked at first.
    """
    async with house(tmp_path) as (store, _):

        class Forgetful(type(store.archive)):
            """A disk that loses what it has just been given."""

            async def put(self, key, content):
                return await super().put(key, bytes(content)[:-1] + b"?")

        judge = ObjectCustody(store.copies, Forgetful(tmp_path / "forgetful"), TRUST)
        reference = sealed(COPY).copy_ref
        passed = Passed(reference.sha256, len(COPY), 2, build.NOON, build.NOON, "TSA")
        async with judge.open_sealed(reference, build.ENTRY) as taken:
            with pytest.raises(Trouble) as trouble:
                await judge.store(taken, passed, build.ENTRY)
            assert trouble.value.hindrance is Hindrance.STORE
            with pytest.raises(OtherBytesError):
                await judge.store(taken, passed, build.ENTRY)


# --- a judgement that fails --------------------------------------------------------


async def test_a_large_copy_is_let_go_when_its_judgement_fails(tmp_path):
    """The mapping of signing's file is closed, whatever happened under it."""
    async with house(tmp_path) as (store, _):
        reference = sealed(b"large").copy_ref
        size = custody.IN_MEMORY_BYTES + 1
        path = tmp_path / "copies" / reference.key
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(size)
        judge = ObjectCustody(store.copies, store.archive, TRUST)
        large = reference.model_copy(update={"size": size})
        views = []

        async def fail():
            async with judge.open_sealed(large, build.ENTRY) as taken:
                views.append(taken.view)
                await judge.check_copy(taken, ordered(), reference.sha256)

        with pytest.raises(Refusal):
            await fail()
        (view,) = views
        assert isinstance(view, mmap.mmap)
        assert view.closed


async def test_a_copy_of_usual_size_is_our_own_bytes(tmp_path):
    """Up to the measure, and not a byte more: signing can not change it any more."""
    async with house(tmp_path) as (store, _):
        judge = ObjectCustody(store.copies, store.archive, TRUST)
        for size, ours in ((custody.IN_MEMORY_BYTES, True), (len(COPY), True)):
            reference = sealed(b"%d" % size).copy_ref.model_copy(update={"size": size})
            path = tmp_path / "copies" / reference.key
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.truncate(size)
            async with judge.open_sealed(reference, build.ENTRY) as taken:
                assert taken.ours is ours


async def test_a_judgement_that_fails_leaves_nothing_behind(tmp_path):
    """No process to look into files: each one hears to come again, and its place, its
    room on disk and its file are free for the next.
    """
    absent = VerdictProcesses(TRUST, processes=1, command=("/bin/false",))
    limits = {"files_at_once": 1, "files_at_once_per_address": 1, "files_in_hand": 1}
    room = {"spool_bytes": len(COPY), "place_seconds": 1.0}
    async with house(tmp_path, absent, **limits, **room) as (store, spool):
        async with browser(store) as web:
            for _ in range(4):
                answer = await web.post("/v1/verify", content=UNKNOWN)
                assert answer.status_code == 503
                assert list(spool.iterdir()) == []
            known = await web.post("/v1/verify", content=COPY)
        assert known.json()["verdict"] == "genuine"
        assert list(spool.iterdir()) == []
    absent.close()


async def test_an_empty_file_has_its_verdict(tmp_path):
    """Nothing to map, nothing to search: it is no PDF, and no error of ours."""
    async with house(tmp_path) as (store, spool), browser(store) as web:
        answer = await web.post("/v1/verify", content=b"")
        assert answer.status_code == 200
        assert answer.json()["verdict"] in ("unreadable", "foreign")
        assert list(spool.iterdir()) == []


async def test_the_archive_says_what_it_has_under_a_number(tmp_path):
    """The digest of all and of a beginning, however the chunks fall; nothing where
    nothing is, and no beginning that is longer than the file.
    """
    async with house(tmp_path) as (store, _):
        large = bytes(range(256)) * 12_000
        other = ordered(entry="H99.42.05.13/E/2026/1181").entry
        await store.archive.put(archive_key(other), large)
        kept = ObjectArchive(store.archive)
        assert await kept.stored("H99.42.05.13/E/2026/1182", 10) is None
        for end in (1, 9, 1 << 20, (1 << 20) + 1, 2 << 20, len(large)):
            found = await kept.stored(other, end)
            assert found == Stored(build.digest(large), build.digest(large[:end]))
        for end in (0, len(large) + 1):
            found = await kept.stored(other, end)
            assert found == Stored(build.digest(large), "")


# --- a body that is cut ------------------------------------------------------------


def cut(head, kind, app, path):
    """A request whose line breaks in the middle of its body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", HOST.removeprefix("https://").encode()),
            (b"content-type", kind.encode()),
            (b"content-length", b"90000"),
        ],
        "client": ("192.0.2.7", 40000),
        "server": ("hoaban.example", 443),
    }
    steps = iter(
        (
            {"type": "http.request", "body": head + COPY[:40_000], "more_body": True},
            {"type": "http.disconnect"},
        )
    )

    async def receive():
        return next(steps, {"type": "http.disconnect"})

    async def send(_message):
        """Nobody is there to hear it."""

    return app(scope, receive, send)


@pytest.mark.parametrize(
    ("path", "kind", "head"),
    [("/v1/verify", "application/pdf", b""), ("/kiem-tra", FORM, HEAD)],
)
async def test_a_body_that_breaks_off_leaves_nothing_behind(tmp_path, path, kind, head):
    """Five lines break in the middle of a file; then there is room for one, as before.
    Half a file is no file: nobody's verdict is made of it.
    """
    limits = {"files_in_hand": 1, "files_at_once": 1, "spool_bytes": len(COPY)}
    async with house(tmp_path, **limits) as (store, spool):
        app = face(store.settings, store.storage, clock=store.hands)
        for _ in range(5):
            with contextlib.suppress(Exception):
                await cut(head, kind, app, path)
            assert list(spool.iterdir()) == []
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("192.0.2.7", 40000)),
            base_url=HOST,
        ) as web:
            whole = await web.post("/v1/verify", content=COPY)
    assert whole.json()["verdict"] == "genuine"


async def test_a_form_that_ends_in_its_file_is_no_file(tmp_path):
    """The last boundary is missing: the bytes may be half of what was meant."""
    limits = {"files_in_hand": 1, "files_at_once": 1, "spool_bytes": len(COPY)}
    async with house(tmp_path, **limits) as (store, spool), browser(store) as web:
        headers = {"Content-Type": FORM}
        for body in (HEAD + COPY[:-9], HEAD + COPY, HEAD + COPY + b"\r\n--"):
            answer = await web.post("/v1/verify", content=body, headers=headers)
            assert answer.status_code in (400, 422)
            assert "genuine" not in answer.text
            assert list(spool.iterdir()) == []
        ended = HEAD + COPY + b"\r\n--b--\r\n"
        answer = await web.post("/v1/verify", content=ended, headers=headers)
    assert answer.json()["verdict"] == "genuine"


# --- how many at once --------------------------------------------------------------


class Slow:
    """Bodies that wait in the middle until they are let go."""

    def __init__(self) -> None:
        self.on_their_way = 0
        self.go = asyncio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        self.on_their_way += 1
        yield COPY[:1000]
        await self.go.wait()
        yield COPY[1000:]


@contextlib.asynccontextmanager
async def on_their_way(webs):
    """A file of each browser, none of which has arrived yet."""
    slow = Slow()
    tasks = [
        asyncio.create_task(web.post("/v1/verify", content=slow.body())) for web in webs
    ]
    async with asyncio.timeout(LONG_SECONDS):
        while slow.on_their_way < len(tasks):
            await asyncio.sleep(0)
    yield tasks
    slow.go.set()
    for answer in await asyncio.gather(*tasks):
        assert answer.json()["verdict"] == "genuine"


async def test_files_in_hand_are_bounded_for_all_together(tmp_path):
    """Four of four addresses are taken, the fifth hears to come again; when they have
    their verdicts it is taken, and so are four of one address no more than two.
    """
    limits = {"files_in_hand": 4, "files_at_once_per_address": 2}
    async with house(tmp_path, **limits) as (store, _):
        app = face(store.settings, store.storage, clock=store.hands)

        def of(number):
            source = httpx.ASGITransport(app, client=(f"192.0.2.{number}", 40000))
            return httpx.AsyncClient(transport=source, base_url=HOST)

        webs = [of(number) for number in range(1, 6)]
        async with on_their_way(webs[:4]):
            refused = await webs[4].post("/v1/verify", content=COPY)
            assert refused.status_code == 503
            assert "retry-after" in refused.headers
        taken = await webs[4].post("/v1/verify", content=COPY)
        assert taken.json()["verdict"] == "genuine"
        async with on_their_way([webs[0], webs[0]]):
            greedy = await webs[0].post("/v1/verify", content=COPY)
            modest = await webs[1].post("/v1/verify", content=COPY)
        assert (greedy.status_code, modest.status_code) == (503, 200)
        for web in webs:
            await web.aclose()


async def test_from_the_half_on_one_file_an_address(tmp_path):
    """Two of four are in hand: who has one already gets no second, others get one."""
    limits = {"files_in_hand": 4, "files_at_once_per_address": 4}
    async with house(tmp_path, **limits) as (store, _):
        app = face(store.settings, store.storage, clock=store.hands)

        def of(number):
            source = httpx.ASGITransport(app, client=(f"192.0.2.{number}", 40000))
            return httpx.AsyncClient(transport=source, base_url=HOST)

        first, second, third = (of(number) for number in (1, 2, 3))
        async with on_their_way([first]):
            more = await first.post("/v1/verify", content=COPY)
            assert more.status_code == 200
        async with on_their_way([first, second]):
            again = await first.post("/v1/verify", content=COPY)
            other = await third.post("/v1/verify", content=COPY)
            assert (again.status_code, other.status_code) == (503, 200)
        for web in (first, second, third):
            await web.aclose()
