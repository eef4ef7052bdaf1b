"""From copy.sealed to an archived, catalogued, linked copy: what storage promises to
whoever redelivers, comes too early, or brings another file."""

import mmap
import os

import pytest
from sqlalchemy import select

from chassis import outbox
from chassis.objects.directory import DirectoryObjects
from ecopy.events import CertificationDelayed, CopyArchived, Envelope
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from storage.adapters.custody import IN_MEMORY_BYTES, ObjectCustody
from storage.domain.copies import archive_key
from storage.domain.gate import Passed
from support import build
from support.given import announcements, give
from support.storage import TRUST, ordered, sealed, shelf

CONTENT = b"%PDF-1.7 a certified copy " * 4000


@pytest.fixture
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        yield made


async def test_an_archived_copy_is_the_sealed_one_bit_by_bit(store):
    """The archive holds the bytes, the catalogue the line, the outbox the event."""
    event = await store.put_sealed(CONTENT)
    assert await give(store, store.storage, ordered()) == "ack"
    assert await give(store, store.storage, event) == "ack"

    assert await store.archive.get(archive_key(build.ENTRY)) == CONTENT
    copy = await store.catalogue.copy(build.ENTRY)
    assert copy is not None
    assert (copy.sha256, copy.size) == (build.digest(CONTENT), len(CONTENT))
    (archived,) = await announcements(store)
    assert archived.copy_ref.sha256 == build.digest(CONTENT)
    assert archived.pages == 2


async def test_a_copy_before_its_order_waits_for_it(store):
    """copy.sealed first: held with its reason, archived once the order is here."""
    event = await store.put_sealed(CONTENT)
    assert await give(store, store.storage, event) == ("nak", 1)
    (delayed,) = await announcements(store)
    assert delayed.hindrance is Hindrance.ORDER
    assert (delayed.tries, delayed.since) == (1, event.at)
    assert (delayed.next_try_at - store.hands()).total_seconds() == 1

    await give(store, store.storage, ordered())
    assert await give(store, store.storage, event, deliveries=2) == "ack"
    assert isinstance((await announcements(store))[-1], CopyArchived)


async def test_a_copy_of_a_later_revision_waits_for_that_order(store):
    """A copy is never judged against an order older than its own."""
    event = await store.put_sealed(CONTENT, revision=2)
    await give(store, store.storage, ordered(revision=1))
    assert await give(store, store.storage, event) == ("nak", 1)
    await give(store, store.storage, ordered(revision=2))
    assert await give(store, store.storage, event) == "ack"


async def test_a_copy_of_an_older_revision_is_not_archived(store):
    """It has the words of the first order: the facts of the second are not put beside
    them. The copy of the second is, whichever comes first.
    """
    old = await store.put_sealed(CONTENT, revision=1)
    await give(store, store.storage, ordered(revision=2))
    assert await give(store, store.storage, old) == "ack"
    assert await store.catalogue.copy(old.entry) is None
    assert await announcements(store) == []
    new = await store.put_sealed(CONTENT + b"2", revision=2)
    assert await give(store, store.storage, new) == "ack"
    assert (await store.catalogue.copy(new.entry)).sha256 == new.copy_ref.sha256


async def test_redelivery_changes_nothing(store):
    """The same event ten times: one copy, one link, one announcement."""
    event = await store.put_sealed(CONTENT)
    await give(store, store.storage, ordered())
    for deliveries in range(1, 11):
        assert await give(store, store.storage, event, deliveries) == "ack"
    assert len(await announcements(store)) == 1


async def test_a_crash_after_the_put_is_made_good(store):
    """The object lies there but no line does: the next delivery finishes the work."""
    event = await store.put_sealed(CONTENT)
    await store.archive.put(archive_key(build.ENTRY), CONTENT)
    await give(store, store.storage, ordered())
    assert await give(store, store.storage, event) == "ack"
    assert isinstance((await announcements(store))[-1], CopyArchived)


@pytest.mark.parametrize(
    "lies_there", [CONTENT[:5], b"", bytes(len(CONTENT)), CONTENT + b"more"]
)
async def test_half_an_object_is_put_aside_and_the_copy_comes_in(store, lies_there):
    """A store has cut the object off, and a crash kept us from seeing it. Nobody has to
    do anything, and nothing that lay in the archive is thrown away.
    """
    key = archive_key(build.ENTRY)
    await store.archive.put(key, lies_there)
    event = await store.put_sealed(CONTENT)
    await give(store, store.storage, ordered())
    assert await give(store, store.storage, event) == ("nak", 1)
    (late,) = await announcements(store)
    assert isinstance(late, CertificationDelayed)
    assert await give(store, store.storage, event, 2) == "ack"
    assert await store.archive.get(key) == CONTENT
    aside = f"set-aside/{build.ENTRY}/{build.digest(lies_there)}.pdf"
    assert await store.archive.get(aside) == lies_there


async def test_another_copy_of_an_archived_number_halts(store):
    """A second sealed file of one number is refused; the first goes on being served."""
    await store.archived(CONTENT)
    other = await store.put_sealed(b"%PDF-1.7 sealed twice")
    assert await give(store, store.storage, other) == "ack"
    assert (await announcements(store))[-1].reason is Reason.OTHER_COPY_ARCHIVED
    copy = await store.catalogue.copy(build.ENTRY)
    assert copy is not None
    assert copy.sha256 == build.digest(CONTENT)


async def test_what_the_gate_refuses_halts_and_is_not_archived(store):
    """The real gate: a file that is no certified copy halts with the gate's reason,
    once, however often it is delivered."""
    event = await store.put_sealed(CONTENT)
    await give(store, store.strict, ordered())
    for deliveries in (1, 2):
        assert await give(store, store.strict, event, deliveries) == "ack"
    rejected, halted, *again = await announcements(store)
    assert (halted.reason, halted.copy_sha256) == (
        Reason.COPY_REFUSED,
        event.copy_ref.sha256,
    )
    assert halted.detail == rejected.reason
    assert rejected.copy_sha256 == event.copy_ref.sha256
    assert again == []
    assert (halted.stage, halted.revision) == ("storage", 1)
    assert await store.archive.size(archive_key(build.ENTRY)) is None


async def test_a_reference_to_another_entrys_object_is_refused(store):
    """Signing's word does not choose what is read: only this entry's own objects."""
    event = sealed(CONTENT)
    event = event.model_copy(
        update={"copy_ref": event.copy_ref.model_copy(update={"key": "../trust.json"})}
    )
    await give(store, store.storage, ordered())
    assert await give(store, store.storage, event) == "ack"
    assert (await announcements(store))[1].reason is Reason.COPY_REFUSED


async def test_a_length_that_differs_is_refused_unread(store):
    """A file of another length than announced is not even opened."""
    event = await store.put_sealed(CONTENT)
    shorter = event.copy_ref.model_copy(update={"size": len(CONTENT) - 1})
    await give(store, store.storage, ordered())
    event = event.model_copy(update={"copy_ref": shorter})
    assert await give(store, store.storage, event) == "ack"
    assert (await announcements(store))[1].reason is Reason.COPY_REFUSED


async def test_a_copy_that_is_not_there_yet_is_waited_for(store):
    """An object that the store does not show is the store's trouble, not a refusal."""
    await give(store, store.storage, ordered())
    assert await give(store, store.storage, sealed(CONTENT)) == ("nak", 1)
    assert (await announcements(store))[0].hindrance is Hindrance.STORE


async def test_events_name_storage_as_their_source(store):
    """What the outbox holds is signed and sent as storage's word."""
    await store.archived(CONTENT)
    body = await store.database.read(lambda tx: tx.scalar(select(outbox.outbox.c.body)))
    assert Envelope.model_validate_json(body).source == "/ecopy/storage"


async def test_delays_tell_when_the_next_try_is(store):
    """Each step of the back-off is announced with its own hour."""
    event = await store.put_sealed(CONTENT)
    for tries, seconds in ((1, 1), (2, 5), (3, 30), (9, 60)):
        assert await give(store, store.storage, event, tries) == ("nak", seconds)
    steps = [
        (e.tries, e.next_try_at - store.hands()) for e in await announcements(store)
    ]
    assert [(t, d.total_seconds()) for t, d in steps] == [
        (1, 1),
        (2, 5),
        (3, 30),
        (9, 60),
    ]


async def test_a_large_copy_stays_a_file_and_is_hashed_again(store, tmp_path):
    """Beyond what is held in memory the copy is mapped, and what was archived is
    hashed: whoever changes it between judgement and put is found out."""
    content = os.urandom(IN_MEMORY_BYTES + 1)
    reference = sealed(content).copy_ref
    await store.copies.put(reference.key, content)
    custody = ObjectCustody(store.copies, DirectoryObjects(tmp_path / "a"), TRUST)
    async with custody.open_sealed(reference, build.ENTRY) as taken:
        assert isinstance(taken.view, mmap.mmap)
        passed = Passed(
            reference.sha256, len(content), 2, build.NOON, build.NOON, "TSA"
        )
        kept = await custody.store(taken, passed, build.ENTRY)
        assert kept.sha256 == reference.sha256

    custody = ObjectCustody(store.copies, DirectoryObjects(tmp_path / "b"), TRUST)
    async with custody.open_sealed(reference, build.ENTRY) as taken:
        file = tmp_path / "copies" / reference.key
        with file.open("r+b") as changed:
            changed.seek(1000)
            changed.write(b"changed after the judgement")
        with pytest.raises((Trouble, Refusal)):
            await custody.store(taken, passed, build.ENTRY)
