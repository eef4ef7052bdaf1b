"""Objects in the bucket of scans that no row speaks of go after a month, and no byte
goes that anybody uses, or that a register might know which is put back.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from chassis.retention import purge
from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql import scan_objects
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.tables import documents, scan_uses
from intake.adapters.sql.tables import scan_objects as objects_table
from intake.adapters.stray_scans import StrayScans
from intake.domain import retention
from support import build
from support.claiming import ClaimingRebuilder
from support.intake import replaced
from support.papers import open_papers, papers_of

DAYS = retention.STRAYS.keep.days
STRAY = "raw/nobody-knows-these-bytes"


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        # What the papers of other tests refer to; here no row does.
        await opened.opened.objects.delete(build.ref().key)
        house = opened.opened
        rebuilder = ClaimingRebuilder(SqlScanClaims(house.store, house.clock))
        yield await papers_of(replaced(house, rebuilder=rebuilder))


@pytest.fixture
def strays(papers):
    house = papers.opened
    return StrayScans(house.store, house.objects, house.clock)


async def turned(papers, strays, **later):
    """A turn of the purge, so long after the one before; how much was removed."""
    house = papers.opened
    house.clock.on(**later)
    scans = FinishedScans(house.store, house.objects, house.clock)
    things = [(retention.STRAYS, strays), (retention.scans(10_000), scans)]
    return await purge(things, house.clock())


async def put_stray(papers, key=STRAY):
    await papers.opened.objects.put(key, b"a page of somebody")


async def there(papers, key=STRAY):
    return await papers.opened.objects.size(key) is not None


async def test_what_nobody_knows_goes_after_a_month_and_a_day(papers, strays):
    """Seen, given up, deleted; and its key is never used again."""
    await put_stray(papers)
    await turned(papers, strays)
    await turned(papers, strays, days=DAYS - 1)
    await turned(papers, strays, days=1, seconds=1)
    assert await there(papers)
    await turned(papers, strays, days=1, seconds=1)
    assert not await there(papers)
    house = papers.opened
    claims = SqlScanClaims(house.store, house.clock)
    assert await claims.claim(STRAY) == {STRAY: "raw/2/nobody-knows-these-bytes"}


async def test_operators_see_them(papers, strays):
    await put_stray(papers)
    await turned(papers, strays)
    seen = papers.opened.clock()
    papers.opened.clock.on(days=DAYS, seconds=1)
    amount = await strays.amount(papers.opened.clock() - retention.STRAYS.keep)
    assert (amount.count, amount.oldest, amount.due) == (1, seen, 1)


async def used_keys(papers):
    return await papers.opened.store.read(
        lambda tx: set(tx.scalars(select(scan_uses.c.key)))
    )


@pytest.mark.parametrize("made", ["awaiting", "held", "registered", "issued"])
async def test_what_a_paper_uses_is_no_stray(papers, strays, made):
    """Also where an older version stored it, which notes neither claim nor use: its
    raw file, its part, its pictures and the original that was made of it.
    """
    await getattr(papers, made)()
    keys = await used_keys(papers)
    assert keys
    for key in keys:
        await papers.opened.objects.put(key, b"a page")
    for table in (scan_uses, objects_table):
        await papers.opened.store.write(lambda tx, t=table: tx.execute(delete(t)))
    for _ in range(3):
        await turned(papers, strays, days=DAYS + 1)
    assert await used_keys(papers) == keys
    for key in keys:
        assert await there(papers, key), key


async def test_an_original_of_an_older_version_is_no_stray(papers, strays):
    """It has a key of its own, which no file names."""
    document = await papers.registered()
    key, store = "originals/joined-by-an-older-version.pdf", papers.opened.store
    await put_stray(papers, key)
    own = documents.c.id == document
    original = (await papers.known(document)).original
    moved = original.ref.model_copy(update={"key": key})
    older = update(documents).where(own).values(original=replace(original, ref=moved))
    await store.write(lambda tx: tx.execute(older))
    forgotten = delete(scan_uses).where(scan_uses.c.owner == document)
    await store.write(lambda tx: tx.execute(forgotten))
    for _ in range(3):
        await turned(papers, strays, days=DAYS + 1)
    assert await there(papers, key)


async def test_what_is_on_its_way_is_no_stray(papers, strays):
    """Claimed, put, and used within the month; or the same bytes come again."""
    house = papers.opened
    await put_stray(papers)
    await turned(papers, strays)
    await turned(papers, strays, days=DAYS - 1)
    claims = SqlScanClaims(house.store, house.clock)
    keys = await claims.claim(STRAY)
    await turned(papers, strays, days=1, seconds=1)
    await house.store.write(
        lambda tx: scan_objects.use(tx, "f", "d", keys.values(), house.clock())
    )
    for _ in range(3):
        await turned(papers, strays, days=DAYS + 1)
    assert await there(papers, keys[STRAY])


async def test_a_register_put_back_finds_its_scans(papers, strays):
    """Yesterday's register speaks of none of today's scans, for nearly a month; then
    the right one is put back. Nothing was taken away meanwhile.
    """
    await put_stray(papers)
    for _ in range(4):
        await turned(papers, strays, days=7)
    assert await there(papers)


async def test_a_clock_that_ran_ahead_takes_none(papers, strays):
    """Set right within the day, they have their month again."""
    await put_stray(papers)
    await turned(papers, strays)
    await turned(papers, strays, days=400)
    await turned(papers, strays, days=-400)
    await turned(papers, strays, days=2)
    assert await there(papers)
    await turned(papers, strays, days=DAYS)
    await turned(papers, strays, days=2)
    assert not await there(papers)


async def test_the_bucket_is_looked_through_once_a_day(papers, strays):
    await turned(papers, strays)
    await put_stray(papers)
    await turned(papers, strays, hours=23)
    assert (await strays.amount(None)).count == 0
    await turned(papers, strays, hours=1)
    assert (await strays.amount(None)).count == 1


async def test_pieces_and_arrivals_have_rules_of_their_own(papers, strays):
    """Other folders of the bucket are not looked at."""
    await put_stray(papers, "uploads/some-piece")
    for _ in range(3):
        await turned(papers, strays, days=DAYS + 1)
    assert await there(papers, "uploads/some-piece")


async def test_more_than_one_turn_takes_are_given_up_in_the_next(papers, strays):
    keys = [f"{STRAY}-{n}" for n in range(5)]
    for key in keys:
        await put_stray(papers, key)
    await turned(papers, strays)
    papers.opened.clock.on(days=DAYS, seconds=1)
    before = papers.opened.clock() - timedelta(days=DAYS)
    assert [await strays.remove(before, 2) for _ in range(4)] == [2, 2, 1, 0]
