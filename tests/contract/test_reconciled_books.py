"""Each service's own books, on SQLite and on PostgreSQL: what is wrong within them is
planted once, behind the triggers' back, and named with its number.
"""

import uuid
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import insert, text

from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.reconciler import Reconciler
from ecopy.marks import YearBook
from ecopy.reckoning import Counter
from intake.adapters.sql import counting as register_books
from intake.adapters.sql.announcing import hasten
from intake.adapters.sql.skipping import SqlSkips
from intake.usecases import numbering
from signing.adapters.journal import counting as journal_books
from signing.adapters.journal.tables import entries, seal_journal
from signing.console import MIGRATIONS as SIGNING
from storage.adapters import counting as catalogue_books
from storage.adapters.tables import copies, links, orders
from storage.console import MIGRATIONS as STORAGE
from storage.domain.copies import archive_key
from support import build
from support.databases import make_ready
from support.intake import AGENCY, OTHER
from support.papers import open_papers

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOOK = "H99.42.05.13/E/2026"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(request, tmp_path_factory):
    """A function that makes the URL of an empty database."""

    def url():
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('books')}/books.db"
        postgres = request.getfixturevalue("postgres")
        return postgres.place()

    return url


class Undone(Exception):
    """Raised within a transaction, so that nothing of it stays."""


async def looked(database, look, *planted):
    """What *look* finds once the statements *planted* have run; all of it is undone."""
    found = []

    def work(tx):
        for statement in planted:
            tx.execute(text(statement) if isinstance(statement, str) else statement)
        found.extend(look(tx))
        raise Undone

    with pytest.raises(Undone):
        await database.write(work)
    return [(f.counter, f.kind, f.entry) for f in found]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(new_database, tmp_path_factory):
    """One number issued, one signed, one only registered."""
    folder = tmp_path_factory.mktemp("desk")
    async with open_papers(folder, new_database()) as papers:
        for bring in (papers.issued, papers.signed, papers.registered):
            await bring()
        yield papers.opened


def untied(database, table):
    """Statements that let a test change what triggers and keys protect, until the
    transaction ends.
    """
    if database.engine.dialect.name == "sqlite":
        return (
            "PRAGMA defer_foreign_keys = 1",
            f"DROP TRIGGER {table}_no_delete",
            f"DROP TRIGGER {table}_no_update",
        )
    return (f"ALTER TABLE {table} DISABLE TRIGGER ALL",)


async def test_a_sound_register_has_no_finding_and_counts_its_numbers(desk):
    """Issued, in work, void and lost; the last are explained."""
    await numbering.skip(
        YearBook(OTHER, "E", 2026),
        3,
        "phục hồi",
        "tám",
        skips=SqlSkips(desk.store),
        clock=desk.clock,
    )
    at = desk.clock()
    looked_at = await desk.store.read(lambda tx: register_books.reconciliation(tx, at))
    assert looked_at.findings == ()
    assert (looked_at.issued, looked_at.in_work, looked_at.void) == (1, 2, 0)
    assert (looked_at.lost, looked_at.at) == (3, at)
    lines = await desk.store.read(register_books.register_lines)
    assert {line.entry: line.state for line in lines} == {
        f"{BOOK}/1": "issued",
        f"{BOOK}/2": "signed",
        f"{BOOK}/3": "registered",
    }


REGISTER = {
    "hole": (Counter.GAP, 2, ("DELETE FROM register WHERE ordinal = 2",)),
    "order-without-line": (
        Counter.MISMATCH,
        3,
        ("DELETE FROM register WHERE ordinal = 3",),
    ),
    "line-without-order": (
        Counter.MISMATCH,
        2,
        (f"DELETE FROM certifications WHERE entry = '{BOOK}/2'",),
    ),
    "state-astray": (
        Counter.MISMATCH,
        3,
        ("UPDATE documents SET state = 'awaiting' WHERE state = 'registered'",),
    ),
    "another-archived": (
        Counter.MISMATCH,
        1,
        (f"UPDATE certifications SET other_sha256 = 'x' WHERE entry = '{BOOK}/1'",),
    ),
    "given-and-lost": (
        Counter.DOUBLE,
        3,
        (
            insert(register_books.register_skips).values(
                agency=AGENCY,
                series="E",
                year=2026,
                first=3,
                last=3,
                reason="x",
                by="y",
                at=build.NOON,
            ),
        ),
    ),
}


async def test_only_what_still_moves_is_announced_again_at_once(desk):
    """Its moment is now, so the desk's own loop publishes it within seconds; an issued
    number and one that was never given are left alone.
    """
    at = desk.clock() + timedelta(minutes=1)
    entries = [f"{BOOK}/{n}" for n in (1, 2, 3, 99)]
    hastened = await desk.store.write(lambda tx: hasten(tx, entries, at))
    assert hastened == (f"{BOOK}/2", f"{BOOK}/3")
    lines = await desk.store.read(register_books.register_lines)
    tries = {line.entry: line.next_try_at for line in lines}
    assert tries == {f"{BOOK}/1": None, f"{BOOK}/2": at, f"{BOOK}/3": at}


@pytest.mark.parametrize("kind", REGISTER)
async def test_what_is_wrong_in_the_register_is_named(desk, kind):
    """A line deleted, an order deleted, a state that no number has, a line given again
    after it was declared lost.
    """
    counter, ordinal, planted = REGISTER[kind]
    free = untied(desk.store, "register")
    found = await looked(desk.store, register_books.findings, *free, *planted)
    assert (counter, kind, f"{BOOK}/{ordinal}") in found
    assert await looked(desk.store, register_books.findings) == []


async def test_a_number_that_stands_twice_is_named(desk):
    """In a book that lost its constraint: a table put together by hand."""
    planted = (
        "CREATE TEMPORARY TABLE twice AS SELECT * FROM register WHERE ordinal = 1",
        "UPDATE twice SET entry = 'again'",
    )

    def look(tx):
        tx.execute(text("ALTER TABLE register RENAME TO register_before"))
        tx.execute(
            text(
                "CREATE TABLE register AS SELECT * FROM register_before"
                " UNION ALL SELECT * FROM twice"
            )
        )
        return list(register_books.findings(tx))

    found = await looked(desk.store, look, *planted)
    assert (Counter.DOUBLE, "number-twice", f"{BOOK}/1") in found


@asynccontextmanager
async def opened(url, migrations):
    make_ready(url, migrations)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def journal_row(position, kind, ordinal, copy="copy"):
    return insert(seal_journal).values(
        position=position,
        at=build.NOON,
        kind=kind,
        entry=f"{BOOK}/{ordinal}",
        revision=1,
        attempt=str(uuid.UUID(int=position)),
        copy_sha256=build.digest(copy.encode()),
        facts="{}",
        prev=f"before {position}",
        this=str(position),
    )


def entry_row(ordinal, copy="copy"):
    return insert(entries).values(
        entry=f"{BOOK}/{ordinal}",
        revision=1,
        copy_sha256=build.digest(copy.encode()) if copy else None,
    )


SEALED = (entry_row(1), journal_row(1, "outcome", 1), journal_row(2, "issue", 1))
JOURNAL = {
    "two-copies": (Counter.DOUBLE, (*SEALED, journal_row(3, "issue", 1, "other"))),
    "copy-without-issue": (Counter.MISMATCH, (entry_row(1),)),
    "issue-without-copy": (
        Counter.MISMATCH,
        (entry_row(1, ""), journal_row(1, "issue", 1)),
    ),
}
RENEWED = (
    *SEALED,
    journal_row(3, "withdrawal", 1),
    journal_row(4, "issue", 1, "renewed"),
)
ORDERED_ONLY = (entry_row(1, ""), journal_row(1, "loss", 1))


async def test_what_is_wrong_in_the_journal_is_named(new_database):
    """Two copies of one number, a copy that the journal does not have, and one that
    only the journal has. An outcome that was written off is none, and a copy that came
    after its forerunner's withdrawal is sound.
    """
    async with opened(new_database(), SIGNING) as journal:
        for kind, (counter, planted) in JOURNAL.items():
            found = await looked(journal, journal_books.findings, *planted)
            assert found == [(counter, kind, f"{BOOK}/1")]
        for sound in (SEALED, RENEWED, ORDERED_ONLY):
            assert await looked(journal, journal_books.findings, *sound) == []


async def test_the_journals_lines_name_every_copy_that_was_ever_made(new_database):
    """The one that stands, and those that were written off."""
    async with opened(new_database(), SIGNING) as journal:

        def plant(tx):
            lost = journal_row(5, "outcome", 2, "lost")
            for row in (*SEALED, lost, entry_row(3, "")):
                tx.execute(row)

        await journal.write(plant)
        first, second, third = await journal.read(journal_books.journal_lines)
    assert first.made == (build.digest(b"copy"),)
    assert first.copy_sha256 == build.digest(b"copy")
    assert second.made == (build.digest(b"lost"),)
    assert second.copy_sha256 is None
    assert (third.entry, third.made, third.copy_sha256) == (f"{BOOK}/3", (), None)


def order_row(ordinal):
    order = build.ordered(entry=f"{BOOK}/{ordinal}")
    return insert(orders).values(
        entry=order.entry,
        revision=1,
        body=order.encode("intake"),
        recorded_at=build.NOON,
    )


def copy_row(ordinal, content, number=None):
    return insert(copies).values(
        entry=f"{BOOK}/{ordinal}",
        sha256=build.digest(content),
        size=len(content),
        pages=1,
        code=f"7K2F9MQX4TB{ordinal}",
        agency_code="H99.42.05.13",
        agency_lines=[],
        number=number or f"{ordinal}/2026",
        book="02/2026",
        date=build.NOON.date(),
        kind="diploma",
        kind_name="x",
        officer_title_lines=[],
        title="x",
        officer_at=build.NOON,
        seal_at=build.NOON,
        tsa_name="t",
        demo=True,
        archived_at=build.NOON,
    )


def link_row(ordinal):
    return insert(links).values(
        token_sha256=build.digest(b"token %d" % ordinal),
        entry=f"{BOOK}/{ordinal}",
        generation=1,
        expires_at=build.NOON,
    )


ARCHIVED = (order_row(1), copy_row(1, b"one"), link_row(1))
CATALOGUE = {
    "copy-without-order": (Counter.MISMATCH, ARCHIVED[1:]),
    "copy-without-link": (Counter.MISMATCH, ARCHIVED[:2]),
    "archived-twice": (
        Counter.DOUBLE,
        (*ARCHIVED, order_row(2), copy_row(2, b"two", "1/2026"), link_row(2)),
    ),
}


async def test_what_is_wrong_in_the_catalogue_is_named(new_database):
    """A copy without its order or its link, and one number on two copies."""
    async with opened(new_database(), STORAGE) as catalogue:
        for kind, (counter, planted) in CATALOGUE.items():
            found = await looked(catalogue, catalogue_books.findings, *planted)
            assert found == [(counter, kind, f"{BOOK}/1")]
        assert await looked(catalogue, catalogue_books.findings, *ARCHIVED) == []


async def test_what_is_wrong_in_the_archive_is_named(tmp_path):
    """A file removed, cut short, changed or of no row; a changed one of the same length
    only where every byte is read.
    """
    archive = DirectoryObjects(tmp_path)
    contents = {f"{BOOK}/{n}": b"copy %d" % n for n in range(1, 5)}
    for entry, content in contents.items():
        await archive.put(archive_key(entry), content)
    known = {e: (len(c), build.digest(c)) for e, c in contents.items()}
    assert await catalogue_books.object_findings(archive, known, deep=True) == ()
    (tmp_path / archive_key(f"{BOOK}/1")).unlink()
    (tmp_path / archive_key(f"{BOOK}/2")).write_bytes(b"cut")
    (tmp_path / archive_key(f"{BOOK}/3")).write_bytes(b"Copy 3")
    del known[f"{BOOK}/4"]
    wrong = {
        "row-without-object": f"{BOOK}/1",
        "object-size": f"{BOOK}/2",
        "object-without-row": f"{BOOK}/4",
    }
    fast = await catalogue_books.object_findings(archive, known, deep=False)
    assert {f.kind: f.entry for f in fast} == wrong
    deep = await catalogue_books.object_findings(archive, known, deep=True)
    assert {f.kind: f.entry for f in deep} == wrong | {"object-digest": f"{BOOK}/3"}
    archive.close()


async def test_the_loop_counts_what_it_finds_and_what_its_tables_lack(new_database):
    """Three figures: 0 in a sound house, and numbers that were published and are not in
    the tables count as a gap.
    """
    lacking = [0]
    async with opened(new_database(), STORAGE) as catalogue:
        books = Reconciler(catalogue, catalogue_books.findings, lambda: lacking[0])
        await books.look()
        assert set(books.figures.values()) == {0}

        def plant(tx):
            for row in ARCHIVED[:2]:
                tx.execute(row)

        await catalogue.write(plant)
        await books.look()
        lacking[0] = 4
        assert books.figures == {
            Counter.GAP: 4,
            Counter.DOUBLE: 0,
            Counter.MISMATCH: 1,
        }
