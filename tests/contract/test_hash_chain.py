"""One chain for every table of rows that are for ever, over both databases."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, text, update

from chassis.chain_report import Book, ChainReading, read_chain
from chassis.columns import Instant
from chassis.database import open_database
from chassis.hash_chain import GENESIS, Break, BrokenChainError, HashChain, Head
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.sql import audit
from signing.adapters.journal import tables as journal
from support import build
from support.databases import make_empty

AT = datetime(2026, 8, 13, 9, 20, 5, 123456, tzinfo=UTC)
BOOK = Book("sổ thử", "the test's book", "TEST__URL")
rows = Table(
    "rows",
    MetaData(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("values", String, nullable=False),
    Column("before", String, nullable=False),
    Column("this", String, nullable=False),
)
CHAIN = HashChain(
    rows,
    lambda row: f"{row['n']} {row['values']} {row['before']}",
    position="n",
    before="before",
    this="this",
)


@pytest.fixture
async def store(database_url):
    make_empty(database_url)
    async with open_database(database_url) as store:
        rows.metadata.create_all(store.engine)
        for word in ("one", "two", "three"):
            await store.write(partial(CHAIN.append, row={"at": AT, "values": word}))
        yield store


async def verified(store, noted=None):
    def work(tx):
        head = CHAIN.read(tx, lambda _row: None)
        CHAIN.check_noted(tx, noted)
        return ChainReading(head)

    return await store.read(work)


async def test_rows_stand_on_each_other(store):
    """A head that was noted at any time is in the chain for ever."""
    seen = []
    head = await store.read(partial(CHAIN.read, note=seen.append))
    assert [row["values"] for row in seen] == ["one", "two", "three"]
    assert head == Head(3, seen[-1]["this"])
    assert seen[0]["before"] == GENESIS
    for row in seen:
        await verified(store, Head(row["n"], row["this"]))
    assert await verified(store, Head(0, GENESIS))
    assert await store.read(CHAIN.head) == head == Head.parse(str(head))
    added = await store.write(partial(CHAIN.append, row={"at": AT, "values": "four"}))
    assert added == await store.read(CHAIN.head)
    assert added.rows == 4


@pytest.mark.parametrize(
    ("change", "position", "how"),
    [
        (update(rows).where(rows.c.n == 2).values(values="x"), 2, Break.CHANGED),
        (update(rows).where(rows.c.n == 2).values(this="x"), 2, Break.CHANGED),
        (text("DELETE FROM rows WHERE n = 1"), 1, Break.ORDER),
        (text("DELETE FROM rows WHERE n = 2"), 2, Break.ORDER),
        (text("DELETE FROM rows WHERE n = 3"), 3, Break.HEAD),
    ],
)
async def test_the_first_bad_row_is_named(store, change, position, how):
    """A dropped last row is found by a head that was noted before, and only so."""
    noted = (await verified(store)).head
    await store.write(lambda tx: tx.execute(change))
    with pytest.raises(BrokenChainError) as caught:
        await verified(store, noted)
    assert (caught.value.position, caught.value.how) == (position, how)
    report = await read_chain(partial(verified, store), str(noted), BOOK)
    assert report.status == 1
    assert report.text.startswith(
        f"broken: {position}\nSổ thử hỏng từ dòng {position}:"
    )


async def test_a_reading_is_two_sentences_and_a_status(store):
    """Rows and head for whoever notes them; a silent database has its own status."""
    head = (await verified(store)).head
    whole = await read_chain(partial(verified, store), None, BOOK)
    assert whole.status == 0
    assert whole.text == (
        f"rows: 3\nhead: {head}\nSổ thử nguyên vẹn. / The test's book is unbroken.\n"
    )
    unread = await read_chain(partial(verified, store), "three", BOOK)
    assert unread.status == 3

    async def silent(_noted):
        raise Trouble(Hindrance.DATABASE, "connection refused")

    report = await read_chain(silent, None, BOOK)
    assert report.status == 3
    assert "TEST__URL" in report.text


def test_stored_rows_of_the_audit_verify_for_ever():
    """The digest was made by the code that wrote the first audits: no later code may
    hash a line otherwise.
    """
    line = {
        "seq": 1,
        "previous": GENESIS,
        "at": AT,
        "actor": "ha",
        "actor_name": "Lò Thị Minh Hạ",
        "agency": build.ENTRY.split("/")[0],
        "action": "opened",
        "case": "HS-1",
        "document": None,
        "address": "::1",
        "values": {"pages": 3, "name": "Ẳ"},
    }
    assert line["agency"] == "H99.42.05.13"
    digest = "89d43db542272f130824c8b9772ea833db2b50676e87f4313c9a7274b0141409"
    assert audit.CHAIN.digest(line) == digest
    as_sqlite_has_it = {
        "at": "2026-08-13 09:20:05.123456",
        "values": '{"pages": 3, "name": "\\u1eb2"}',
    }
    assert audit.CHAIN.digest(line | as_sqlite_has_it) == digest
    with pytest.raises(ValueError, match="pages"):
        audit.CHAIN.digest(line | {"values": '{"pages":3, "name": "\\u1eb2"}'})


def test_stored_rows_of_the_seal_journal_verify_for_ever():
    """As above, for the journal."""
    row = {
        "position": 1,
        "at": AT,
        "kind": "intent",
        "entry": "H99.42.05.13/E/2026/1",
        "revision": 1,
        "attempt": "00000000-0000-0000-0000-000000000001",
        "copy_sha256": None,
        "facts": '{"why":"Ẳ"}',
        "prev": GENESIS,
    }
    digest = "3a5105b0d4de489bcbffcb5eaaef463937227c2ab1b4c6860335a50fbe6af029"
    assert journal.CHAIN.digest(row) == digest
