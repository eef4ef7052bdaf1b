"""What was put aside in the archive has its time, and never goes while it is all that
is left of a number; on SQLite and PostgreSQL, whoever dies between two steps.
"""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from chassis.objects import Locked
from chassis.retention import purge
from storage.adapters import tables
from storage.adapters.aside import file_digest, put_aside
from storage.adapters.aside_rows import ObjectsAside
from storage.adapters.expired import ExpiredCopies
from storage.domain import retention
from storage.domain.copies import archive_key
from support import build
from support.storage import shelf

CONTENT = b"%PDF-1.7 a certified copy" * 3000
ROTTEN = b"%PDF-1.7 what rot has left" * 3000
DAYS = retention.ASIDE.keep.days


class DiedError(BaseException):
    """The process is gone."""


@pytest.fixture
async def store(tmp_path, database_url):
    async with shelf(tmp_path, database_url) as made:
        yield made


@pytest.fixture
async def aside(store, tmp_path):
    """The key of an object that was put aside; its number has its copy."""
    await store.archived(CONTENT)
    return await set_aside(store, tmp_path)


async def set_aside(store, tmp_path, entry=build.ENTRY):
    path = tmp_path / "rotten.pdf"
    path.write_bytes(ROTTEN)
    digest = file_digest(path)
    await put_aside(store.archive, path, entry, digest)
    return f"set-aside/{entry}/{digest}.pdf"


def held(store, archive=None):
    return ObjectsAside(store.database, archive or store.archive, store.hands)


async def purged(store, archive=None):
    things = [(retention.ASIDE, held(store, archive))]
    return await purge(things, store.hands())


async def there(store, key):
    return await store.archive.size(key) is not None


async def row(store):
    query = select(tables.set_aside)
    return await store.database.read(lambda tx: tx.execute(query).one())


async def test_it_goes_when_it_has_had_its_time(store, aside):
    """Counted from the purge that saw it first; the copy itself stays."""
    assert await purged(store) == 0
    store.hands.forward(days=DAYS)
    assert await purged(store) == 0
    store.hands.forward(seconds=1)
    assert await purged(store) == 1
    assert not await there(store, aside)
    assert await there(store, archive_key(build.ENTRY))
    assert (await row(store)).removed_at == store.hands()
    assert await purged(store) == 0


@pytest.mark.usefixtures("aside")
async def test_operators_see_it(store):
    """Before a purge has seen it, after that with its age, and when it is due."""
    amount = await held(store).amount(store.hands())
    assert (amount.count, amount.size, amount.oldest) == (1, len(ROTTEN), None)
    await purged(store)
    seen = store.hands()
    store.hands.forward(days=DAYS + 1)
    before = store.hands() - retention.ASIDE.keep
    amount = await held(store).amount(before)
    assert (amount.count, amount.oldest, amount.due) == (1, seen, 1)
    await purged(store)
    assert (await held(store).amount(before)).count == 0


@pytest.mark.parametrize("spoilt", ["rotten", "missing"])
async def test_it_stays_while_the_number_has_nothing_whole(store, aside, spoilt):
    """However old it is; it goes once the copy is mended."""
    key = archive_key(build.ENTRY)
    await purged(store)
    await store.archive.delete(key)
    if spoilt == "rotten":
        await store.archive.put(key, ROTTEN)
    store.hands.forward(days=10 * DAYS)
    assert await purged(store) == 0
    assert await there(store, aside)
    await store.archive.delete(key)
    await store.archive.put(key, CONTENT)
    assert await purged(store) == 1


async def test_it_stays_while_the_number_has_no_copy_yet(store, tmp_path):
    """Half an object of a number that is still in work; void, it is to have none."""
    key = await set_aside(store, tmp_path)
    await purged(store)
    store.hands.forward(days=10 * DAYS)
    assert await purged(store) == 0
    assert await there(store, key)
    closed = insert(tables.closures).values(
        entry=build.ENTRY, revision=1, at=store.hands()
    )
    await store.database.write(lambda tx: tx.execute(closed))
    assert await purged(store) == 1


async def test_it_does_not_outlive_the_copy_that_it_was_of(store, aside):
    """The file's time has come, so no page of it stays, spoilt or not."""
    copies = ExpiredCopies(store.database, store.archive, store.hands)
    store.hands.forward(days=366)
    await copies.remove(store.hands() - timedelta(days=365), 500)
    assert await purged(store) == 0
    store.hands.forward(days=1)
    await copies.remove(store.hands() - timedelta(days=365), 500)
    assert await purged(store) == 1
    assert not await there(store, aside)


async def test_what_comes_again_has_its_whole_time_again(store, aside, tmp_path):
    await purged(store)
    store.hands.forward(days=DAYS + 1)
    assert await purged(store) == 1
    assert await set_aside(store, tmp_path) == aside
    assert await purged(store) == 0
    assert await there(store, aside)


async def test_a_clock_that_ran_ahead_holds_nothing_for_ever(store, aside):
    """What it saw counts from the day on which the clock is right again."""
    store.hands.forward(days=5000)
    await purged(store)
    store.hands.forward(days=-5000)
    await purged(store)
    store.hands.forward(days=DAYS, seconds=1)
    assert await purged(store) == 1
    assert not await there(store, aside)


async def test_a_death_behind_the_removal_is_finished_by_the_next_turn(store, aside):
    class Dying:
        def __init__(self, archive):
            self._archive = archive

        def __getattr__(self, name):
            return getattr(self._archive, name)

        async def erase(self, key):
            await self._archive.erase(key)
            raise DiedError

    await purged(store)
    store.hands.forward(days=DAYS + 1)
    with pytest.raises(DiedError):
        await purged(store, Dying(store.archive))
    assert not await there(store, aside)
    assert (await row(store)).removed_at is None
    assert await purged(store) == 1
    assert (await row(store)).removed_at == store.hands()


@pytest.mark.usefixtures("aside")
async def test_a_lock_of_the_store_is_waited_for(store):
    """It is asked for again when the lock ends, not each hour."""

    class Locking:
        asked = 0

        def __init__(self, archive, until):
            self._archive, self._until = archive, until

        def __getattr__(self, name):
            return getattr(self._archive, name)

        async def erase(self, key):
            self.asked += 1
            raise Locked(key, self._until)

    await purged(store)
    store.hands.forward(days=DAYS + 1)
    locking = Locking(store.archive, store.hands() + timedelta(days=3))
    for _ in range(2):
        assert await purged(store, locking) == 0
    assert locking.asked == 1
    store.hands.forward(days=3)
    assert await purged(store) == 1
