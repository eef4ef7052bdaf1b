"""The catalogue keeps the same promises on SQLite and PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from chassis import outbox
from chassis.database import Database
from chassis.migration import migrate
from ecopy.events import (
    CertificationClosed,
    CertificationVoided,
    CopyArchived,
    CopyRejected,
)
from ecopy.refusals import Reason, Refusal
from storage import usecases
from storage.adapters import tables
from storage.adapters.catalogue import SqlCatalogue
from storage.console import MIGRATIONS
from storage.domain.copies import FoundLink, Withdrawal
from support import build
from support.databases import make_ready
from support.storage import Hands, ordered, sealed
from support.storage_lines import CONTENT, line


@pytest.fixture
async def database(database_url):
    make_ready(database_url, MIGRATIONS)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def catalogue(database):
    return SqlCatalogue(database, Hands(), address_key=b"key")


async def record(catalogue, order):
    await usecases.record_order(order, catalogue=catalogue, clock=lambda: build.NOON)


def events(tx):
    rows = tx.execute(select(outbox.outbox.c.subject).order_by("position"))
    return [subject for (subject,) in rows]


async def test_migration_makes_the_tables_that_the_code_names(database):
    """The migrated schema and the tables of the adapter differ in nothing."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


async def test_migrating_again_is_harmless(catalogue, database_url):
    """A second start finds its schema and leaves what is in it."""
    order = ordered()
    await record(catalogue, order)
    migrate(database_url, MIGRATIONS)
    assert await catalogue.order(build.ENTRY) == order


async def test_highest_revision_of_an_order_is_kept(catalogue):
    """Orders may come in any order and more than once; the highest revision holds."""
    first, second = ordered(revision=1), ordered(revision=2)
    for order in (second, first, second, first):
        await record(catalogue, order)
    assert await catalogue.order(build.ENTRY) == second


async def test_orders_that_race_leave_the_highest(catalogue):
    """Concurrent deliveries of five revisions leave the fifth."""
    orders = [ordered(revision=n) for n in (3, 5, 1, 4, 2)]
    await asyncio.gather(*(record(catalogue, order) for order in orders))
    kept = await catalogue.order(build.ENTRY)
    assert kept is not None
    assert kept.revision == 5


async def test_what_is_entered_comes_back_by_every_key(catalogue):
    """By entry, digest, code and token: the same line."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)

    assert await catalogue.copy(copy.entry) == copy
    assert await catalogue.copy_by_code(copy.code) == copy
    assert await catalogue.copies_by_digest((copy.sha256, "0" * 64)) == {
        copy.sha256: copy
    }
    found = await catalogue.copy_by_token(link.token_sha256)
    assert found == FoundLink(link, link, copy)


async def test_nothing_is_found_by_a_wrong_key(catalogue):
    """Unknown keys find nothing."""
    await catalogue.enter(*line())
    assert await catalogue.copy("H99.42.05.13/E/2026/1") is None
    assert await catalogue.copy_by_code("000000000000") is None
    assert await catalogue.copies_by_digest(("0" * 64,)) == {}
    assert await catalogue.copy_by_token("0" * 64) is None


async def test_the_same_copy_again_announces_nothing(catalogue, database):
    """Entering twice is harmless: one line, one event."""
    for _ in range(2):
        await catalogue.enter(*line())
    assert await database.read(events) == [CopyArchived.subject]


async def test_another_copy_of_the_entry_is_refused(catalogue, database):
    """The first copy of a number stays; the other leaves neither link nor event."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    with pytest.raises(Refusal) as refused:
        await catalogue.enter(*line(b"%PDF-1.7 another"))
    assert refused.value.reason is Reason.OTHER_COPY_ARCHIVED
    assert await catalogue.copy(copy.entry) == copy
    assert await database.read(events) == [CopyArchived.subject]


async def test_of_racing_copies_one_wins(catalogue, database):
    """Eight different copies of one number at once: one line, one event, 7 refused."""
    lines = [line(b"copy %d" % n) for n in range(8)]
    answers = await asyncio.gather(
        *(catalogue.enter(*each) for each in lines), return_exceptions=True
    )
    assert sum(isinstance(answer, Refusal) for answer in answers) == 7
    assert await database.read(events) == [CopyArchived.subject]


async def test_an_event_with_the_same_id_is_announced_once(catalogue, database):
    """A redelivered halt is said once."""
    event = build.delayed(stage="storage")
    for _ in range(2):
        await catalogue.announce(event)
    assert await database.read(events) == [event.subject]


@pytest.mark.parametrize("table", [tables.copies, tables.links, tables.accesses])
async def test_rows_are_for_ever(catalogue, database, table):
    """The database itself refuses DELETE of what the catalogue holds."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    await catalogue.log_access(link, "fetched", "192.0.2.7")
    with pytest.raises(DBAPIError, match="for ever"):
        await database.write(lambda tx: tx.execute(delete(table)))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (tables.copies, {"sha256": "0" * 64}),
        (tables.copies, {"title": "x"}),
        (tables.copies, {"archived_at": build.NOON}),
        (tables.links, {"entry": "x"}),
        (tables.links, {"generation": 9}),
        (tables.accesses, {"what": "x"}),
        (tables.accesses, {"address_digest": "x"}),
    ],
)
async def test_facts_can_not_be_rewritten(catalogue, database, table, values):
    """The database itself refuses UPDATE of what was entered."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    await catalogue.log_access(link, "fetched", "192.0.2.7")
    with pytest.raises(DBAPIError, match="for ever"):
        await database.write(lambda tx: tx.execute(update(table).values(values)))


async def test_withdrawal_and_a_links_end_can_be_written(catalogue, database):
    """The only columns that may change say that a copy or a link has ended."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    later = build.NOON + timedelta(days=1)
    withdrawal = {
        "withdrawn_at": later,
        "withdrawn_decision": "31/QĐ-UBND",
        "withdrawn_reason": "Ghi sai tên",
        "withdrawn_successor": "1178/2026",
    }
    await database.write(
        lambda tx: tx.execute(update(tables.copies).values(withdrawal))
    )
    await database.write(
        lambda tx: tx.execute(update(tables.links).values(revoked_at=later))
    )
    found = await catalogue.copy(copy.entry)
    assert found is not None
    assert found.withdrawal is not None
    assert found.withdrawal.at == later
    assert found.withdrawal.decision == "31/QĐ-UBND"
    kept = await catalogue.copy_by_token(link.token_sha256)
    assert kept is not None
    assert kept.link == replace(link, revoked_at=later)
    assert not kept.link.opens(build.NOON)


@pytest.mark.parametrize("words", [(None,) * 3, ("31/QĐ-UBND", "Ghi sai", "9/2026")])
async def test_a_withdrawal_comes_back_as_it_was_written(catalogue, database, words):
    """What nobody wrote down reads as nothing, not as a word of the machine."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    named = ("withdrawn_decision", "withdrawn_reason", "withdrawn_successor")
    values = {"withdrawn_at": build.NOON, **dict(zip(named, words, strict=True))}
    change = update(tables.copies).values(values)
    await database.write(lambda tx: tx.execute(change))
    found = await catalogue.copy(copy.entry)
    assert found.withdrawal == Withdrawal(build.NOON, *(word or "" for word in words))


async def test_an_access_holds_no_address(catalogue, database):
    """Only a keyed digest of the address is kept: equal for one address, worthless
    without the key."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    for address in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
        await catalogue.log_access(link, "opened", address)
    rows = await database.read(lambda tx: tx.execute(select(tables.accesses)).all())
    one, again, other = (row.address_digest for row in rows)
    assert one == again != other
    assert "192.0.2" not in repr(rows)
    assert one != build.digest(b"192.0.2.7")


async def test_a_copy_without_a_register_line_has_no_link(database):
    """Foreign keys hold on both engines."""
    row = {
        "token_sha256": "0" * 64,
        "entry": "nobody",
        "generation": 1,
        "expires_at": build.NOON,
    }
    with pytest.raises(DBAPIError):
        await database.write(lambda tx: tx.execute(insert(tables.links).values(row)))


async def test_moments_come_back_aware(catalogue, database):
    """Times are UTC with their zone, also where the engine keeps none."""
    copy, link, event = line()
    await catalogue.enter(copy, link, event)
    found = await catalogue.copy(copy.entry)
    assert found is not None
    assert found.archived_at == build.NOON
    assert found.archived_at.tzinfo is not None
    assert await database.read(lambda tx: tx.scalar(text("SELECT 1"))) == 1


def replacing(order):
    return order.model_copy(update={"revision": 2, "replaces": build.digest(CONTENT)})


async def test_rejected_bytes_are_not_entered(catalogue, database):
    """An order that replaces a copy was recorded while it was on its way in: neither
    line, nor link, nor event; another copy of the number is entered.
    """
    await record(catalogue, replacing(ordered()))
    assert not await catalogue.enter(*line())
    assert await catalogue.copy(build.ENTRY) is None
    assert await database.read(events) == [CopyRejected.subject]
    assert await catalogue.enter(*line(b"%PDF-1.7 another"))


async def test_nothing_is_entered_under_a_closed_number(catalogue, database):
    """Closed twice is once, and the standing says so."""
    word = CertificationVoided(at=build.NOON, entry=build.ENTRY, revision=2)
    for _ in range(2):
        await usecases.close(word, catalogue=catalogue, clock=Hands())
    assert not await catalogue.enter(*line())
    assert (await catalogue.standing(build.ENTRY)).closed
    assert await database.read(events) == [CertificationClosed.subject]


async def test_a_copy_entered_meanwhile_is_not_rejected(catalogue, database):
    """One delivery judged bytes that were spoilt by then, another had entered them."""
    await catalogue.enter(*line())
    refusal = Refusal(Reason.COPY_REFUSED, "length-differs")
    await usecases.halt(sealed(CONTENT), refusal, catalogue=catalogue, clock=Hands())
    assert (await catalogue.standing(build.ENTRY)).rejected == {}
    assert await database.read(events) == [CopyArchived.subject]


@pytest.mark.parametrize("rival", ["replaced", "refused", "closed"])
async def test_archived_and_its_opposite_never_both_come_true(database_url, rival):
    """Two replicas at once, on ten numbers: each is archived, or it is not."""
    make_ready(database_url, MIGRATIONS)
    ours, theirs = Database(database_url), Database(database_url)
    entering = SqlCatalogue(ours, Hands(), address_key=b"key")
    deciding = SqlCatalogue(theirs, Hands(), address_key=b"key")
    numbers = range(10)

    def order(n):
        entry, code = f"H99.42.05.13/E/2026/{n + 1}", f"7K2F9MQX{n:04}"
        return ordered(f"token {n}", entry=entry, code=code)

    def copy(n):
        changes = {"entry": order(n).entry, "code": order(n).code}
        return line(CONTENT + b"%d" % n, token=f"token {n}", **changes)

    def opposite(n):
        now = {"catalogue": deciding, "clock": Hands()}
        entry, content = order(n).entry, CONTENT + b"%d" % n
        if rival == "closed":
            word = CertificationVoided(at=build.NOON, entry=entry, revision=2)
            return usecases.close(word, **now)
        if rival == "refused":
            refusal = Refusal(Reason.COPY_REFUSED, "length-differs")
            return usecases.halt(sealed(content, entry=entry), refusal, **now)
        digest = build.digest(content)
        changes = {"revision": 2, "replaces": digest}
        return usecases.record_order(order(n).model_copy(update=changes), **now)

    both = [task for n in numbers for task in (entering.enter(*copy(n)), opposite(n))]
    entered = (await asyncio.gather(*both))[::2]
    for n in numbers:
        standing = await deciding.standing(order(n).entry)
        barred = standing.bars(build.digest(CONTENT + b"%d" % n))
        assert (standing.copy is not None) == entered[n] == (not barred)
    await ours.close()
    await theirs.close()


@pytest.mark.parametrize("table", [tables.rejections, tables.closures])
async def test_what_is_never_archived_stays_so(catalogue, database, table):
    """The database itself refuses every change of a rejection and of a closure."""
    await record(catalogue, replacing(ordered()))
    word = CertificationVoided(at=build.NOON, entry=build.ENTRY, revision=2)
    await usecases.close(word, catalogue=catalogue, clock=Hands())
    for change in (delete(table), update(table).values(at=build.NOON)):
        with pytest.raises(DBAPIError, match="for ever"):
            await database.write(lambda tx, c=change: tx.execute(c))
