"""The seal journal over both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from chassis import migration
from chassis.database import Database
from chassis.hash_chain import Break, BrokenChainError, Head
from chassis.outbox import outbox
from ecopy.events import CertificationHalted, CopySealed, SignatureSummary
from ecopy.refusals import Reason
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.key_uses import uses_since
from signing.adapters.journal.report import read_journal
from signing.adapters.journal.tables import CHAIN, seal_journal
from signing.console import MIGRATIONS
from signing.domain.attempts import Attempt, AttemptOutcome, Fate, order_digest
from signing.domain.signatories import Signatories, Signatory
from support import build
from support.databases import make_empty, make_ready

BOTH = Signatories(
    Signatory("officer", "o", build.digest(b"officer")),
    Signatory("seal", "s", build.digest(b"seal")),
)


@pytest.fixture
async def store(database_url):
    make_ready(database_url, MIGRATIONS)
    store = Database(database_url)
    yield store
    await store.close()


@pytest.fixture
def journal(store):
    return SqlSealJournal(store, lambda: build.NOON)


def attempt(revision=1):
    return Attempt(uuid4(), build.ENTRY, revision, build.digest(), BOTH)


def outcome(made_by, content=b"copy"):
    both = tuple(
        SignatureSummary(
            role=role,
            subject_name="Phạm Quốc Vĩnh",
            issuer_name="b",
            serial="1",
            certificate_sha256=build.digest(),
            signed_at=build.NOON,
            tsa_name="t",
            level="B-LT",
        )
        for role in ("officer", "seal")
    )
    return AttemptOutcome(
        made_by.id, build.ENTRY, made_by.revision, build.ref(content, "copies"), both
    )


def sealed(completed_attempt):
    return CopySealed(
        at=build.NOON,
        entry=completed_attempt.entry,
        revision=completed_attempt.revision,
        copy_ref=completed_attempt.copy_ref,
        signatures=completed_attempt.signatures,
    )


async def events(store):
    return await store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(outbox))
    )


async def completed_attempt(journal, content=b"copy"):
    tried = attempt()
    await journal.record_intent(tried)
    done = outcome(tried, content)
    await journal.record_outcome(done)
    return done


async def test_an_unknown_entry_has_no_standing(journal):
    history = await journal.history(build.ENTRY)
    assert (history.revision, history.sealed, history.undecided) == (0, False, ())


async def test_the_journal_keeps_what_a_copy_was_made_from(journal):
    """The digest of its order comes back with the outcome, and with the issue."""
    asked = build.ordered()
    tried = attempt()
    await journal.record_intent(tried)
    done = replace(outcome(tried), order_sha256=order_digest(asked))
    await journal.record_outcome(done)
    assert (await journal.history(build.ENTRY)).undecided == (done,)
    await journal.conclude(done, sealed(done))
    copy = (await journal.history(build.ENTRY)).copy
    assert copy == done
    assert copy.answers(asked.model_copy(update={"revision": 2, "id": uuid4()}))
    assert not copy.answers(asked.model_copy(update={"code": "7K2F9MQX4TBE"}))


async def test_an_outcome_is_loose_until_it_is_concluded(journal, store):
    """Between record and conclude a crash leaves it findable, whole."""
    done = await completed_attempt(journal)
    (loose,) = (await journal.history(build.ENTRY)).undecided
    assert loose.copy_ref == done.copy_ref
    assert loose.signatures == done.signatures
    assert await journal.conclude(loose, sealed(loose)) is Fate.COPY
    history = await journal.history(build.ENTRY)
    assert (history.sealed, history.undecided) == (True, ())
    assert await events(store) == 1


async def test_the_first_outcome_wins(journal, store):
    """The second conclusion is written off and publishes nothing."""
    first, second = (
        await completed_attempt(journal, b"one"),
        await completed_attempt(journal, b"two"),
    )
    assert await journal.conclude(first, sealed(first)) is Fate.COPY
    assert await journal.conclude(second, sealed(second)) is Fate.BEATEN
    assert await events(store) == 1
    history = await journal.history(build.ENTRY)
    assert history.copy == first
    assert history.undecided == ()
    assert history.written_off == (second,)


async def test_concluding_twice_is_once(journal, store):
    """Whoever else concluded it: it is the copy, its bytes stay, one event."""
    done = await completed_attempt(journal)
    for _ in range(2):
        assert await journal.conclude(done, sealed(done)) is Fate.COPY
    assert await events(store) == 1
    assert (await journal.verify()).head.rows == 3


async def test_what_is_announced_raises_the_revision(journal, store):
    """A halt or a delay of revision 3 holds against an order of revision 2; told once
    more of an older one, nothing is lowered. The same event is sent once.
    """
    halted = CertificationHalted(
        at=build.NOON,
        entry=build.ENTRY,
        stage="signing",
        revision=3,
        reason=Reason.KEY_MISSING,
        detail="o",
    )
    await journal.announce(halted, 3)
    await journal.announce(halted, 2)
    assert (await journal.history(build.ENTRY)).revision == 3
    assert await events(store) == 1
    late = attempt(revision=2)
    await journal.record_intent(late)
    assert (await journal.history(build.ENTRY)).revision == 3
    old = outcome(late)
    await journal.record_outcome(old)
    assert await journal.conclude(old, sealed(old)) is Fate.LOST


async def test_written_off_it_is_never_the_copy(journal, store):
    """Recorded, not stored yet, another process gave it up: the slow one is told so."""
    slow = await completed_attempt(journal)
    assert await journal.write_off(slow) is Fate.LOST
    assert await journal.write_off(slow) is Fate.LOST
    assert await journal.conclude(slow, sealed(slow)) is Fate.LOST
    assert await events(store) == 0
    assert (await journal.verify()).head.rows == 3


async def test_the_copy_is_never_written_off(journal):
    """The giving up came too late: no row, and the bytes must stay."""
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    assert await journal.write_off(done) is Fate.COPY
    assert (await journal.history(build.ENTRY)).written_off == ()


async def test_an_outcome_of_a_renewed_order_is_written_off(journal, store):
    """The highest revision holds: what was made for an older one is no copy."""
    old = await completed_attempt(journal)
    await journal.record_intent(attempt(revision=2))
    assert await journal.conclude(old, sealed(old)) is Fate.LOST
    assert await events(store) == 0


@pytest.mark.parametrize("turn", range(8))
async def test_two_processes_on_one_entry_make_one_copy(store, database_url, turn):
    """Two databases' worth of connections, every act at once: one is the copy, the
    other's fate is known to both, one event, an unbroken chain.
    """
    other = Database(database_url)
    ours, theirs = (SqlSealJournal(s, lambda: build.NOON) for s in (store, other))
    mine, his = await asyncio.gather(
        completed_attempt(ours, b"one"), completed_attempt(theirs, b"two")
    )
    acts = [
        ours.conclude(mine, sealed(mine)),
        theirs.conclude(his, sealed(his)),
        theirs.write_off(mine),
        ours.write_off(his),
    ]
    await asyncio.gather(*acts[turn % 4 :], *acts[: turn % 4])
    history = await ours.history(build.ENTRY)
    fates = [await ours.write_off(o) for o in (mine, his)]
    copies = [o for o, f in zip((mine, his), fates, strict=True) if f is Fate.COPY]
    assert copies == ([history.copy] if history.copy else [])
    assert not set(history.written_off) & set(copies)
    assert history.undecided == ()
    assert await events(store) == len(copies) <= 1
    await theirs.verify()
    await other.close()


async def test_the_highest_revision_is_remembered(journal):
    await journal.record_intent(attempt(revision=3))
    await journal.record_intent(attempt(revision=2))
    assert (await journal.history(build.ENTRY)).revision == 3


async def test_an_announcement_is_made_once(journal, store):
    event = build.delayed(id=UUID(int=5))
    await journal.announce(event, 1)
    await journal.announce(event, 1)
    assert await events(store) == 1


async def test_every_use_of_a_key_is_in_an_unbroken_chain(journal):
    """intent, outcome, issue; intent, failure: five rows, each on the last one."""
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    failed = attempt()
    await journal.record_intent(failed)
    await journal.record_failure(failed, "Trouble()")
    chain = await journal.verify()
    assert (chain.head.rows, chain.open, chain.loose) == (5, (), ())


async def test_rows_are_for_ever(journal, store):
    """The database itself refuses to change or delete one."""
    await completed_attempt(journal)
    for change in (
        update(seal_journal).values(entry="another"),
        text("DELETE FROM seal_journal"),
    ):
        with pytest.raises(DatabaseError):
            await store.write(lambda tx, change=change: tx.execute(change))
    assert (await journal.verify()).head.rows == 2


CHANGES = {
    "position": 9,
    "at": build.NOON + timedelta(microseconds=1),
    "kind": "failure",
    "entry": build.ENTRY + "1",
    "revision": 2,
    "attempt": str(UUID(int=7)),
    "copy_sha256": build.digest(b"x"),
    "facts": "{}",
    "prev": build.digest(b"x"),
    "this": build.digest(b"x"),
}


def test_every_column_is_tried():
    assert set(CHANGES) == set(seal_journal.c.keys())


@pytest.mark.parametrize("column", CHANGES)
async def test_a_changed_column_breaks_the_chain(journal, store, column):
    """Each column of a row, even by somebody who can drop the triggers."""
    await completed_attempt(journal)
    await _drop_guard(store)
    change = update(seal_journal).where(seal_journal.c.position == 2)
    await store.write(lambda tx: tx.execute(change.values({column: CHANGES[column]})))
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify()
    assert caught.value.position == 2


@pytest.mark.parametrize("position", [1, 2, 3, 4, 5])
async def test_a_dropped_row_breaks_the_chain(journal, store, position):
    """The first, any in between, and the last, which the entry's copy tells of."""
    await completed_attempt(journal)
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    await _drop_guard(store)
    drop = text(f"DELETE FROM seal_journal WHERE position = {position}")
    await store.write(lambda tx: tx.execute(drop))
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify()
    assert caught.value.position == position
    assert caught.value.how is (Break.CUT if position == 5 else Break.ORDER)


async def test_a_cut_end_is_found_by_a_head_noted_before(journal, store):
    """What no chain can tell by itself: the last rows dropped, the rest whole."""
    await completed_attempt(journal)
    noted = (await journal.verify()).head
    await journal.verify(noted)
    await _drop_guard(store)
    drop = text("DELETE FROM seal_journal WHERE position = 2")
    await store.write(lambda tx: tx.execute(drop))
    await journal.verify()
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify(noted)
    assert caught.value.how is Break.HEAD
    with pytest.raises(BrokenChainError):
        await journal.verify(Head(1, build.digest(b"x")))


async def test_a_swapped_pair_breaks_the_chain(journal, store):
    """Two rows change places, each whole in itself."""
    await completed_attempt(journal)
    await completed_attempt(journal)
    await _drop_guard(store)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        move = update(seal_journal).where(seal_journal.c.position == old)
        await store.write(lambda tx, m=move, n=new: tx.execute(m.values(position=n)))
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify()
    assert caught.value.position == 2


async def test_a_row_slipped_in_breaks_the_chain(journal, store):
    """With a right digest of its own, and every later row moved up."""
    await completed_attempt(journal)
    await completed_attempt(journal)
    await _drop_guard(store)

    def slip(tx):
        rows = seal_journal.c
        for position in (4, 3):
            move = update(seal_journal).where(rows.position == position)
            tx.execute(move.values(position=position + 1))
        second = select(seal_journal).where(rows.position == 2)
        forged = dict(tx.execute(second).mappings().one())
        forged |= {"position": 3, "prev": forged["this"], "revision": 9}
        forged["this"] = CHAIN.digest(forged)
        follow = update(seal_journal).where(rows.position == 4)
        tx.execute(follow.values(prev=forged["this"]))
        tx.execute(insert(seal_journal).values(**forged))

    await store.write(slip)
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify()
    assert caught.value.position == 4


async def test_what_no_type_can_hold_is_a_broken_row(tmp_path):
    """SQLite keeps any bytes: bad UTF-8, a blob, a word for a time, a spaced time."""
    url = f"sqlite:///{tmp_path}/odd.db"
    for value in ("CAST(x'ff41' AS TEXT)", "x'7b7d'", "'soon'", "at || ' '"):
        column = "at" if "'" in value[:1] or value.startswith("at") else "facts"
        (tmp_path / "odd.db").unlink(missing_ok=True)
        make_ready(url, MIGRATIONS)
        store = Database(url)
        journal = SqlSealJournal(store, lambda: build.NOON)
        await completed_attempt(journal)
        await _drop_guard(store)
        change = text(f"UPDATE seal_journal SET {column} = {value} WHERE position = 1")
        await store.write(lambda tx, c=change: tx.execute(c))
        with pytest.raises(BrokenChainError) as caught:
            await journal.verify()
        assert caught.value.position == 1
        await store.close()


async def test_a_rejected_copy_is_withdrawn(journal, store):
    """The entry has none, however often the rejection is heard; its bytes are named for
    destruction each time; another can become the copy, the withdrawn one never.
    """
    first = await completed_attempt(journal, b"one")
    await journal.conclude(first, sealed(first))
    for _ in range(2):
        over = await journal.withdraw(build.ENTRY, first.copy_ref.sha256, "story")
        assert over == (first,)
    history = await journal.history(build.ENTRY)
    assert (history.copy, history.written_off) == (None, (first,))
    assert await journal.conclude(first, sealed(first)) is Fate.LOST
    assert not await journal.announce_copy(first, sealed(first))
    second = await completed_attempt(journal, b"two")
    assert await journal.conclude(second, sealed(second)) is Fate.COPY
    assert (await journal.history(build.ENTRY)).copy == second
    assert await events(store) == 2
    chain = await journal.verify()
    assert (chain.loose, chain.open, chain.head.rows) == ((), (), 7)


async def test_a_rejection_of_other_bytes_withdraws_nothing(journal):
    """Bytes that are nobody's copy, or a loser's: the copy stays."""
    copy, loser = (
        await completed_attempt(journal, b"one"),
        await completed_attempt(journal, b"two"),
    )
    await journal.conclude(copy, sealed(copy))
    await journal.conclude(loser, sealed(loser))
    assert await journal.withdraw(build.ENTRY, build.digest(b"x"), "story") == ()
    over = await journal.withdraw(build.ENTRY, loser.copy_ref.sha256, "story")
    assert over == (loser,)
    assert (await journal.history(build.ENTRY)).copy == copy


async def test_a_rejected_outcome_never_becomes_the_copy(journal):
    """Rejected while the journal, put back from a backup, has it undecided."""
    done = await completed_attempt(journal)
    over = await journal.withdraw(build.ENTRY, done.copy_ref.sha256, "replaced")
    assert over == (done,)
    assert await journal.conclude(done, sealed(done)) is Fate.LOST
    assert (await journal.history(build.ENTRY)).undecided == ()


async def test_an_archived_copy_is_never_withdrawn(journal):
    """Noted twice, then rejected by mistake: it stays the copy."""
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    for _ in range(2):
        await journal.note_archived(build.ENTRY, done.copy_ref.sha256)
    assert await journal.withdraw(build.ENTRY, done.copy_ref.sha256, "story") == ()
    assert await journal.close(build.ENTRY, 2) == ()
    history = await journal.history(build.ENTRY)
    assert (history.copy, history.archived) == (done, done.copy_ref.sha256)


async def test_what_is_archived_without_our_knowledge_is_settled(journal):
    """A new journal beside an old archive hears of it, and makes no second copy."""
    await journal.note_archived(build.ENTRY, build.digest(b"theirs"))
    history = await journal.history(build.ENTRY)
    assert (history.settled, history.copy, history.revision) == (True, None, 0)
    late = await completed_attempt(journal)
    assert await journal.conclude(late, sealed(late)) is Fate.BEATEN


async def test_a_closed_entry_has_no_copy_any_more(journal, store):
    """Copy and undecided outcome are given up, and what a slow process makes after that
    is none either.
    """
    copy, undecided = (
        await completed_attempt(journal, b"one"),
        await completed_attempt(journal, b"two"),
    )
    await journal.conclude(copy, sealed(copy))
    for _ in range(2):
        assert set(await journal.close(build.ENTRY, 2)) == {copy, undecided}
    history = await journal.history(build.ENTRY)
    assert (history.closed, history.settled, history.copy) == (True, True, None)
    assert history.revision == 2
    late = await completed_attempt(journal, b"three")
    assert await journal.conclude(late, sealed(late)) is Fate.LOST
    assert await events(store) == 1
    assert (await journal.verify()).loose == ()


async def test_an_entry_that_was_never_ordered_can_be_closed(journal):
    """The news may come before every order; what is made of one later is no copy."""
    assert await journal.close(build.ENTRY, 1) == ()
    assert (await journal.history(build.ENTRY)).closed
    late = await completed_attempt(journal)
    assert await journal.conclude(late, sealed(late)) is Fate.LOST


async def test_a_journal_of_the_first_schema_verifies_after_the_second(
    database_url, tmp_path
):
    """Rows, digests and guards go over unchanged; then a copy can be withdrawn."""
    first = tmp_path / "first"
    first.mkdir()
    for path in MIGRATIONS.glob("0001*.py"):
        (first / path.name).write_bytes(path.read_bytes())
    make_empty(database_url)
    migration.migrate(database_url, first)
    store = Database(database_url)
    before = await store.write(_an_old_row)
    migration.migrate(database_url, MIGRATIONS)
    journal = SqlSealJournal(store, lambda: build.NOON)
    assert (await journal.verify()).head == before
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    assert await journal.withdraw(build.ENTRY, done.copy_ref.sha256, "story") == (done,)
    assert (await journal.verify(before)).head.rows == 5
    with pytest.raises(DatabaseError, match="for ever"):
        await store.write(
            lambda tx: tx.execute(update(seal_journal).values(revision=9))
        )
    await store.close()


def _an_old_row(tx):
    """An intent as the first schema wrote it."""
    row = {
        "kind": "intent",
        "entry": "H99.42.05.13/E/2026/1",
        "revision": 1,
        "attempt": str(UUID(int=7)),
        "copy_sha256": None,
        "facts": '{"keys":[],"original_sha256":"x"}',
        "at": build.NOON,
    }
    return CHAIN.append(tx, row)


async def test_open_tries_are_listed(journal):
    """An intent that nothing settled, and an outcome that became nothing yet."""
    await journal.record_intent(attempt())
    await completed_attempt(journal)
    chain = await journal.verify()
    assert [tried.position for tried in chain.open] == [1]
    assert [tried.position for tried in chain.loose] == [3]
    assert chain.open[0].entry == build.ENTRY


async def test_uses_of_a_key_are_counted_from_their_intent(store):
    """Each intent uses both keys, whatever became of it, the one at the first moment
    too; what came before is not read. Oldest first.
    """
    hours = iter(build.NOON + timedelta(hours=h) for h in (-2, -1, -1, 0, 0))
    journal = SqlSealJournal(store, lambda: next(hours))
    await journal.record_intent(attempt())
    failing = attempt()
    await journal.record_intent(failing)
    await journal.record_failure(failing, "trouble")
    await completed_attempt(journal)
    start = build.NOON - timedelta(hours=1)
    uses = await uses_since(store, start)
    assert sorted(uses) == [
        ("o", start),
        ("o", build.NOON),
        ("s", start),
        ("s", build.NOON),
    ]
    assert [at for _, at in uses] == sorted(at for _, at in uses)
    assert await uses_since(store, build.NOON + timedelta(seconds=1)) == []


async def test_a_reading_is_told_in_plain_words(journal, store):
    """Rows, head, open tries; then the first broken row in one sentence, status 1."""
    done = await completed_attempt(journal)
    await journal.conclude(done, sealed(done))
    whole = await read_journal(journal, None)
    head = (await journal.verify()).head
    assert whole.status == 0
    assert f"rows: 3\nhead: 3:{head.this}\nopen: 0\n" in whole.text
    assert (await read_journal(journal, f"3:{head.this}")).status == 0
    assert (await read_journal(journal, "three")).status == 3
    rewritten = await read_journal(journal, f"3:{'0' * 64}")
    assert rewritten.status == 1
    assert rewritten.text.startswith("broken: 3\n")
    await _drop_guard(store)
    change = update(seal_journal).where(seal_journal.c.position == 3)
    await store.write(lambda tx: tx.execute(change.values(revision=4)))
    broken = await read_journal(journal, None)
    assert broken.status == 1
    assert broken.text.startswith("broken: 3\n")
    assert len(broken.text.splitlines()) == 2


async def _drop_guard(store):
    if store.engine.dialect.name == "postgresql":
        drop = ["ALTER TABLE seal_journal DISABLE TRIGGER USER"]
    else:
        drop = [f"DROP TRIGGER seal_journal_no_{v}" for v in ("update", "delete")]
    for statement in drop:
        await store.write(lambda tx, s=statement: tx.execute(text(s)))


async def test_a_person_reads_of_each_try_that_is_not_settled(journal):
    """One line a try, and below them what that means, once."""
    await completed_attempt(journal)
    waits = attempt(revision=2)
    await journal.record_intent(waits)
    lines = (await read_journal(journal, None)).text.splitlines()
    at = "2026-11-23T05:00:00.000000+00:00"
    row = f"row 3 · {build.ENTRY} · revision 2 · {at} · attempt {waits.id}"
    opened = lines.index("open: 1")
    assert lines[opened + 1].strip() == row
    assert lines[opened + 2] == "loose: 1"
    assert lines[opened + 3].startswith(f"  row 2 · {build.ENTRY} · revision 1 · ")
    meant = [line for line in lines if line.startswith("open: đã định dùng khóa mà")]
    assert len(meant) == 1
    assert meant[0].endswith("finished at the order's next delivery.")


async def test_facts_are_written_in_their_own_letters(journal, store):
    """The chain is over these bytes: another spelling of a name breaks no row of
    today, and all of them for whoever verifies with another version.
    """
    await completed_attempt(journal)
    facts = select(seal_journal.c.facts).where(seal_journal.c.position == 2)
    written = await store.read(lambda tx: tx.scalar(facts))
    assert '"subject_name":"Phạm Quốc Vĩnh"' in written
