"""What storage will never archive: rejected bytes, and numbers that have ended."""

from datetime import timedelta

import pytest

from chassis.objects import MARK
from ecopy.events import (
    CertificationClosed,
    CertificationHalted,
    CertificationVoided,
    CopyArchived,
    CopyRejected,
)
from ecopy.refusals import Hindrance
from storage.adapters.aside import SET_ASIDE
from storage.domain.copies import archive_key
from support import build
from support.given import announcements, give
from support.storage import ordered, shelf

CONTENT = b"%PDF-1.7 a certified copy"
OTHER = b"%PDF-1.7 the copy in its place"


@pytest.fixture
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        yield made


def voided(revision=2, **changes):
    fields = {"at": build.NOON, "entry": build.ENTRY, "revision": revision}
    return CertificationVoided(**fields | changes)


async def rejected_by_the_gate(store):
    """A copy that the real gate has refused."""
    event = await store.put_sealed(CONTENT)
    await give(store, store.strict, ordered())
    await give(store, store.strict, event)
    return event


async def archived_digest(store):
    copy = await store.catalogue.copy(build.ENTRY)
    return None if copy is None else copy.sha256


async def test_a_rejected_copy_is_never_archived_also_when_it_would_pass(store):
    """The trust document was wrong and is mended: the word that these bytes are never
    archived stands, is said again, and halts nobody a second time.
    """
    event = await rejected_by_the_gate(store)
    assert await give(store, store.storage, event, deliveries=2) == "ack"
    again = await store.put_sealed(CONTENT, revision=1)
    assert await give(store, store.storage, again) == "ack"
    assert await archived_digest(store) is None
    news = await announcements(store)
    assert [type(e) for e in news].count(CertificationHalted) == 1
    assert {e.copy_sha256 for e in news} == {event.copy_ref.sha256}
    assert [type(e) for e in news].count(CopyRejected) == 2


async def test_another_copy_takes_the_place_of_the_rejected_one(store):
    """The renewed order, and the copy that signing makes of it."""
    event = await rejected_by_the_gate(store)
    await give(
        store, store.storage, ordered(revision=2, replaces=event.copy_ref.sha256)
    )
    other = await store.put_sealed(OTHER, revision=2)
    assert await give(store, store.storage, other) == "ack"
    assert await archived_digest(store) == build.digest(OTHER)
    assert await store.archive.get(archive_key(build.ENTRY)) == OTHER


async def test_an_object_that_a_crash_left_is_not_in_the_way(store):
    """Stored but not entered, then the bytes were spoilt and rejected: the next copy
    takes the number's one key.
    """
    await store.archive.put(archive_key(build.ENTRY), CONTENT)
    event = await rejected_by_the_gate(store)
    await give(
        store, store.storage, ordered(revision=2, replaces=event.copy_ref.sha256)
    )
    other = await store.put_sealed(OTHER, revision=2)
    assert await give(store, store.storage, other) == "ack"
    assert await store.archive.get(archive_key(build.ENTRY)) == OTHER
    assert await archived_digest(store) == build.digest(OTHER)


async def test_nothing_but_rejected_bytes_is_thrown_away(store):
    """Whatever else lies under the key and is no copy is put aside."""
    event = await rejected_by_the_gate(store)
    stranger = b"of somebody else"
    await store.archive.put(archive_key(build.ENTRY), stranger)
    await give(
        store, store.storage, ordered(revision=2, replaces=event.copy_ref.sha256)
    )
    other = await store.put_sealed(OTHER, revision=2)
    await give(store, store.storage, other)
    aside = f"{SET_ASIDE}/{build.ENTRY}/{build.digest(stranger)}.pdf"
    assert await store.archive.get(aside) == stranger
    assert await give(store, store.storage, other, 2) == "ack"
    assert await archived_digest(store) == build.digest(OTHER)


async def test_an_order_that_replaces_a_copy_rejects_it(store):
    """Not archived yet: from now on it never is, and signing hears that for each order
    that asks, however often that one is delivered.
    """
    event = await store.put_sealed(CONTENT)
    await give(store, store.storage, ordered())
    for _ in range(2):
        renewed = ordered(revision=2, replaces=event.copy_ref.sha256)
        for deliveries in (1, 2):
            await give(store, store.storage, renewed, deliveries)
    news = await announcements(store)
    assert [type(e) for e in news] == [CopyRejected, CopyRejected]
    assert {e.copy_sha256 for e in news} == {event.copy_ref.sha256}
    late = event.model_copy(update={"revision": 2})
    await give(store, store.storage, late)
    assert await archived_digest(store) is None


async def test_an_archived_copy_is_not_replaced(store):
    """Archived first: the order that would replace it is answered with the copy."""
    await store.archived(CONTENT)
    renewed = ordered(revision=2, replaces=build.digest(CONTENT))
    for deliveries in (1, 2):
        await give(store, store.storage, renewed, deliveries)
    first, again = await announcements(store)
    assert (type(again), again.copy_ref) == (CopyArchived, first.copy_ref)
    assert again.pages == first.pages
    assert await archived_digest(store) == build.digest(CONTENT)


async def test_a_repeated_order_is_answered_with_its_copy(store):
    """The stream was lost with the news: intake repeats the order under a new event id
    and hears it again; the first order delivered again is no repeat.
    """
    order = ordered()
    await give(store, store.storage, order)
    await give(store, store.storage, await store.put_sealed(CONTENT))
    await give(store, store.storage, order, deliveries=2)
    assert [type(e) for e in await announcements(store)] == [CopyArchived]
    await give(store, store.storage, ordered())
    first, again = await announcements(store)
    assert (again.copy_ref, again.id != first.id) == (first.copy_ref, True)


async def test_an_order_of_another_paper_is_not_answered_with_this_copy(store):
    """A register put back from yesterday: nobody takes this copy for its own."""
    await store.archived(CONTENT)
    await give(store, store.storage, ordered(original=build.ref(b"another paper")))
    assert [type(e) for e in await announcements(store)] == [CopyArchived]


async def test_a_number_declared_void_is_closed(store):
    """Once, and nothing is archived under it: neither what was sealed, nor what is
    ordered later.
    """
    event = await store.put_sealed(CONTENT)
    await give(store, store.storage, ordered())
    word = voided()
    for deliveries in (1, 2):
        assert await give(store, store.storage, word, deliveries) == "ack"
    assert await give(store, store.storage, event) == "ack"
    await give(store, store.storage, ordered(revision=3))
    later = await store.put_sealed(OTHER, revision=3)
    assert await give(store, store.storage, later) == "ack"
    assert await archived_digest(store) is None
    assert await store.archive.size(archive_key(build.ENTRY)) is None
    first, *more = await announcements(store)
    assert (type(first), first.revision) == (CertificationClosed, 2)
    assert {type(e) for e in more} == {CertificationClosed}


async def test_a_number_that_was_never_ordered_can_be_closed(store):
    """The declaration may come before every order."""
    await give(store, store.storage, voided())
    assert await give(store, store.storage, ordered()) == "ack"
    assert await give(store, store.storage, await store.put_sealed(CONTENT)) == "ack"
    assert await archived_digest(store) is None


async def test_a_copy_that_was_faster_is_said_again(store):
    """Declared void, but archived already: the number is issued after all."""
    await store.archived(CONTENT)
    word = voided()
    for deliveries in (1, 2):
        await give(store, store.storage, word, deliveries)
    first, again = await announcements(store)
    assert (type(again), again.copy_ref) == (CopyArchived, first.copy_ref)
    await give(store, store.storage, voided())
    assert len(await announcements(store)) == 3


async def test_what_a_crash_stored_of_a_closed_number_is_taken_away(store):
    """The object was there before the number was closed, and no row."""
    event = await store.put_sealed(CONTENT)
    await give(store, store.storage, ordered())
    await store.archive.put(archive_key(build.ENTRY), CONTENT)
    await give(store, store.storage, voided())
    await give(store, store.storage, event)
    assert await store.archive.size(archive_key(build.ENTRY)) is None


async def test_a_lost_copy_is_rejected_after_some_tries_and_some_time(store):
    """Not before both: a store that comes back or a clock that jumps costs none."""
    event = await store.put_sealed(CONTENT)
    await store.copies.put(MARK, b"signing")
    await store.copies.delete(event.copy_ref.key)
    await give(store, store.storage, ordered())
    store.hands.forward(days=14)
    for tries in (1, 2, 3, 4):
        answer = await give(store, store.storage, event, tries)
        assert answer[0] == "nak"
    store.hands.forward(seconds=61)
    assert await give(store, store.storage, event, 5) == "ack"
    rejected, halted = (await announcements(store))[-2:]
    assert (rejected.reason, halted.detail) == ("copy-missing", "copy-missing")
    assert halted.copy_sha256 == event.copy_ref.sha256


async def test_a_copy_that_comes_back_in_time_is_archived(store):
    """Missed three times, then there: archived, and nothing is rejected."""
    event = await store.put_sealed(CONTENT)
    await store.copies.put(MARK, b"signing")
    await store.copies.delete(event.copy_ref.key)
    await give(store, store.storage, ordered())
    for tries in (1, 2, 3):
        await give(store, store.storage, event, tries)
        store.hands.forward(minutes=5)
    await store.copies.put(event.copy_ref.key, CONTENT)
    assert await give(store, store.storage, event, 4) == "ack"
    assert await archived_digest(store) == build.digest(CONTENT)


async def test_a_bucket_that_shows_nothing_rejects_nothing(store):
    """Not mounted, or never filled: the store's trouble, however long."""
    event = await store.put_sealed(CONTENT)
    await store.copies.delete(event.copy_ref.key)
    await give(store, store.storage, ordered())
    for tries in range(1, 9):
        assert (await give(store, store.storage, event, tries))[0] == "nak"
        store.hands.now += timedelta(hours=1)
    assert {e.hindrance for e in await announcements(store)} == {Hindrance.STORE}
