"""An archived file goes after its time; what the catalogue says of it stays for ever.

On SQLite and PostgreSQL, whoever dies between two steps and whatever heals meanwhile.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from chassis.objects import Locked
from ecopy.refusals import Trouble
from storage.adapters import counting, tables
from storage.adapters.expired import ExpiredCopies
from storage.adapters.healing import Healer, SecondPlace, own_key, sealed_key
from storage.adapters.scrubbing import strays, whole_pass
from storage.domain.copies import archive_key
from support import build
from support.storage import TOKEN, shelf, words

CONTENT = b"%PDF-1.7 a certified copy" * 3000
YEAR = timedelta(days=365)
KEY = archive_key(build.ENTRY)


class DiedError(BaseException):
    """The process is gone."""


@pytest.fixture
async def store(tmp_path, database_url):
    async with shelf(tmp_path, database_url) as made:
        await made.archived(CONTENT)
        yield made


def expired(store, archive=None):
    return ExpiredCopies(store.database, archive or store.archive, store.hands)


async def purge(store, archive=None):
    return await expired(store, archive).remove(store.hands() - YEAR, 500)


async def gone(store):
    """Given up a year after it was archived, and erased a day later."""
    store.hands.forward(days=366)
    await purge(store)
    store.hands.forward(days=1)
    assert await purge(store) == 1


async def there(store):
    return await store.archive.size(KEY) is not None


async def row(store):
    query = select(tables.given_up)
    return await store.database.read(lambda tx: tx.execute(query).first())


async def test_a_file_goes_a_year_after_it_was_archived_and_a_day(store):
    store.hands.forward(days=364)
    await purge(store)
    assert await row(store) is None
    store.hands.forward(days=2)
    assert await purge(store) == 0
    assert (await row(store)).removed_at is None
    assert await there(store)
    store.hands.forward(hours=23)
    assert await purge(store) == 0
    store.hands.forward(hours=2)
    assert await purge(store) == 1
    assert not await there(store)
    assert (await row(store)).removed_at == store.hands()
    assert await purge(store) == 0


async def test_digest_and_code_have_their_verdict_for_ever(store):
    """Also the file itself, brought by whoever has it."""
    await gone(store)
    digest = build.digest(CONTENT)
    answer = await store.storage.check_digest(digest)
    assert answer.verdict.code == "genuine"
    assert (await store.storage.look_up("7K2F9MQX4TBD")).sha256 == digest

    async def chunks():
        yield CONTENT

    answer = await store.storage.check_file(chunks(), "192.0.2.7")
    assert answer.verdict.code == "genuine"


@pytest.mark.parametrize("path", [f"/c/{TOKEN}", f"/c/{TOKEN}/download"])
async def test_the_link_says_until_when_it_was_kept(store, path):
    """In both languages, with what to do; also though the link ended long before."""
    await gone(store)
    day = (store.hands() - timedelta(days=1)).strftime("%d/%m/%Y")
    async with store.face() as web:
        page = await web.get(path)
        assert page.status_code == 410
        said = words(page.text)
        assert f"giữ tệp đến ngày {day}" in said
        assert "mang bản chính đến UBND phường Hoa Ban" in said
        assert "1180/2026" in said
        page = await web.get(path + "?lang=en")
        assert f"kept the file until {day}" in words(page.text)
        assert (await web.get("/c/nothing-like-it")).status_code == 404


async def test_a_revoked_link_says_nothing(store):
    """Whoever closed it did not mean its holder to know more: that it was closed, and
    nothing of the copy, nor that its file is gone.
    """
    await gone(store)
    revoked = update(tables.links).values(revoked_at=store.hands())
    await store.database.write(lambda tx: tx.execute(revoked))
    async with store.face() as web:
        page = await web.get(f"/c/{TOKEN}")
        assert page.status_code == 410
        said = words(page.text)
        assert "đã tắt liên kết này" in said
        assert "1180/2026" not in said
        assert "giữ tệp đến ngày" not in said


async def test_scrub_and_reconcile_tell_gone_from_lost(store):
    """Nothing is read, found missing or healed; a file that is there again is named."""
    await whole(store)
    await gone(store)
    await whole(store)
    assert [found async for found in whole_pass(store.downloads, store.scrubs)] == []
    assert await store.scrubs.due(store.hands() + YEAR) is None
    covered = await store.scrubs.coverage()
    assert (covered.copies, covered.unchecked, covered.bad) == (0, 0, 0)
    await store.archive.put(KEY, CONTENT)
    assert await strays(store.archive, store.scrubs) == [KEY]
    (found,) = await findings(store)
    assert (found.kind, found.entry) == ("removed-is-there", build.ENTRY)


async def whole(store):
    assert await findings(store) == ()
    assert await strays(store.archive, store.scrubs) == []


async def findings(store):
    def read(tx):
        return counting.archived_sizes(tx), counting.given_up_entries(tx)

    known, given_up = await store.database.read(read)
    return await counting.object_findings(
        store.archive, known, deep=True, gone=given_up
    )


async def test_between_the_steps_nothing_is_found_wrong(store):
    """Given up, and still there for a day."""
    store.hands.forward(days=366)
    await purge(store)
    await whole(store)


def healer(store, archive=None):
    places = [SecondPlace("copies", store.copies, sealed_key)]
    return Healer(archive or store.archive, places, store.scrubs.keeps)


async def test_what_is_given_up_is_never_healed(store):
    """Although signing's bucket still has the bytes."""
    copy = await store.catalogue.copy(build.ENTRY)
    await gone(store)
    assert await store.copies.size(sealed_key(copy)) is not None
    assert not await healer(store).heal(copy)
    assert not await there(store)


async def test_a_healing_that_was_overtaken_takes_back_what_it_put(store):
    """It looked before the copy was given up, and put after the file was erased."""
    copy = await store.catalogue.copy(build.ENTRY)
    await store.archive.delete(own_key(copy))

    class Overtaken:
        def __getattr__(self, name):
            return getattr(store.archive, name)

        async def put(self, key, content):
            await gone(store)
            return await store.archive.put(key, content)

    assert not await healer(store, Overtaken()).heal(copy)
    assert not await there(store)
    await whole(store)


async def test_a_clock_that_ran_ahead_takes_nothing_for_good(store):
    """Set right within the day, the copy is served again."""
    store.hands.forward(days=400)
    await purge(store)
    store.hands.forward(days=-400)
    await purge(store)
    assert await row(store) is None
    async with store.face() as web:
        answer = await web.get(f"/c/{TOKEN}/download")
    assert answer.content == CONTENT


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_death_at_the_erasing_leaves_it_to_the_next_turn(store, dies):
    class Dying:
        local = store.archive.local

        async def erase(self, key):
            if dies == "after":
                await store.archive.erase(key)
            raise DiedError

    store.hands.forward(days=366)
    await purge(store)
    store.hands.forward(days=1)
    with pytest.raises(DiedError):
        await purge(store, Dying())
    await whole(store)
    assert await purge(store) == 1
    assert not await there(store)
    await whole(store)


async def test_a_store_that_does_not_answer_is_asked_again(store):
    class Away:
        local = store.archive.local

        async def erase(self, key):
            raise Trouble("store-unavailable", key)

    store.hands.forward(days=366)
    await purge(store)
    store.hands.forward(days=1)
    with pytest.raises(Trouble):
        await purge(store, Away())
    assert await purge(store) == 1


async def test_a_lock_of_the_store_is_respected_and_ends(store):
    """Nothing is erased before the lock ends, and others do not wait for this one."""
    until = store.hands() + timedelta(days=500)

    class Keeping:
        local = store.archive.local

        async def erase(self, key):
            if store.hands() < until:
                raise Locked(key, until)
            await store.archive.erase(key)

    store.hands.forward(days=366)
    await purge(store, Keeping())
    store.hands.forward(days=1)
    assert await purge(store, Keeping()) == 0
    assert (await row(store)).locked_until == until
    assert await there(store)
    store.hands.forward(days=200)
    assert await purge(store, Keeping()) == 1
    assert not await there(store)


async def test_what_is_gone_stays_gone(store):
    """The database refuses to take the row back or to change it."""
    await gone(store)
    for change in (
        tables.given_up.delete(),
        update(tables.given_up).values(removed_at=None),
    ):
        with pytest.raises((DatabaseError, IntegrityError)):
            await store.database.write(lambda tx, change=change: tx.execute(change))


async def test_the_operator_sees_how_many_go_next(store):
    amount = await expired(store).amount(store.hands() - YEAR)
    assert (amount.count, amount.due, amount.size) == (1, 0, len(CONTENT))
    store.hands.forward(days=366)
    amount = await expired(store).amount(store.hands() - YEAR)
    assert (amount.count, amount.due) == (1, 1)
    await gone(store)
    amount = await expired(store).amount(store.hands() - YEAR)
    assert (amount.count, amount.due, amount.size) == (0, 0, 0)
