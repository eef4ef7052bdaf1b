"""When a write is answered, and what becomes of those that wait, on both engines."""

import asyncio
import contextlib
import threading

import pytest
from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from chassis import outbox
from chassis.database import Database
from chassis.engines import create
from chassis.migration import migrate
from intake import console
from support import build
from support.databases import make_empty
from support.waiting import LONG_SECONDS, until

metadata = MetaData()
things = Table("things", metadata, Column("n", Integer, primary_key=True))
parts = Table(
    "parts",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("thing", ForeignKey(things.c.n), nullable=False),
)
outbox.table(metadata)


@pytest.fixture
async def database(database_url):
    make_empty(database_url)
    database = Database(database_url)
    metadata.create_all(database.engine)
    yield database
    await database.close()


def adding(n):
    return lambda tx: tx.execute(insert(things).values(n=n))


def numbers(tx):
    return list(tx.scalars(select(things.c.n).order_by(things.c.n)))


@contextlib.asynccontextmanager
async def waiting(database, *works):
    """The writes wait together behind one that is held up, and are let go at the end
    of the context.
    """
    begun, gate = threading.Event(), threading.Event()

    def hold_up(_tx):
        begun.set()
        gate.wait(5)

    first = asyncio.create_task(database.write(hold_up))
    await until(begun.is_set)  # taken alone: what comes now waits behind it
    rest = [asyncio.create_task(database.write(work)) for work in works]
    await asyncio.sleep(0)
    try:
        yield rest
    finally:
        gate.set()
        await first


@pytest.mark.parametrize("count", [1, 3])
async def test_no_write_is_answered_before_its_commit(database, count):
    """Alone or in a group: while the commit is under way everybody waits for it."""
    commits, reached, may = [], threading.Event(), threading.Event()

    def hold_up(_connection):
        commits.append(1)
        if len(commits) == 2:  # the first is of the write that the others wait behind
            reached.set()
            may.wait(5)

    event.listen(database.engine, "commit", hold_up)
    async with waiting(database, *map(adding, range(count))) as rest:
        pass
    await until(reached.is_set)
    await asyncio.sleep(0.05)  # time for a wrong answer
    answered = [task for task in rest if task.done()]
    may.set()
    await asyncio.gather(*rest)
    assert answered == []
    assert len(commits) == 2


async def test_a_commit_that_fails_is_told_and_the_writer_goes_on(database):
    """The error comes to whoever wrote; what follows is written as before."""

    def fail(_connection):
        raise MemoryError

    event.listen(database.engine, "commit", fail)
    with pytest.raises(MemoryError):
        await asyncio.wait_for(database.write(adding(1)), LONG_SECONDS)
    event.remove(database.engine, "commit", fail)
    await asyncio.wait_for(database.write(adding(2)), LONG_SECONDS)
    assert await database.read(numbers) == [2]


async def test_the_commit_of_a_caller_who_went_away_stands(database):
    """And nobody stumbles over the answer that nobody waits for."""
    wrong = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: wrong.append(what))
    async with waiting(database, adding(1), adding(2)) as (gone, stays):
        gone.cancel()
    await stays
    assert await database.read(numbers) == [1, 2]
    assert wrong == []


async def test_a_loop_that_has_ended_ends_no_writer(database):
    """A service that cannot start leaves while its first write is on its way."""
    begun, gate = threading.Event(), threading.Event()

    def hold_up(_tx):
        begun.set()
        gate.wait(5)

    async def leaving():
        task = asyncio.create_task(database.write(hold_up))
        await until(begun.is_set)
        task.cancel()

    await asyncio.to_thread(asyncio.run, leaving())
    gate.set()
    await asyncio.wait_for(database.write(adding(1)), LONG_SECONDS)
    assert await database.read(numbers) == [1]


async def test_closing_finishes_the_writes_that_wait(database_url):
    """A service that stops has answered nobody wrongly, and lost nothing."""
    make_empty(database_url)
    database = Database(database_url)
    metadata.create_all(database.engine)
    async with waiting(database, *map(adding, range(5))) as rest:
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*rest, closing), LONG_SECONDS)
    again = Database(database_url)
    assert await again.read(numbers) == list(range(5))
    await again.close()


async def test_a_row_without_its_parent_is_refused(database):
    """SQLite asks for it only where it is told to."""
    with pytest.raises(IntegrityError):
        await database.write(lambda tx: tx.execute(insert(parts).values(n=1, thing=9)))


async def test_one_read_sees_one_moment(database):
    """What is committed in between is seen by the next read, on either engine."""
    looked, written = threading.Event(), threading.Event()

    def twice(tx):
        before = numbers(tx)
        looked.set()
        written.wait(5)
        return before, numbers(tx)

    reading = asyncio.create_task(database.read(twice))
    await until(looked.is_set)
    await database.write(adding(1))
    written.set()
    assert await reading == ([], [])
    assert await database.read(numbers) == [1]


async def test_a_read_leaves_the_next_write_its_connection(database):
    """What a read was given to see one moment does not stay with the connection that
    the pool hands on.
    """
    for number in range(8):
        await database.read(numbers)
        await database.write(adding(number))
    assert await database.read(numbers) == list(range(8))


async def test_only_a_commit_with_an_event_wakes_the_relay(database):
    """Neither a write without one, nor one whose event was undone before it."""
    woken = []
    database.on_commit(outbox.TOPIC, lambda: woken.append(1))

    def undone(tx):
        outbox.add(tx, build.ordered(), source="intake")
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(undone)
    await database.write(adding(1))
    assert woken == []
    await database.write(lambda tx: outbox.add(tx, build.ordered(), source="intake"))
    assert woken == [1]


async def test_a_writer_waits_for_another_process_of_sqlite(tmp_path):
    """Its transaction begins as a writer: one that read first and finds the file
    changed would be refused at once, however long it was ready to wait.
    """
    url = f"sqlite:///{tmp_path}/db"
    database, other = Database(url), Database(url)
    metadata.create_all(database.engine)
    begun, may = threading.Event(), threading.Event()

    def slowly(tx):
        seen = numbers(tx)
        begun.set()
        may.wait(5)
        tx.execute(insert(things).values(n=len(seen)))

    first = asyncio.create_task(database.write(slowly))
    await until(begun.is_set)
    second = asyncio.create_task(
        other.write(lambda tx: tx.execute(insert(things).values(n=len(numbers(tx)))))
    )
    await asyncio.sleep(0.2)  # time for a wrong start
    may.set()
    await asyncio.gather(first, second)
    assert await database.read(numbers) == [0, 1]
    await database.close()
    await other.close()


async def test_migrations_of_two_replicas_run_one_after_the_other(postgres):
    """While one is at work the other waits, and then finds nothing to do."""
    url = postgres.database()
    engine = create(url)
    with engine.connect() as held:
        held.execute(text("SELECT pg_advisory_lock(4703001)"))
        migrating = asyncio.create_task(
            asyncio.to_thread(migrate, url, console.MIGRATIONS)
        )
        await asyncio.sleep(0.3)  # time for a wrong start
        assert not migrating.done()
        held.execute(text("SELECT pg_advisory_unlock(4703001)"))
        await migrating
    engine.dispose()
