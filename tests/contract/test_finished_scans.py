"""Scans of cases that ended long ago are removed, and no byte that anybody uses is:
whatever arrives again meanwhile, and whoever dies between two steps.
"""

import asyncio
import itertools
import random
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from chassis.database import Database
from chassis.objects import Missing, Objects
from chassis.objects.directory import DirectoryObjects
from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings
from ecopy.refusals import Trouble
from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql import finished, scan_objects
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.tables import audit, documents
from intake.adapters.sql.tables import scan_objects as objects_table
from intake.console import MIGRATIONS
from support.claiming import ClaimingRebuilder
from support.databases import make_ready
from support.intake import Hands, replaced
from support.papers import open_papers, papers_of
from support.settings import share

MONTH = timedelta(days=30)
NOTHING = timedelta(0)
NAME = "raw/same-bytes"
BYTES = b"a citizen's page"


@dataclass
class Bucket:
    """A database and a store, without a desk."""

    store: Database
    objects: Objects
    clock: Hands
    url: str

    @property
    def opened(self):
        return self


@pytest.fixture(params=["sqlite-directory", "postgresql-s3"])
async def bucket(request, tmp_path):
    """Both engines and both kinds of store."""
    clock = Hands()
    if request.param == "sqlite-directory":
        url, objects = f"sqlite:///{tmp_path}/i.db", DirectoryObjects(tmp_path / "s")
    else:
        postgres = request.getfixturevalue("postgres")
        url = postgres.database()
        objects = s3_bucket(request.getfixturevalue("s3_server"))
    make_ready(url, MIGRATIONS)
    store = Database(url)
    yield Bucket(store, objects, clock, url)
    await store.close()
    objects.close()


def s3_bucket(server):
    settings = ObjectsSettings(
        url=f"s3://b{uuid.uuid4().hex[:12]}",
        endpoint=server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    made = open_objects(settings)
    made.make_bucket()
    return made


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        house = opened.opened
        rebuilder = ClaimingRebuilder(SqlScanClaims(house.store, house.clock))
        yield await papers_of(replaced(house, rebuilder=rebuilder))


async def later(papers, **by):
    papers.opened.clock.on(**by)


def purging(papers, objects=None, rest=NOTHING):
    opened = papers.opened
    store = objects or opened.objects
    return FinishedScans(opened.store, store, opened.clock, rest=rest)


async def purge(papers, objects=None, rest=NOTHING):
    # What is idle since this very moment is removed by the next moment's turn.
    await later(papers, seconds=1)
    holding = purging(papers, objects, rest)
    removed = await holding.remove(papers.opened.clock() - MONTH, 500)
    await later(papers, seconds=1)
    return removed + await holding.remove(papers.opened.clock() - MONTH, 500)


async def raw_of(papers, document):
    (file,) = (await papers.known(document)).files
    return file.raw.key


async def there(papers, key):
    return await papers.opened.objects.size(key) is not None


async def test_scans_go_a_month_after_the_case_has_ended(papers):
    """Not a day earlier; rows and digests stay, and the case's timeline says it."""
    document = await papers.issued()
    key = await raw_of(papers, document)
    await later(papers, days=29)
    await purge(papers)
    assert await there(papers, key)
    await later(papers, days=2)
    assert await purge(papers)
    assert not await there(papers, key)
    known = await papers.known(document)
    assert known.scans_removed_at is not None
    assert known.files[0].raw.sha256
    lines = await papers.opened.store.read(
        lambda tx: tx.execute(select(audit.c.case, audit.c.action)).all()
    )
    assert (known.case, "scans-removed") in lines
    assert await purge(papers) == 0


async def test_a_day_is_left_before_the_bytes_go(papers):
    """Also where nothing hinders: a clock that ran ahead can be set right."""
    document = await papers.issued()
    await later(papers, days=31)
    await purge(papers, rest=timedelta(days=1))
    assert await there(papers, await raw_of(papers, document))
    assert (await papers.known(document)).scans_removed_at is not None
    await later(papers, days=1)
    await purge(papers, rest=timedelta(days=1))
    assert not await there(papers, await raw_of(papers, document))


@pytest.mark.parametrize("kept", ["awaiting", "held", "voiding", "registered"])
async def test_what_has_not_ended_or_is_held_for_report_keeps_its_scans(papers, kept):
    """However long ago it changed."""
    document = await getattr(papers, kept)()
    await later(papers, days=4000)
    await purge(papers)
    assert await there(papers, await raw_of(papers, document))
    assert (await papers.known(document)).scans_removed_at is None


@pytest.mark.parametrize("ended", ["issued", "refused", "void"])
async def test_every_end_gives_the_scans_up(papers, ended):
    document = await getattr(papers, ended)()
    await later(papers, days=31)
    await purge(papers)
    assert not await there(papers, await raw_of(papers, document))


async def test_bytes_that_an_open_paper_shares_stay(papers):
    """All papers of this test are the same bytes: one key."""
    ended, still = await papers.issued(), await papers.awaiting()
    key = await raw_of(papers, ended)
    assert key == await raw_of(papers, still)
    await later(papers, days=31)
    await purge(papers)
    assert await there(papers, key)
    assert (await papers.known(ended)).scans_removed_at is not None


async def test_the_same_bytes_that_come_again_get_another_key(papers):
    """And that one is there."""
    first = await raw_of(papers, await papers.issued())
    await later(papers, days=31)
    await purge(papers)
    second = await raw_of(papers, await papers.awaiting())
    assert second != first
    assert await papers.opened.objects.get(second) == b"a page"
    assert await raw_of(papers, await papers.scanned()) == second


async def test_a_clock_that_ran_ahead_takes_nothing_for_good(papers):
    """Set back within the day, the papers have their pictures again."""
    document = await papers.issued()
    await later(papers, days=400)
    await purge(papers, rest=timedelta(days=1))
    assert (await papers.known(document)).scans_removed_at is not None
    await later(papers, days=-400)
    await purge(papers, rest=timedelta(days=1))
    assert (await papers.known(document)).scans_removed_at is None
    await later(papers, days=5)
    await purge(papers, rest=timedelta(days=1))
    assert await there(papers, await raw_of(papers, document))


async def test_what_an_older_version_stored_is_adopted(papers):
    """Files without noted uses, of a version that ran beside this one: the open paper's
    stay, the ended one's go.
    """
    ended = await papers.refused()
    still = await papers.awaiting()
    await papers.opened.store.write(
        lambda tx: tx.execute(scan_objects.scan_uses.delete())
    )
    key = await raw_of(papers, still)
    await later(papers, days=31)
    await purge(papers)
    assert await there(papers, key)
    assert (await papers.known(ended)).scans_removed_at is not None


class Upload:
    """One arrival of the same bytes, step by step, as ``receive_file`` does it."""

    def __init__(self, bucket, owner):
        self.bucket, self.owner = bucket, owner
        self.key, self.refused = "", False
        self.steps = [self.claim, self.put, self.use]

    @property
    def _store(self):
        return self.bucket.opened.store

    async def claim(self):
        at = self.bucket.opened.clock()
        keys = await self._store.write(lambda tx: scan_objects.claim(tx, [NAME], at))
        self.key = keys[NAME]

    async def put(self):
        """A store of plain files may refuse it while another process takes the last
        file out of its folder: trouble, and the sender sends again.
        """
        try:
            await self.bucket.opened.objects.put(self.key, BYTES)
        except Trouble:
            self.refused = True

    async def use(self):
        if self.refused:
            return
        at, key, owner = self.bucket.opened.clock(), self.key, self.owner
        try:
            await self._store.write(
                lambda tx: scan_objects.use(tx, owner, owner, [key], at)
            )
        except Trouble:
            self.refused = True

    async def whole(self):
        for step in self.steps:
            await step()


class Removal:
    """One purge, step by step, as ``FinishedScans.remove`` does it."""

    def __init__(self, bucket, document):
        self.bucket, self.document = bucket, document
        self.keys = []
        self.steps = [self.release, self.condemn, self.look, self.delete, self.note]

    async def _write(self, work):
        self.bucket.opened.clock.on(microseconds=1)
        now = self.bucket.opened.clock()
        return await self.bucket.opened.store.write(lambda tx: work(tx, now))

    async def release(self):
        await self._write(lambda tx, now: scan_objects.release(tx, self.document, now))

    async def condemn(self):
        await self._write(lambda tx, now: scan_objects.condemn(tx, now, 500, now))

    async def look(self):
        self.keys = await self.bucket.opened.store.read(
            lambda tx: scan_objects.condemned(tx, 500)
        )

    async def delete(self):
        for key in self.keys:
            await self.bucket.opened.objects.delete(key)

    async def note(self):
        await self._write(lambda tx, now: scan_objects.note_removed(tx, self.keys, now))


def merged(*lengths):
    """Every order in which actors of so many steps can take turns."""
    turns = [actor for actor, length in enumerate(lengths) for _ in range(length)]
    return sorted(set(itertools.permutations(turns)))


async def nothing_used_is_missing(bucket):
    used = await bucket.opened.store.read(
        lambda tx: list(tx.scalars(select(scan_objects.scan_uses.c.key)))
    )
    for key in used:
        assert await bucket.opened.objects.get(key), key


async def played(actors, turns):
    queues = [iter(actor.steps) for actor in actors]
    for turn in turns:
        await next(queues[turn])()


ORDERS = list(merged(3, 5))


@pytest.mark.drawn
async def test_whatever_the_order_no_used_bytes_are_missing(bucket):
    """All 56 orders in which an arrival of the same bytes and their removal can take
    turns, without any pause between them: what the arrival was told is true, and an
    arrival that was refused succeeds when it is sent again. On servers, which take
    most of the time, make test tries a part of the orders.
    """
    orders, refused = ORDERS, 0
    if not bucket.url.startswith("sqlite"):
        orders = random.Random(20261129).sample(ORDERS, share(len(ORDERS)))
    for number, turns in enumerate(orders):
        old = Upload(bucket, f"old-{number}")
        await old.whole()
        new = Upload(bucket, f"new-{number}")
        await played([new, Removal(bucket, old.owner)], turns)
        await nothing_used_is_missing(bucket)
        refused += new.refused
        if new.refused:
            again = Upload(bucket, new.owner)
            await again.whole()
            assert not again.refused
            await nothing_used_is_missing(bucket)
        await Removal(bucket, new.owner).release()
    assert 0 < refused < len(orders)


@pytest.mark.drawn
async def test_two_replicas_that_remove_at_once_take_nothing_used(bucket):
    """Sampled orders of two removals, one of them as late as it likes, and an arrival:
    a deletion that was frozen meets a key that nobody uses any more.
    """
    chance = random.Random(20261128)
    turns = [0] * 3 + [1] * 5 + [2] * 5
    for number in range(share(60)):
        chance.shuffle(turns)
        old = Upload(bucket, f"old-{number}")
        await old.whole()
        new = Upload(bucket, f"new-{number}")
        removals = [Removal(bucket, old.owner) for _ in range(2)]
        await played([new, *removals], turns)
        await nothing_used_is_missing(bucket)
        await Removal(bucket, new.owner).release()


@pytest.mark.parametrize("steps", range(6))
async def test_a_death_between_two_steps_leaves_the_rest_to_the_next_turn(
    bucket, steps
):
    """After each step: the next turn comes to the same end."""
    old = Upload(bucket, "old")
    await old.whole()
    died = Removal(bucket, "old")
    for step in died.steps[:steps]:
        await step()
    if steps == 0:
        await died.release()
    await purge(bucket)
    assert not await there(bucket, old.key)
    row = await bucket.opened.store.read(
        lambda tx: tx.execute(
            select(objects_table).where(objects_table.c.key == old.key)
        ).one()
    )
    assert row.removed_at is not None
    assert row.idle_since is None


async def test_a_store_that_fails_half_way_is_asked_again(papers):
    """What it has deleted is noted, and the others stay to be deleted."""

    class Failing:
        left = 1

        def __init__(self, objects):
            self._objects = objects

        async def delete(self, key):
            if not self.left:
                raise Trouble("store-unavailable", "no answer")
            self.left -= 1
            await self._objects.delete(key)

    document = await papers.issued()
    await later(papers, days=31)
    with pytest.raises(Trouble):
        await purge(papers, Failing(papers.opened.objects))
    await purge(papers)
    assert not await there(papers, await raw_of(papers, document))


async def test_arrivals_and_removals_at_once_agree(bucket):
    """Two replicas on one database, both at work: on PostgreSQL their transactions
    really meet.
    """
    if bucket.url.startswith("sqlite"):
        other = bucket.opened.store
    else:
        other = Database(bucket.url)
    objects, clock = bucket.opened.objects, bucket.opened.clock

    async def arrive(number):
        upload = Upload(bucket, f"u{number}")
        await upload.whole()
        if not upload.refused:
            assert await objects.get(upload.key) == BYTES

    async def remove(store, number):
        now = clock()
        await store.write(
            lambda tx: scan_objects.release(tx, f"u{number}", now),
        )
        clock.on(microseconds=1)
        late = clock()
        await store.write(lambda tx: scan_objects.condemn(tx, late, 9, late))
        keys = await store.read(lambda tx: scan_objects.condemned(tx, 9))
        for key in keys:
            await objects.delete(key)
        await store.write(lambda tx: scan_objects.note_removed(tx, keys, late))

    for number in range(25):
        await asyncio.gather(
            arrive(number), remove(other, number - 1), remove(other, number - 2)
        )
        await nothing_used_is_missing(bucket)
    if other is not bucket.opened.store:
        await other.close()


async def test_a_paper_added_to_an_ended_case_is_not_swept_along(papers):
    """The decision is asked again under the case's lock: one that is open again keeps
    everything.
    """
    document = await papers.issued()
    await later(papers, days=31)
    now = papers.opened.clock()
    before = now - MONTH
    store = papers.opened.store
    (code,) = await store.read(lambda tx: finished.due_cases(tx, before, 9))
    await store.write(
        lambda tx: tx.execute(
            update(documents).where(documents.c.id == document).values(state="received")
        )
    )
    await store.write(lambda tx: finished.release_case(tx, code, before, now))
    assert (await papers.known(document)).scans_removed_at is None


async def test_objects_of_an_upload_that_was_cut_short_go_too(bucket):
    """Claimed, put, and never used: after a day nobody needs them."""
    orphan = Upload(bucket, "nobody")
    await orphan.claim()
    await orphan.put()
    await later(bucket, hours=23)
    await purge(bucket, rest=timedelta(days=1))
    assert await there(bucket, orphan.key)
    await later(bucket, hours=2)
    await purge(bucket, rest=timedelta(days=1))
    with pytest.raises(Missing):
        await bucket.opened.objects.get(orphan.key)
