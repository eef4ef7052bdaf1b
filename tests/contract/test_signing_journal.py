"""The seal journal over both databases."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError

from chassis import database
from chassis.database import Database
from chassis.outbox import outbox
from ecopy.events import CopySealed, SignatureSummary
from signing.adapters.chain import BrokenChainError, seal_journal
from signing.adapters.journal import SqlSealJournal
from signing.domain.attempts import Attempt, Outcome
from signing.domain.signatories import Signatories, Signatory
from signing.wiring import MIGRATIONS
from support import build

BOTH = Signatories(
    Signatory("officer", "o", build.digest(b"officer")),
    Signatory("seal", "s", build.digest(b"seal")),
)


@pytest.fixture
async def store(database_url):
    database.migrate(database_url, MIGRATIONS)
    store = Database(database_url)
    yield store
    await store.close()


@pytest.fixture
def journal(store) -> SqlSealJournal:
    return SqlSealJournal(store, lambda: build.NOON)


def attempt(revision: int = 1) -> Attempt:
    return Attempt(uuid4(), build.ENTRY, revision, build.digest(), BOTH)


def outcome(made_by: Attempt, content: bytes = b"copy") -> Outcome:
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
    return Outcome(
        made_by.id, build.ENTRY, made_by.revision, build.ref(content, "copies"), both
    )


def sealed(made: Outcome) -> CopySealed:
    return CopySealed(
        at=build.NOON,
        entry=made.entry,
        revision=made.revision,
        copy_ref=made.copy_ref,
        signatures=made.signatures,
    )


async def events(store: Database) -> int:
    return await store.read(
        lambda tx: tx.scalar(select(func.count()).select_from(outbox))
    )


async def made(journal: SqlSealJournal, content: bytes = b"copy") -> Outcome:
    tried = attempt()
    await journal.intend(tried)
    done = outcome(tried, content)
    await journal.record(done)
    return done


async def test_an_unknown_entry_has_no_standing(journal):
    standing = await journal.standing(build.ENTRY)
    assert (standing.revision, standing.sealed, standing.loose) == (0, False, ())


async def test_an_outcome_is_loose_until_it_is_concluded(journal, store):
    """Between record and conclude a crash leaves it findable, whole."""
    done = await made(journal)
    (loose,) = (await journal.standing(build.ENTRY)).loose
    assert loose.copy_ref == done.copy_ref
    assert loose.signatures == done.signatures
    assert await journal.conclude(loose, sealed(loose))
    standing = await journal.standing(build.ENTRY)
    assert (standing.sealed, standing.loose) == (True, ())
    assert await events(store) == 1


async def test_the_first_outcome_wins(journal, store):
    """The second conclusion changes nothing and publishes nothing."""
    first, second = await made(journal, b"one"), await made(journal, b"two")
    assert await journal.conclude(first, sealed(first))
    assert not await journal.conclude(second, sealed(second))
    assert await events(store) == 1
    (loose,) = (await journal.standing(build.ENTRY)).loose
    assert loose.copy_ref == second.copy_ref
    await journal.destroyed(loose)
    assert (await journal.standing(build.ENTRY)).loose == ()


async def test_the_highest_revision_is_remembered(journal):
    await journal.intend(attempt(revision=3))
    await journal.intend(attempt(revision=2))
    assert (await journal.standing(build.ENTRY)).revision == 3


async def test_an_announcement_is_made_once(journal, store):
    event = build.delayed(id=UUID(int=5))
    await journal.announce(event, 1)
    await journal.announce(event, 1)
    assert await events(store) == 1


async def test_every_use_of_a_key_is_in_an_unbroken_chain(journal):
    """intent, outcome, issue; intent, failure: five rows, each on the last one."""
    done = await made(journal)
    await journal.conclude(done, sealed(done))
    failed = attempt()
    await journal.intend(failed)
    await journal.failed(failed, "Trouble()")
    assert await journal.verify() == 5


async def test_rows_are_for_ever(journal, store):
    """The database itself refuses to change or delete one."""
    await made(journal)
    for change in (
        update(seal_journal).values(entry="another"),
        text("DELETE FROM seal_journal"),
    ):
        with pytest.raises(DatabaseError):
            await store.write(lambda tx, change=change: tx.execute(change))
    assert await journal.verify() == 2


@pytest.mark.parametrize("column", ["facts", "entry", "attempt", "copy_sha256"])
async def test_a_changed_row_breaks_the_chain(journal, store, column):
    """Even by somebody who can drop the triggers."""
    await made(journal)
    await _drop_guard(store)
    change = update(seal_journal).where(seal_journal.c.position == 2)
    await store.write(lambda tx: tx.execute(change.values({column: "x"})))
    with pytest.raises(BrokenChainError) as caught:
        await journal.verify()
    assert caught.value.position == 2


async def test_a_dropped_row_breaks_the_chain(journal, store):
    await made(journal)
    await _drop_guard(store)
    await store.write(
        lambda tx: tx.execute(text("DELETE FROM seal_journal WHERE position = 1"))
    )
    with pytest.raises(BrokenChainError):
        await journal.verify()


async def _drop_guard(store: Database) -> None:
    if store.engine.dialect.name == "postgresql":
        drop = ["ALTER TABLE seal_journal DISABLE TRIGGER USER"]
    else:
        drop = [f"DROP TRIGGER seal_journal_no_{v}" for v in ("update", "delete")]
    for statement in drop:
        await store.write(lambda tx, s=statement: tx.execute(text(s)))
