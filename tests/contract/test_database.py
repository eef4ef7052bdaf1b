"""One set of promises, two engines: SQLite and PostgreSQL."""

import asyncio
import threading
from contextlib import nullcontext
from functools import partial

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from chassis import outbox
from chassis.database import Database, note_commit, open_database
from chassis.forgotten import forgotten
from chassis.objects.directory import DirectoryObjects
from chassis.soundness import Soundness
from ecopy.refusals import Hindrance, Trouble
from support import build
from support.databases import make_empty
from support.servers import free_port
from support.waiting import LONG_SECONDS, until

metadata = MetaData()
things = Table("things", metadata, Column("n", Integer, primary_key=True))
outbox.table(metadata)


@pytest.fixture
async def database(database_url):
    make_empty(database_url)
    database = Database(database_url)
    metadata.create_all(database.engine)
    yield database
    await database.close()


def count(tx):
    return len(tx.execute(select(things)).all())


async def test_write_is_there_after_it_returns(database):
    """What a write did is seen by the next read."""
    await database.write(lambda tx: tx.execute(insert(things).values(n=1)))
    assert await database.read(count) == 1


async def test_one_failure_undoes_one_write(database):
    """Of writes that commit together, the one that raises leaves nothing, alone."""

    def work(n):
        def inner(tx):
            tx.execute(insert(things).values(n=n))
            if n == 3:
                raise KeyError(n)
            return n

        return inner

    answers = await asyncio.gather(
        *(database.write(work(n)) for n in range(8)), return_exceptions=True
    )

    assert [type(a) for a in answers].count(KeyError) == 1
    assert await database.read(count) == 7


async def test_of_two_writes_in_each_others_way_both_are_done(postgres):
    """Each of two replicas has the row that the other needs: PostgreSQL ends one of the
    two, which is run again, and its caller hears nothing of it.
    """
    url = postgres.database()
    in_each_others_way, runs = threading.Barrier(2), []

    def work(first, second):
        def inner(tx):
            runs.append(first)
            tx.execute(update(things).where(things.c.n == first).values(n=first))
            if len(runs) <= 2:
                in_each_others_way.wait(LONG_SECONDS)
            tx.execute(update(things).where(things.c.n == second).values(n=second))

        return inner

    async with open_database(url) as one, open_database(url) as other:
        metadata.create_all(one.engine)
        await one.write(lambda tx: tx.execute(insert(things), [{"n": 1}, {"n": 2}]))
        await asyncio.gather(one.write(work(1, 2)), other.write(work(2, 1)))

    assert len(runs) == 3


async def test_database_error_undoes_one_write(database):
    """A double key is the error of its own write; the group goes on."""
    await database.write(lambda tx: tx.execute(insert(things).values(n=1)))

    answers = await asyncio.gather(
        *(
            database.write(lambda tx, n=n: tx.execute(insert(things).values(n=n)))
            for n in (5, 1, 6)
        ),
        return_exceptions=True,
    )

    assert [isinstance(a, Exception) for a in answers] == [False, True, False]
    assert await database.read(count) == 3


async def test_waiting_writes_share_a_commit(database):
    """While one commit is under way the others gather: fewer commits than writes."""
    commits = []
    database.on_commit(outbox.TOPIC, lambda: commits.append(1))
    gate = threading.Event()

    def slow(tx):
        gate.wait(5)
        outbox.add(tx, build.ordered(), source="intake")

    first = asyncio.create_task(database.write(slow))
    await asyncio.sleep(0)
    rest = [
        asyncio.create_task(
            database.write(lambda tx: outbox.add(tx, build.ordered(), source="intake"))
        )
        for _ in range(20)
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *rest)

    assert len(commits) <= 3


async def test_an_error_of_a_group_that_was_undone_is_not_told(database):
    """One write of a group fails by itself, another loses the connection: each is run
    again alone, and what then commits is told as committed."""
    gate, tries = threading.Event(), {"own": 0, "lost": 0}

    def failing(name, error):
        def work(tx):
            tries[name] += 1
            tx.execute(insert(things).values(n=len(name)))
            if tries[name] == 1:
                raise error
            return name

        return work

    first = asyncio.create_task(database.write(lambda _tx: gate.wait(5)))
    await asyncio.sleep(0)
    rest = [
        asyncio.create_task(database.write(failing("own", KeyError("own")))),
        asyncio.create_task(
            database.write(failing("lost", OperationalError("", {}, OSError())))
        ),
    ]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(first, *rest) == [True, "own", "lost"]
    assert await database.read(count) == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_that_does_not_answer_is_trouble(tmp_path, kind):
    """A file that cannot be opened, a server that is not there: for reads, for writes,
    and for whoever asks about a lock.
    """
    urls = {
        "sqlite": f"sqlite:///{tmp_path}/nowhere/db",
        "postgresql": f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none",
    }
    async with open_database(urls[kind]) as silent:
        for asked in (silent.read, silent.write):
            with pytest.raises(Trouble) as caught:
                await asked(lambda tx: tx.scalar(text("SELECT 1")))
            assert caught.value.hindrance is Hindrance.DATABASE
            assert "\n" not in str(caught.value)
        assert not await silent.answers([things])
        if kind == "postgresql":
            with pytest.raises(Trouble):
                await silent.holds("relay")


async def test_a_spoilt_file_is_trouble_to_whoever_reads_it(tmp_path):
    """SQLite says "malformed" by an error of its own, not by the one of silence."""
    file = tmp_path / "spoilt.db"
    async with open_database(f"sqlite:///{file}") as whole:
        metadata.create_all(whole.engine)
        await whole.write(lambda tx: tx.execute(insert(things).values(n=1)))
    with file.open("r+b") as pages:
        pages.seek(4096)
        pages.write(b"\xa5" * (file.stat().st_size - 4096))
    async with open_database(f"sqlite:///{file}") as spoilt:
        with pytest.raises(Trouble, match="malformed"):
            await spoilt.read(count)


async def test_a_wrong_answer_is_no_silence(database):
    """A double key is the caller's own matter, with its own error."""
    await database.write(lambda tx: tx.execute(insert(things).values(n=1)))
    with pytest.raises(IntegrityError):
        await database.write(lambda tx: tx.execute(insert(things).values(n=1)))


async def test_a_commit_is_heard_by_who_waits_for_its_topic(database):
    """One listener per topic, none of another's; nothing is heard of an undone one."""
    calls = []
    for topic in ("letters", "parcels"):
        database.on_commit(topic, partial(calls.append, topic))
    await database.write(lambda tx: note_commit(tx, "letters"))
    assert calls == ["letters"]

    def undone(tx):
        note_commit(tx, "parcels")
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(undone)
    await database.write(count)
    assert calls == ["letters"]


async def test_read_keeps_nothing(database):
    """A read that writes by mistake leaves no trace; PostgreSQL refuses it outright."""
    refused = database.engine.dialect.name == "postgresql"
    with pytest.raises(InternalError) if refused else nullcontext():
        await database.read(lambda tx: tx.execute(insert(things).values(n=1)))
    assert await database.read(count) == 0


async def test_durable_by_default(database):
    """SQLite runs with WAL and synchronous=FULL, PostgreSQL with synchronous commit."""

    def settings(tx):
        if tx.dialect.name == "sqlite":
            return [
                tx.scalar(text(f"PRAGMA {p}")) for p in ("journal_mode", "synchronous")
            ]
        return [
            tx.scalar(text("SHOW fsync")),
            tx.scalar(text("SHOW synchronous_commit")),
        ]

    assert await database.read(settings) in (["wal", 2], ["on", "on"])


async def test_lock_has_one_holder(database, database_url):
    """One replica holds a lock; another gets it when that one is gone."""
    if database_url.startswith("sqlite"):
        assert await database.holds("relay")  # one process owns a SQLite file
        return
    other = Database(database_url)
    assert await database.holds("relay")
    assert not await other.holds("relay")
    assert await database.holds("relay")
    await database.close()
    await until(lambda: other.holds("relay"))  # the server has to hear of the end
    await other.close()


async def test_answers_only_for_tables_that_can_be_read(database_url):
    """A new, empty database answers ``SELECT 1`` and not this; nor does one that lacks
    one of its tables.
    """
    make_empty(database_url)
    database = Database(database_url)
    assert await database.read(lambda tx: tx.scalar(text("SELECT 1"))) == 1
    assert not await database.answers(metadata.sorted_tables)
    metadata.create_all(database.engine)
    assert await database.answers(metadata.sorted_tables)
    await database.write(things.drop)
    assert not await database.answers(metadata.sorted_tables)
    await database.close()


async def test_spoilt_pages_do_not_answer(tmp_path):
    """SQLite's file, each page but the first overwritten while it is open."""
    file = tmp_path / "spoilt.db"
    database = Database(f"sqlite:///{file}")
    metadata.create_all(database.engine)
    await database.write(lambda tx: tx.execute(insert(things).values(n=1)))
    assert await database.answers([things])
    await database.close()
    with file.open("r+b") as pages:
        pages.seek(4096)
        pages.write(b"\xa5" * (file.stat().st_size - 4096))
    database = Database(f"sqlite:///{file}")
    assert await database.read(lambda tx: tx.scalar(text("SELECT 1"))) == 1
    assert not await database.answers([things])
    await database.close()


async def spoil_one_page_in_the_middle(database, file):
    """No table's first row lies there. The file was whole when it was first asked."""
    metadata.create_all(database.engine)
    many = [{"n": n} for n in range(20_000)]
    await database.write(lambda tx: tx.execute(insert(things), many))
    await database.read(lambda tx: tx.exec_driver_sql("PRAGMA wal_checkpoint").all())
    assert await database.answers([things])
    pages = file.stat().st_size // 4096
    assert pages > 20
    with file.open("r+b") as spoilt:
        spoilt.seek(pages // 2 * 4096)
        spoilt.write(b"\xa5" * 4096)
    assert await database.read(lambda tx: tx.execute(select(things).limit(1)).all())


async def test_one_spoilt_page_in_the_middle_does_not_answer(tmp_path):
    """While the service runs, at the next look through the file."""
    file = tmp_path / "spoilt.db"
    at_once = Soundness(least_seconds=0.0, share=1e9)
    database = Database(f"sqlite:///{file}", soundness=at_once)
    await spoil_one_page_in_the_middle(database, file)
    assert not await database.answers([things])
    await database.close()


async def test_a_file_is_looked_through_seldom(tmp_path):
    """Readiness is asked every few seconds; a large file is not read each time: until
    the next look, what is spoilt meanwhile is not seen.
    """
    file = tmp_path / "spoilt.db"
    hourly = Soundness(least_seconds=3600.0)
    database = Database(f"sqlite:///{file}", soundness=hourly)
    await spoil_one_page_in_the_middle(database, file)
    assert await database.answers([things])
    await database.close()


async def test_a_new_database_beside_a_full_bucket_is_a_lost_one(
    database, objects_directory
):
    """Not before there is an object, and not once there is a row."""
    assert not await forgotten(database, things, objects_directory)
    await objects_directory.put("H99/copy.pdf", b"a copy")
    assert await forgotten(database, things, objects_directory)
    await database.write(lambda tx: tx.execute(insert(things).values(n=1)))
    assert not await forgotten(database, things, objects_directory)


@pytest.fixture
def objects_directory(tmp_path):
    return DirectoryObjects(tmp_path / "objects")
