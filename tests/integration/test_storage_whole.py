"""Real signatures, the real gate, the real archive and the real pages together."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from chassis.clock import LOCAL
from ecopy.refusals import Reason, Refusal, Trouble
from ecopy.trust import Merger
from storage.adapters import tables
from storage.adapters.expired import ExpiredCopies
from storage.domain.copies import archive_key
from storage.domain.gate import Refused, compile_trust, gate
from support.forging.copy import PINS, good
from support.forging.pki import Stamping, ours, strangers, trust_document
from support.storage import TOKEN, sealed, shelf, words


@pytest.fixture(scope="module")
def made():
    """A copy that our signer could have made, and its order."""
    token = hashlib.sha256(TOKEN.encode()).hexdigest()
    return good(link_token_sha256=token)


@pytest.fixture(scope="module")
def copy(made):
    return made.write()


@pytest.fixture
async def store(tmp_path, made):
    trust = compile_trust(trust_document(made.pki, PINS))
    database = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, database, trust, demo=True) as opened:
        opened.hands.now = made.order.approved_at
        yield opened


async def bring(store, order, content):
    event = sealed(content, entry=order.entry)
    await store.copies.put(event.copy_ref.key, content)
    await store.strict.record_order(order)
    await store.strict.archive(event)


async def verdict_on(web, content):
    answer = await web.post("/v1/verify", content=content)
    assert answer.status_code == 200
    body = answer.json()
    return body["verdict"], body["finding"]


async def test_a_sealed_copy_reaches_the_citizen_and_verifies(store, made, copy):
    """Judged by the gate, archived, fetched by the link, found genuine."""
    await bring(store, made.order, copy)
    async with store.face() as web:
        fetched = await web.get(f"/c/{TOKEN}/download")
        assert fetched.content == copy
        page = await web.post("/kiem-tra", files={"file": ("a.pdf", fetched.content)})
        assert "verdict verdict-genuine" in page.text
        assert "5, gồm trang lời chứng" in words(page.text)
        assert await verdict_on(web, fetched.content) == ("genuine", "archived")


async def test_another_whole_copy_of_the_order_keeps_the_number(store, made, copy):
    """It may be out already: the later one is refused and nothing is replaced. Half of
    it is put aside, and the later one comes in.
    """
    other, key = made.write(), archive_key(made.order.entry)
    assert other != copy
    await store.archive.put(key, other)
    with pytest.raises(Refusal) as refused:
        await bring(store, made.order, copy)
    assert refused.value.reason is Reason.OTHER_COPY_ARCHIVED
    assert await store.archive.get(key) == other
    await store.archive.delete(key)
    await store.archive.put(key, other[: len(other) // 2])
    with pytest.raises(Trouble):
        await bring(store, made.order, copy)
    await bring(store, made.order, copy)
    assert await store.archive.get(key) == copy


async def test_what_was_done_to_our_copy_is_told(store, made, copy):
    """Altered, grown, cut back, covered with junk: signed by us, changed."""
    await bring(store, made.order, copy)
    image = copy.index(b"stream\n") + 2000
    altered = copy[:image] + bytes([copy[image] ^ 1]) + copy[image + 1 :]
    first_end = copy.index(b"%%EOF\n") + 6
    officer_end = copy.index(b"%%EOF\n", first_end) + 6
    async with store.face() as web:
        assert await verdict_on(web, altered) == ("changed", "our-signature")
        assert await verdict_on(web, copy[:officer_end]) == ("changed", "our-signature")
        assert await verdict_on(web, copy + b" ") == ("changed", "trailing-bytes")
        assert await verdict_on(web, b"junk" + copy) == ("changed", "our-signature")
        assert await verdict_on(web, copy[:first_end]) == ("foreign", "unsigned-pdf")


async def forget(store, table):
    """A database that was restored from an older backup has no such rows."""
    names = [table] if table != "copies" else ["accesses", "links", "copies"]
    for name in names:
        work = f"DROP TRIGGER IF EXISTS {name}_no_delete"
        await store.database.write(lambda tx, work=work: tx.exec_driver_sql(work))
        gone = f"DELETE FROM {name}"
        await store.database.write(lambda tx, gone=gone: tx.exec_driver_sql(gone))


async def test_a_true_copy_is_never_called_changed(store, made, copy):
    """Archived, its row lost, its order lost, its object lost, never archived: each
    time it is ours and unaltered, and the page says what is missing and whom to ask.
    """
    await bring(store, made.order, copy)
    async with store.face() as web:
        assert await verdict_on(web, copy) == ("genuine", "archived")
        await forget(store, "copies")
        assert await verdict_on(web, copy) == ("unrecorded", "row-missing")
        await forget(store, "orders")
        assert await verdict_on(web, copy) == ("unrecorded", "row-missing")
        await store.archive.delete(f"{made.order.entry}/copy.pdf")
        assert await verdict_on(web, copy) == ("unrecorded", "no-record")
        page = await web.post("/kiem-tra", files={"file": ("a.pdf", copy)})
        body = (await web.post("/v1/verify", content=copy)).json()
        digest = hashlib.sha256(copy).hexdigest()
        assert (await web.get(f"/v1/digests/{digest}")).status_code == 404
    shown = words(page.text)
    assert "verdict verdict-unrecorded" in page.text
    assert "DO CHÚNG TÔI KÝ NHƯNG KHÔNG CÓ TRONG SỔ LƯU" in shown
    assert "chưa bị thay đổi, nhưng không có trong sổ lưu" in shown
    assert "Gọi UBND phường Hoa Ban, 0900 000 100" in shown
    assert body["sealed"]["entry"] == made.order.entry
    assert body["sealed"]["number"] == "1180/2026"
    assert body["certified_copy"] is None


async def test_a_number_that_was_given_twice_has_two_true_copies(store, copy):
    """After a restore another paper got the number: the first copy is unrecorded, and
    the page names the copy that the register has.
    """
    token = hashlib.sha256(TOKEN.encode()).hexdigest()
    later = good(link_token_sha256=token)
    for signing in (later.officer, later.seal):
        signing.at += timedelta(minutes=30)
        signing.stamping = Stamping(later.pki.tsa, signing.at)
    await bring(store, later.order, later.write())
    async with store.face() as web:
        assert await verdict_on(web, copy) == ("unrecorded", "other-copy")
        body = (await web.post("/v1/verify", content=copy)).json()
        page = await web.post("/verify", files={"file": ("a.pdf", copy)})
    assert body["certified_copy"]["sha256"] != body["file"]["sha256"]
    assert "its number belongs to another copy" in words(page.text)
    assert "7K2F-9MQX-4TBD" in page.text


async def test_an_unsigned_ending_is_compared_with_the_archived_one(store, made, copy):
    """Cut back to the seal, or with another identifier in its last trailer."""
    await bring(store, made.order, copy)
    third = [i for i in range(len(copy)) if copy.startswith(b"%%EOF\n", i)][2] + 6
    last = copy.rindex(b"><") + 2
    other = copy[:last] + (b"0" if copy[last] != ord("0") else b"1") + copy[last + 1 :]
    async with store.face() as web:
        for table in ("orders", "copies"):
            assert await verdict_on(web, copy[:third]) == ("changed", "our-signature")
            assert await verdict_on(web, other) == ("changed", "our-signature")
            await forget(store, table)


async def test_an_altered_copy_is_told_after_its_file_has_had_its_time(
    store, made, copy
):
    """The very same verdicts as before, though there is no file to compare with any
    more: what the purge notes of it before it goes is enough.
    """
    await bring(store, made.order, copy)
    third = [i for i in range(len(copy)) if copy.startswith(b"%%EOF\n", i)][2] + 6
    last = copy.rindex(b"><") + 2
    other = copy[:last] + (b"0" if copy[last] != ord("0") else b"1") + copy[last + 1 :]
    second = made.write()
    changed, beside = ("changed", "our-signature"), ("unrecorded", "other-copy")
    expected = {copy: ("genuine", "archived"), copy[:third]: changed, other: changed}
    expected |= {second: beside, copy + b" ": ("changed", "trailing-bytes")}
    async with store.face() as web:
        for content, verdict in expected.items():
            assert await verdict_on(web, content) == verdict
        await erased(store)
        assert await store.archive.size(archive_key(made.order.entry)) is None
        for content, verdict in expected.items():
            assert await verdict_on(web, content) == verdict


async def test_a_spoilt_file_tells_nothing_of_what_was_archived(store, made, copy):
    """Rot that nobody could heal before its time came: nothing is noted of it, and an
    altered copy of that number is not recorded, with whom to ask.
    """
    await bring(store, made.order, copy)
    key = archive_key(made.order.entry)
    await store.archive.delete(key)
    await store.archive.put(key, b"rot" + copy[3:])
    await erased(store)
    third = [i for i in range(len(copy)) if copy.startswith(b"%%EOF\n", i)][2] + 6
    await forget(store, "orders")
    async with store.face() as web:
        assert await verdict_on(web, copy) == ("genuine", "archived")
        assert await verdict_on(web, copy[:third]) == ("unrecorded", "other-copy")
    noted = select(func.count()).select_from(tables.beginnings)
    assert await store.database.read(lambda tx: tx.scalar(noted)) == 0


async def erased(store):
    """The purge gives the file up and erases it a day later."""
    copies = ExpiredCopies(store.database, store.archive, store.hands)
    for days in (366, 1):
        store.hands.forward(days=days)
        await copies.remove(store.hands() - timedelta(days=365), 500)


async def test_an_archive_that_does_not_answer_gives_no_verdict(store, made, copy):
    """Without a look at the archive nobody may say that it has no such copy."""
    place = store.settings.archive.url.removeprefix("file:")
    path = Path(place) / made.order.entry / "copy.pdf"
    path.mkdir(parents=True)
    async with store.face() as web:
        answer = await web.post("/v1/verify", content=copy)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_a_strangers_signed_copy_is_not_ours(store, made, copy):
    """The same layout and names under another authority: foreign."""
    await bring(store, made.order, copy)
    other = good(strangers()).write()
    async with store.face() as web:
        assert await verdict_on(web, other) == ("foreign", "signed-by-others")


async def test_a_copy_of_another_order_is_refused_by_name(store, made, copy):
    """The gate judges against intake's order: another number is no copy of it."""
    clause = made.order.clause.model_copy(update={"number": "1181/2026"})
    order = made.order.model_copy(update={"clause": clause})
    with pytest.raises(Refusal) as refused:
        await bring(store, order, copy)
    assert refused.value.reason is Reason.COPY_REFUSED
    assert refused.value.detail
    assert await store.catalogue.copy(order.entry) is None


async def test_a_strangers_copy_never_reaches_the_archive(store, made):
    """Signing may be deceived; the archive is not."""
    assert made.pki is ours()
    other = good(strangers())
    with pytest.raises(Refusal):
        await bring(store, made.order, other.write())
    assert await store.archive.size(f"{made.order.entry}/copy.pdf") is None


async def test_a_merged_agencys_copies_keep_name_and_value(tmp_path, made, copy):
    """Genuine, with the name of its day, and what became of the agency; what the agency
    would have approved from that day on is refused by the gate.
    """
    approved = made.order.approved_at
    merger = Merger(
        agency=made.order.agency.code,
        into="H99.42.05.20",
        into_name="UBND phường Sông Trà",
        on=(approved + timedelta(days=2)).astimezone(LOCAL).date(),
    )
    document = trust_document(made.pki, PINS).model_copy(update={"mergers": (merger,)})
    trust = compile_trust(document)
    database = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, database, trust, demo=True) as store:
        store.hands.now = approved
        await bring(store, made.order, copy)
        async with store.face() as web:
            page = await web.post("/kiem-tra", files={"file": ("a.pdf", copy)})
            body = (await web.post("/v1/verify", content=copy)).json()
            code = await web.get(f"/k/{made.order.code}")
    for shown in (words(page.text), words(code.text)):
        assert "Hoa Ban đã nhập vào UBND phường Sông Trà từ ngày" in shown
    assert "verdict verdict-genuine" in page.text
    told = body["certified_copy"]
    assert told["agency"] == " ".join(made.order.agency.name_lines)
    assert told["agency_merged_into"] == "UBND phường Sông Trà"
    late = made.order.model_copy(update={"approved_at": approved + timedelta(days=2)})
    with pytest.raises(Refused) as refused:
        gate(copy, late, trust, hashlib.sha256(copy).hexdigest())
    assert refused.value.reason == "identity-not-in-force"
