"""Sealed copies that the archive has go from signing's bucket after their days, over
both databases; no other bytes do.
"""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.retention import purge
from signing.adapters.journal.archived_copies import ArchivedCopies
from signing.adapters.journal.tables import entries
from signing.console import MIGRATIONS
from signing.domain.retention import copies as rule
from support import build
from support.databases import make_ready

LONG_AGO = build.NOON - timedelta(days=31)
LATELY = build.NOON - timedelta(days=29)
COPY, OTHER = build.digest(b"copy"), build.digest(b"another")
KINDS = {
    "archived": {"archived_sha256": COPY, "archived_at": LONG_AGO},
    "lately": {"archived_sha256": COPY, "archived_at": LATELY},
    "on-its-way": {},
    "another-archived": {"archived_sha256": OTHER, "archived_at": LONG_AGO},
}
"""By entry: what signing has heard of a copy that it sealed."""


@pytest.fixture
async def store(database_url):
    make_ready(database_url, MIGRATIONS)
    store = Database(database_url)
    yield store
    await store.close()


@pytest.fixture
async def bucket(tmp_path, store):
    objects = DirectoryObjects(tmp_path / "copies")
    for entry, facts in KINDS.items():
        row = {"entry": entry, "revision": 1, "copy_sha256": COPY, **facts}
        await store.write(lambda tx, row=row: tx.execute(insert(entries).values(**row)))
        await objects.put(f"{entry}/{COPY}.pdf", b"copy")
    yield objects
    objects.close()


async def there(objects):
    return {key.split("/")[0] async for key, _ in objects.listing()}


def held(store, objects):
    return ArchivedCopies(store, objects, lambda: build.NOON)


async def test_what_the_archive_has_had_for_a_month_goes(store, bucket):
    """And nothing else: neither a copy on its way nor one whose archived bytes are
    others; a second purge finds nothing, and the row says when.
    """
    holding = held(store, bucket)
    amount = await holding.amount(build.NOON - timedelta(days=30))
    assert (amount.count, amount.due, amount.oldest) == (2, 1, LONG_AGO)
    assert await purge([(rule(30), holding)], build.NOON) == 1
    assert await there(bucket) == set(KINDS) - {"archived"}
    assert await purge([(rule(30), holding)], build.NOON) == 0
    noted = await store.read(
        lambda tx: tx.execute(
            select(
                entries.c.entry, entries.c.copy_removed_at, entries.c.copy_sha256
            ).where(entries.c.copy_removed_at.is_not(None))
        ).all()
    )
    assert [tuple(row) for row in noted] == [("archived", build.NOON, COPY)]


async def test_a_crash_between_bytes_and_row_is_made_good(store, bucket):
    """The bytes are gone and the row does not say so: the next purge notes it."""
    await bucket.delete(f"archived/{COPY}.pdf")
    assert await purge([(rule(30), held(store, bucket))], build.NOON) == 1
    assert await purge([(rule(30), held(store, bucket))], build.NOON) == 0


async def test_a_month_later_the_rest_follows(store, bucket):
    """One that was archived lately; what is on its way stays for ever."""
    later = build.NOON + timedelta(days=9999)
    assert await purge([(rule(30), held(store, bucket))], later) == 2
    assert await there(bucket) == {"on-its-way", "another-archived"}


async def test_the_journal_is_not_touched(store, bucket):
    """Removing a copy writes nothing into it and takes nothing out."""
    await purge([(rule(30), held(store, bucket))], build.NOON)
    rows = await store.read(
        lambda tx: tx.scalar(text("SELECT count(*) FROM seal_journal"))
    )
    assert rows == 0
