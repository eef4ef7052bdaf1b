"""The scrub keeps the same promises on SQLite and PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest

from chassis.database import Database
from storage.adapters.aside import SET_ASIDE
from storage.adapters.healing import sealed_key
from storage.adapters.scrubbing import (
    AGAIN_SECONDS,
    LOCK,
    ScrubLoop,
    figures,
    strays,
    whole_pass,
)
from storage.domain.copies import archive_key
from storage.domain.soundness import Condition
from storage.settings import ScrubPaceSettings
from support.storage import shelf
from support.waiting import LONG_SECONDS

COPIES = 5
DAY = timedelta(days=1)
ENTRIES = [f"H99.42.05.13/E/2026/{n}" for n in range(1, COPIES + 1)]


def content(entry):
    return entry.encode() * 1000


@pytest.fixture
async def store(database_url, tmp_path):
    async with shelf(tmp_path, database_url) as made:
        for n, entry in enumerate(ENTRIES):
            await made.archived(
                content(entry),
                f"token-of-copy-{n}-0123456789",
                entry=entry,
                code=f"7K2F9MQX4TB{n}",
            )
        yield made


def loop_of(store, days=8):
    pace = ScrubPaceSettings(days=days, bytes_per_second=1000)
    return ScrubLoop(store.database, store.downloads, store.hands, pace)


def spoil(tmp_path, entry, *, sealed=False):
    """One bit of the archived object, and of signing's if *sealed*."""
    (tmp_path / "archive" / archive_key(entry)).write_bytes(b"x" + content(entry)[1:])
    if sealed:
        for path in (tmp_path / "copies" / entry).iterdir():
            path.write_bytes(b"")


async def test_each_copy_is_read_once_and_again_when_it_is_due(store):
    """Five steps for five copies, each with its rest; then none, for 6 of the 8 days:
    what is due on one day has the other two to be read in.
    """
    loop = loop_of(store)
    pauses = [await loop.step() for _ in ENTRIES]
    assert pauses == [len(content(entry)) / 1000 for entry in ENTRIES]
    assert store.downloads.counts["checked"] == COPIES
    assert await loop.step() == AGAIN_SECONDS
    store.hands.now += 6 * DAY - timedelta(seconds=1)
    assert await loop.step() == AGAIN_SECONDS
    store.hands.now += timedelta(seconds=2)
    assert await loop.step() != AGAIN_SECONDS


async def test_a_scrub_that_starts_anew_goes_on_where_it_was(store):
    """Two read by one process, the other three by the next."""
    for _ in range(2):
        await loop_of(store).step()
    store.hands.forward(minutes=1)
    for _ in range(3):
        await loop_of(store).step()
    covered = await store.scrubs.coverage()
    assert (covered.copies, covered.unchecked, covered.bad) == (COPIES, 0, 0)
    assert store.downloads.counts["checked"] == COPIES
    assert covered.oldest == store.hands.now - timedelta(minutes=1)


async def test_the_scrub_heals_before_a_citizen_comes(store, tmp_path):
    """The row says what was found, the counters too."""
    spoil(tmp_path, ENTRIES[2])
    found = [each async for each in whole_pass(store.downloads, store.scrubs)]
    assert [each.entry for each in found] == ENTRIES
    assert [e.condition for e in found if e.healed] == [Condition.ROTTEN]
    assert await store.archive.get(archive_key(ENTRIES[2])) == content(ENTRIES[2])
    said = await figures(store.downloads, store.scrubs)
    assert said["ecopy_storage_scrub_checked_total"] == COPIES
    assert said["ecopy_storage_scrub_rotten_total"] == 1
    assert said["ecopy_storage_scrub_healed_total"] == 1
    assert said["ecopy_storage_scrub_bad"] == 0


async def lost_of(store):
    passed = whole_pass(store.downloads, store.scrubs)
    return [found.entry async for found in passed if not found.whole]


async def test_what_cannot_be_healed_is_named_until_it_can(store, tmp_path):
    """Its bytes come back in signing's bucket: the next pass heals it."""
    entry = ENTRIES[0]
    spoil(tmp_path, entry, sealed=True)
    assert await lost_of(store) == [entry]
    assert (await store.scrubs.coverage()).bad == 1
    copy = await store.catalogue.copy(entry)
    await store.copies.delete(sealed_key(copy))
    await store.copies.put(sealed_key(copy), content(entry))
    assert await lost_of(store) == []
    assert (await store.scrubs.coverage()).bad == 0


async def test_objects_that_are_nobodys_are_named(store):
    """Not what was put aside, and nothing that a row names."""
    await store.archive.put("H99.42.05.13/E/2026/99/copy.pdf", b"whose?")
    await store.archive.put(f"{ENTRIES[0]}/other.pdf", b"whose?")
    await store.archive.put(f"{SET_ASIDE}/{ENTRIES[0]}/x.pdf", b"rotten once")
    assert sorted(await strays(store.archive, store.scrubs)) == [
        f"{ENTRIES[0]}/other.pdf",
        "H99.42.05.13/E/2026/99/copy.pdf",
    ]


async def test_a_check_of_the_future_counts_for_nothing(store):
    """The clock ran 14 days ahead and was set back: each copy is due again at once,
    not in 14 days.
    """
    store.hands.now += 14 * DAY
    for _ in ENTRIES:
        await loop_of(store).step()
    store.hands.now -= 14 * DAY
    assert await loop_of(store).step() != AGAIN_SECONDS


async def test_one_replica_scrubs_at_a_time(store, database_url):
    """The other has the lock, on PostgreSQL; a file of SQLite has one process."""
    alone = store.database.engine.dialect.name == "sqlite"
    other = Database(database_url)
    try:
        assert await other.holds(LOCK)
        assert (await loop_of(store).step() != AGAIN_SECONDS) == alone
    finally:
        await other.close()
    # PostgreSQL ends a session a moment later.
    async with asyncio.timeout(LONG_SECONDS):
        while not await store.database.holds(LOCK):
            await asyncio.sleep(0.01)
    assert await loop_of(store).step() != AGAIN_SECONDS
