"""What is removed and when: rows, temporary files, and nothing that is for ever."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import MetaData, func, insert, select, update

from chassis import outbox, temporary
from chassis.database import Database
from chassis.held_rows import CountedRows, HeldRows, published
from chassis.leftovers import DeadFiles, DeadFolders
from chassis.objects import Source
from chassis.objects.directory import DirectoryObjects
from chassis.retention import BATCH, keep_purging, purge, report
from chassis.retention_rule import INCOMING, TEMPORARY, RetentionRule
from chassis.retention_rule import outbox as outbox_rule
from ecopy.refusals import Hindrance, Trouble
from support import build
from support.waiting import until

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/db")
    metadata = MetaData()
    outbox.table(metadata)
    metadata.create_all(database.engine)
    yield database
    await database.close()


async def events(database, count, published_at):
    def write(tx):
        for _ in range(count):
            outbox.add(tx, build.ordered(), source="intake")
        tx.execute(
            update(outbox.outbox)
            .where(outbox.outbox.c.published_at.is_(None))
            .values(published_at=published_at)
        )

    await database.write(write)


async def rows(database):
    return await database.read(
        lambda tx: tx.scalar(select(func.count()).select_from(outbox.outbox))
    )


async def test_old_events_go_in_batches_and_unpublished_ones_never(database):
    """However old: an event that the bus has not taken yet is still to be sent."""
    rule, holding = outbox_rule(30), published(database)
    await events(database, BATCH + 3, NOW - timedelta(days=31))
    await events(database, 2, NOW - timedelta(days=29))
    await database.write(
        lambda tx: outbox.add(tx, build.ordered(), source="intake"),
    )
    written = []

    async def note(name, removed):
        written.append((name, removed))

    assert await holding.remove(NOW - timedelta(days=30), 2) == 2
    assert await purge([(rule, holding)], NOW, note) == BATCH + 1
    assert await purge([(rule, holding)], NOW, note) == 0
    assert written == [("outbox", BATCH + 1)]
    assert await rows(database) == 3
    assert await purge([(rule, holding)], NOW + timedelta(days=9999)) == 2
    assert await rows(database) == 1


async def test_what_is_for_ever_is_never_asked_to_go(database):
    """In a hundred years neither, and there is no way through its holding."""
    await events(database, 3, NOW - timedelta(days=9999))
    for_ever = CountedRows(database, outbox.outbox, outbox.outbox.c.published_at)
    rule = RetentionRule("register", None, law="điều 14")
    assert await purge([(rule, for_ever)], NOW + timedelta(days=36_500)) == 0
    with pytest.raises(AssertionError):
        await for_ever.remove(NOW, 1)
    assert await rows(database) == 3


class Hindered:
    async def remove(self, _before, _most):
        raise Trouble(Hindrance.DATABASE, "away")


async def test_trouble_with_one_thing_leaves_the_others(database):
    """The next turn takes up what was left."""
    await events(database, 1, NOW - timedelta(days=31))
    held = [(INCOMING, Hindered()), (outbox_rule(30), published(database))]
    assert await purge(held, NOW) == 1


async def test_the_loop_purges_at_the_start_and_ends_at_once(database):
    """A restart does not have to wait an hour."""
    await events(database, 1, NOW - timedelta(days=31))
    stop, held = asyncio.Event(), [(outbox_rule(30), published(database))]
    loop = asyncio.create_task(keep_purging(held, database, lambda: NOW, stop))

    async def purged():
        return await rows(database) == 0

    await until(purged)
    stop.set()
    await loop


async def test_a_report_says_how_much_there_is_and_what_will_go(database):
    """Two lines for each thing: figures, and the rule in both languages."""
    await events(database, 2, NOW - timedelta(days=31))
    await events(database, 1, NOW - timedelta(days=1))
    held = [
        (outbox_rule(30), published(database)),
        (
            RetentionRule("register", None, law="điều 14"),
            CountedRows(database, outbox.outbox),
        ),
    ]
    lines = await report("intake", held, NOW)
    assert lines[0].split()[:3] == ["intake", "outbox", "3,"]
    assert "to be removed 2" in lines[0]
    assert "28/10/2026" in lines[0]
    assert "30 ngày · days" in lines[1]
    assert "to be removed 0" in lines[2]
    assert "giữ mãi · for ever; điều 14" in lines[3]


@pytest.mark.parametrize(
    ("keep", "spelt"),
    [
        (timedelta(days=30), "30 ngày · days"),
        (timedelta(days=3, hours=1), "73 giờ · hours"),
        (timedelta(minutes=480), "8 giờ · hours"),
        (timedelta(minutes=15), "15 phút · minutes"),
    ],
)
async def test_a_time_is_told_in_the_largest_unit_that_it_fills(database, keep, spelt):
    rule = replace(outbox_rule(30), keep=keep)
    lines = await report("intake", [(rule, published(database))], NOW)
    assert f"{spelt}, " in lines[1]


async def test_rows_without_one_key_go_in_one_statement(database):
    await events(database, 5, NOW - timedelta(days=31))
    all_at_once = HeldRows(database, outbox.outbox, outbox.outbox.c.published_at)
    assert await all_at_once.remove(NOW, 1) == 5


def aged(path, **by):
    then = time.time() - timedelta(**by).total_seconds()
    os.utime(path, (then, then))


async def test_an_unfinished_file_goes_at_once_and_one_on_its_way_stays(tmp_path):
    """However young or old: what a killed process left in .incoming is no object and
    nobody's any more; what is on its way is locked.
    """
    objects = DirectoryObjects(tmp_path)
    await objects.put("raw/a", b"kept")
    async with objects.incoming() as arriving:
        await arriving.write(b"half a page")
        aged(arriving.path(), days=1)
        for name in ("put-dead", "incoming-dead"):
            (tmp_path / ".incoming" / name).write_bytes(b"a citizen's page")
        holding = DeadFiles.of_bucket(f"file:{tmp_path}")
        assert (await holding.amount(None)).due == 2
        assert await purge([(INCOMING, holding)], datetime.now(UTC)) == 2
        assert await arriving.keep("raw/b")
    assert await objects.get("raw/a") == b"kept"
    assert await objects.get("raw/b") == b"half a page"
    assert list((tmp_path / ".incoming").iterdir()) == []
    objects.close()


async def test_an_object_that_is_being_put_is_locked_meanwhile(tmp_path):
    """A sweep of another container at this moment would lose it its bytes."""
    objects = DirectoryObjects(tmp_path)
    looked = []

    def read(start, length):
        (unfinished,) = (tmp_path / ".incoming").iterdir()
        with temporary.nobodys(unfinished) as free:
            looked.append(free)
        return memoryview(b"bytes")[start : start + length]

    await objects.put("raw/a", Source(len(b"bytes"), read))
    assert looked == [False]
    objects.close()


async def test_the_spool_of_this_machine_is_looked_through_by_name(tmp_path):
    """Nobody else's file in the machine's own place is touched."""
    for name in ("incoming-x", "somebodys-thesis"):
        (tmp_path / name).write_bytes(b"x")
    holding = DeadFiles.of_spool(tmp_path)
    assert await purge([(INCOMING, holding)], datetime.now(UTC)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["somebodys-thesis"]


async def test_folders_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path):
    """By the number in the name; this process's own are in use, however old."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {
        "dead": f"rebuild-{ended.pid}-abc",
        "alive": f"verdicts-{os.getppid()}-abc",
        "own": f"signatures-{os.getpid()}-abc",
        "earlier": f"rebuild-{os.getpid()}-earlier",
        "another's": f"mail-{ended.pid}-abc",
        "unnumbered": "rebuild-abc-abc",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.png").write_bytes(b"a citizen's page")
    aged(tmp_path / names["earlier"], days=1)
    holding = DeadFolders(tmp_path)
    assert (await holding.amount(None)).due == 2
    assert await purge([(TEMPORARY, holding)], datetime.now(UTC)) == 2
    assert {path.name for path in tmp_path.iterdir()} == set(names.values()) - {
        names["dead"],
        names["earlier"],
    }


async def test_a_folder_in_use_in_another_container_stays(tmp_path, monkeypatch):
    """Its process has a number that nobody has here: its lock says that it lives."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary.Folder("rebuild") as folder:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        elsewhere = tmp_path / f"rebuild-{ended.pid}-x"
        folder.rename(elsewhere)
        assert await purge([(TEMPORARY, DeadFolders(tmp_path))], datetime.now(UTC)) == 0
        assert elsewhere.exists()
        elsewhere.rename(folder)


async def test_what_a_killed_process_had_in_use_goes_with_all_that_is_in_it(tmp_path):
    """kill -9 in the middle of a rebuild: the kernel lets go of its locks."""
    script = (
        "import os, time; from pathlib import Path; from chassis import temporary\n"
        "folder = temporary.Folder('rebuild')\n"
        "fd, path = temporary.file('incoming-', None)\n"
        "(folder.path / 'closed').mkdir(); (folder.path / 'closed' / 'page').touch()\n"
        "(folder.path / 'closed').chmod(0)\n"
        "print(os.getpid(), flush=True); time.sleep(600)\n"
    )
    held = [
        (TEMPORARY, DeadFolders(tmp_path)),
        (INCOMING, DeadFiles.of_spool(tmp_path)),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)},
    )
    with process:
        process.stdout.readline()
        assert await purge(held, datetime.now(UTC)) == 0
        process.kill()
        process.wait()
    assert await purge(held, datetime.now(UTC)) == 2
    assert list(tmp_path.iterdir()) == []


async def test_each_replica_sweeps_its_own_machine_whoever_has_the_lock(
    database, tmp_path
):
    """Another replica purges what they share; nobody else sees this one's spool."""
    (tmp_path / "incoming-x").write_bytes(b"x")
    await events(database, 1, NOW - timedelta(days=31))

    class Another:
        async def holds(self, _lock):
            stop.set()
            return False

    stop = asyncio.Event()
    held = [
        (INCOMING, DeadFiles.of_spool(tmp_path)),
        (outbox_rule(30), published(database)),
    ]
    await keep_purging(held, Another(), lambda: NOW, stop)
    assert list(tmp_path.glob("incoming-*")) == []
    assert await rows(database) == 1


@pytest.mark.parametrize("kind", temporary.KINDS)
def test_a_temporary_folder_says_whose_it_is(kind):
    with temporary.Folder(kind) as folder:
        assert f"/{kind}-{os.getpid()}-" in str(folder)
        assert folder.is_dir()
    assert not folder.exists()


def test_a_folder_of_a_kind_that_nobody_looks_for_is_not_made():
    with pytest.raises(ValueError, match="other"):
        temporary.Folder("other")


async def test_a_row_of_a_moment_without_time_is_kept(database):
    """NULL is no old moment."""
    await database.write(
        lambda tx: tx.execute(
            insert(outbox.outbox).values(
                event_id=build.ordered().id, subject="x", body=b""
            )
        )
    )
    assert await published(database).remove(NOW + timedelta(days=9999), 9) == 0
