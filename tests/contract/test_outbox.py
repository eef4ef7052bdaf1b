"""The outbox on both engines: committed events go out, in order, at least once."""

import asyncio

import pytest
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.exc import IntegrityError

from chassis import outbox
from chassis.clock import utc_now
from chassis.database import Database
from support import build
from support.databases import make_empty
from support.waiting import until

HOUR = 3600.0


@pytest.fixture
async def database(database_url):
    make_empty(database_url)
    database = Database(database_url)
    metadata = MetaData()
    outbox.table(metadata)
    metadata.create_all(database.engine)
    yield database
    await database.close()


class Stream:
    """Stores what it is given until it breaks."""

    def __init__(self, stores: int = 1000) -> None:
        self.ids: list[str] = []
        self.stores = stores

    async def publish(self, letters) -> int:
        taken = list(letters)[: self.stores]
        self.ids += [str(letter.event_id) for letter in taken]
        return len(taken)


async def add(database, event):
    await database.write(lambda tx: outbox.add(tx, event, source="intake"))


async def test_rolled_back_event_is_never_published(database):
    """No commit, no event."""

    def work(tx):
        outbox.add(tx, build.ordered(), source="intake")
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(work)

    assert await outbox.Relay(database, Stream().publish, utc_now).drain() == 0


async def test_published_in_order_and_once(database):
    """Committed events go out oldest first, and the next pass finds nothing."""
    events = [build.ordered() for _ in range(5)]
    for event in events:
        await add(database, event)
    stream = Stream()
    relay = outbox.Relay(database, stream.publish, utc_now)

    assert (await relay.drain(), await relay.drain()) == (5, 0)
    assert stream.ids == [str(e.id) for e in events]


async def test_failure_keeps_order_and_what_went_out(database):
    """What was stored stays stored; the rest waits and comes after, in order."""
    events = [build.ordered() for _ in range(3)]
    for event in events:
        await add(database, event)
    stream = Stream(stores=1)
    relay = outbox.Relay(database, stream.publish, utc_now)

    with pytest.raises(ConnectionError):
        await relay.drain()
    stream.stores = 1000
    assert await relay.drain() == 2

    assert stream.ids == [str(e.id) for e in events]


async def test_of_two_relays_one_is_at_work(postgres):
    """Replicas on one PostgreSQL: the second publishes nothing while the first lives,
    and takes over when it has ended.
    """
    url = postgres.database()
    first, second = Database(url), Database(url)
    metadata = MetaData()
    outbox.table(metadata)
    metadata.create_all(first.engine)
    here, there = Stream(), Stream()
    relay = outbox.Relay(first, here.publish, utc_now)
    other = outbox.Relay(second, there.publish, utc_now)
    await add(first, build.ordered())
    assert await relay.drain() == 1
    await add(first, build.ordered())
    assert (await other.drain(), there.ids) == (0, [])
    assert await relay.drain() == 1
    await add(second, build.ordered())
    await first.close()
    await until(other.drain)
    assert (len(here.ids), len(there.ids)) == (2, 1)
    await second.close()


async def test_commit_wakes_the_relay(database):
    """A committed event goes out at once, long before the next sweep."""
    stream, stop = Stream(), asyncio.Event()
    relay = outbox.Relay(database, stream.publish, utc_now, sweep_seconds=HOUR)
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0)

    await add(database, build.ordered())
    await until(lambda: len(stream.ids) == 1)

    stop.set()
    await running


async def test_stopping_relay_sends_what_is_committed(database):
    """What was committed before the stop goes out before the end."""
    stream, stop = Stream(), asyncio.Event()
    relay = outbox.Relay(database, stream.publish, utc_now)
    stop.set()
    await add(database, build.ordered())

    await relay.run(stop)

    assert len(stream.ids) == 1


async def running(relay, stop):
    """Its task, which has looked once."""
    task = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0)
    return task


async def test_what_piled_up_goes_out_without_waiting(database):
    """Three windows after a long night of the bus: one after the other, at once."""
    many = 2 * outbox.WINDOW + 1

    def add_all(tx):
        for _ in range(many):
            outbox.add(tx, build.ordered(), source="intake")

    await database.write(add_all)
    stream, stop = Stream(), asyncio.Event()
    relay = outbox.Relay(database, stream.publish, utc_now, sweep_seconds=HOUR)
    relaying = await running(relay, stop)
    await until(lambda: len(stream.ids) == many)
    stop.set()
    await relaying


async def test_a_publish_that_fails_is_tried_again(database):
    """Whatever it raises; the relay goes on, and nothing is lost or doubled."""
    stream, stop, failures = Stream(), asyncio.Event(), [1, 2, 3]

    async def publish(letters):
        if failures:
            raise ZeroDivisionError(failures.pop())
        return await stream.publish(letters)

    await add(database, build.ordered())
    relay = outbox.Relay(
        database, publish, utc_now, retry_seconds=0.01, sweep_seconds=HOUR
    )
    relaying = await running(relay, stop)
    await until(lambda: stream.ids)
    stop.set()
    await relaying
    assert len(stream.ids) == 1


async def test_an_event_of_another_replica_is_found_without_its_word(
    database, database_url
):
    """That one died between its commit and its publishing: a sweep finds the row."""
    stream, stop, other = Stream(), asyncio.Event(), Database(database_url)
    await add(database, build.ordered())
    relay = outbox.Relay(database, stream.publish, utc_now, sweep_seconds=0.05)
    relaying = await running(relay, stop)
    await until(lambda: stream.ids)  # it has looked, and waits to be woken
    await add(other, build.ordered())
    await until(lambda: len(stream.ids) == 2)
    stop.set()
    await relaying
    await other.close()


async def test_a_window_of_which_nothing_was_stored_marks_nothing(database):
    """And is published whole at the next try."""
    for _ in range(3):
        await add(database, build.ordered())
    stream = Stream(stores=0)
    relay = outbox.Relay(database, stream.publish, utc_now)
    with pytest.raises(ConnectionError):
        await relay.drain()
    stream.stores = 1000
    assert await relay.drain() == 3
    assert await relay.drain() == 0


async def test_what_goes_out_is_the_event_word_for_word(database):
    """Under its own subject and id, as its source has said it; marked with the hour
    at which the stream had it.
    """
    event, sent = build.ordered(), []

    async def publish(letters):
        sent.extend(letters)
        return len(letters)

    await add(database, event)
    assert await outbox.Relay(database, publish, lambda: build.NOON).drain() == 1
    (letter,) = sent
    assert (letter.event_id, letter.subject) == (event.id, event.subject)
    assert letter.body == event.encode("intake")
    marked = await database.read(
        lambda tx: tx.execute(select(outbox.outbox)).mappings().one()
    )
    assert marked["published_at"].replace(tzinfo=build.NOON.tzinfo) == build.NOON
    assert marked["created_at"] is not None
    assert marked["position"] == letter.position == 1


async def test_only_what_the_stream_has_is_marked(database):
    """Of three the first two; the third is alone in the next window."""
    for _ in range(3):
        await add(database, build.ordered())
    stream = Stream(stores=2)
    relay = outbox.Relay(database, stream.publish, utc_now)
    with pytest.raises(ConnectionError, match="1 events"):
        await relay.drain()
    marks = select(outbox.outbox.c.published_at).order_by(outbox.outbox.c.position)
    found = await database.read(lambda tx: tx.scalars(marks).all())
    assert [mark is None for mark in found] == [False, False, True]


async def test_a_window_is_full_before_the_next_begins(database):
    """Sixty-four at once: what is published and not acknowledged is sent again."""
    windows = []

    async def publish(letters):
        windows.append(len(letters))
        return len(letters)

    def add_all(tx):
        for _ in range(129):
            outbox.add(tx, build.ordered(), source="intake")

    await database.write(add_all)
    relay = outbox.Relay(database, publish, utc_now)
    assert [await relay.drain() for _ in range(4)] == [64, 64, 1, 0]
    assert windows == [64, 64, 1]


async def test_the_table_has_what_readers_and_writers_rely_on(database):
    """Names, what may be empty, and the index over what waits: a night without a bus
    leaves many rows, and each sweep looks for the unpublished ones.
    """

    def look(tx):
        seen = inspect(tx)
        columns = {c["name"]: c["nullable"] for c in seen.get_columns("outbox")}
        (index,) = (
            i for i in seen.get_indexes("outbox") if i["name"].startswith("ix_")
        )
        where = index["dialect_options"][f"{tx.dialect.name}_where"]
        return columns, index["name"], index["column_names"], str(where)

    columns, index, indexed, where = await database.read(look)
    assert columns == {
        "position": False,
        "event_id": False,
        "subject": False,
        "body": False,
        "created_at": False,
        "published_at": True,
    }
    assert (index, indexed) == ("ix_outbox_unpublished", ["position"])
    assert where.strip("()") == "published_at IS NULL"


async def test_an_event_stands_in_the_table_once(database):
    """The same id again is a fault of whoever adds it, not a second event."""
    event = build.ordered()
    await add(database, event)
    with pytest.raises(IntegrityError):
        await add(database, event)


async def test_the_relay_rests_no_longer_than_this(database, monkeypatch):
    """A second after a failure, five when nothing was heard."""
    loop, asked = asyncio.get_running_loop(), []
    original = loop.call_later

    def call_later(delay, *rest, **more):
        asked.append(delay)
        return original(delay / 1000, *rest, **more)

    monkeypatch.setattr(loop, "call_later", call_later)
    stream, stop, failures = Stream(), asyncio.Event(), [1]

    async def publish(letters):
        if failures:
            raise ZeroDivisionError(failures.pop())
        return await stream.publish(letters)

    await add(database, build.ordered())
    relaying = await running(outbox.Relay(database, publish, utc_now), stop)
    while 5.0 not in asked:
        await asyncio.sleep(0)
    stop.set()
    await relaying
    assert asked[:2] == [1.0, 5.0]
