"""Real signatures, the real gate, the real archive and the real pages together."""

import hashlib

import pytest

from ecopy.refusals import Reason, Refusal
from storage.domain.gate import compile_trust
from support import forging_copy as fc
from support.forging_copy import good
from support.forging_pki import ours, strangers, trust_document
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
    trust = compile_trust(trust_document(made.pki, fc.PINS))
    database = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, database, trust, demo=True) as opened:
        opened.hands.now = made.order.approved_at
        yield opened


async def bring(store, order, content):
    event = sealed(content, entry=order.entry)
    await store.copies.put(event.copy_ref.key, content)
    await store.strict.record_order(order)
    await store.strict.archive(event)


async def told(web, content):
    answer = await web.post("/v1/verify", content=content)
    assert answer.status_code == 200
    said = answer.json()
    return said["verdict"], said["finding"]


async def test_a_sealed_copy_reaches_the_citizen_and_verifies(store, made, copy):
    """Judged by the gate, archived, fetched by the link, found genuine."""
    await bring(store, made.order, copy)
    async with store.face() as web:
        fetched = await web.get(f"/c/{TOKEN}/download")
        assert fetched.content == copy
        page = await web.post("/kiem-tra", files={"file": ("a.pdf", fetched.content)})
        assert "verdict verdict-genuine" in page.text
        assert "5, gồm trang lời chứng" in words(page.text)
        assert await told(web, fetched.content) == ("genuine", "archived")


async def test_what_was_done_to_our_copy_is_told(store, made, copy):
    """Altered, grown, cut back, covered with junk: signed by us, changed."""
    await bring(store, made.order, copy)
    image = copy.index(b"stream\n") + 2000
    altered = copy[:image] + bytes([copy[image] ^ 1]) + copy[image + 1 :]
    first_end = copy.index(b"%%EOF\n") + 6
    officer_end = copy.index(b"%%EOF\n", first_end) + 6
    async with store.face() as web:
        assert await told(web, altered) == ("changed", "our-signature")
        assert await told(web, copy[:officer_end]) == ("changed", "our-signature")
        assert await told(web, copy + b" ") == ("changed", "trailing-bytes")
        assert await told(web, b"junk" + copy) == ("changed", "our-signature")
        assert await told(web, copy[:first_end]) == ("foreign", "unsigned-pdf")


async def test_a_strangers_signed_copy_is_not_ours(store, made, copy):
    """The same layout and names under another authority: foreign."""
    await bring(store, made.order, copy)
    other = good(strangers()).write()
    async with store.face() as web:
        assert await told(web, other) == ("foreign", "signed-by-others")


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
