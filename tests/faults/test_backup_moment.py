"""One moment of three databases, taken while numbers are given: on both databases.

Four threads do what the services do, each as fast as it can: intake numbers, signing
seals what is numbered, storage archives what is sealed, intake hears what is archived.
"""

import threading
import time
import uuid
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import text

from chassis.engines import create
from onebox.backup import databases
from onebox.backup.moment import open_moment

TABLES = {
    "register": "intake",
    "entries": "signing",
    "copies": "storage",
    "issued": "intake",
}
"""Table → its service, in the order in which a number passes through them."""
MOMENTS = 15


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """Makes URLs of new, empty databases."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid.uuid4().hex}.db"
    server = request.getfixturevalue("postgres")
    return server.database


@pytest.fixture
def urls(fresh):
    made = {name: fresh() for name in set(TABLES.values())}
    for table, service in TABLES.items():
        with opened(made[service]) as connection:
            execute(connection, f"CREATE TABLE {table} (entry INTEGER)")
    return made


@contextmanager
def opened(url):
    engine = create(url)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        yield stack.enter_context(engine.connect())


def execute(connection, statement):
    connection.execute(text(statement))
    connection.commit()


def numbers(moment, table):
    query = text(f"SELECT entry FROM {table} ORDER BY entry")
    rows = moment[TABLES[table]].connection.execute(query)
    return [row.entry for row in rows]


class Progress:
    """How far each table has come; a hand never goes further than the one before it."""

    def __init__(self, urls):
        self.stop = threading.Event()
        self._urls = urls
        self._done = dict.fromkeys(TABLES, 0)

    def work(self, table, before):
        with opened(self._urls[TABLES[table]]) as hand:
            while not self.stop.is_set():
                if before is not None and self._done[table] == self._done[before]:
                    time.sleep(0.001)  # a bare loop would keep the others waiting
                    continue
                number = self._done[table] + 1
                execute(hand, f"INSERT INTO {table} VALUES ({number})")
                self._done[table] = number


@contextmanager
def at_work(urls):
    """Numbers are given, sealed, archived and heard of until the context ends."""
    progress = Progress(urls)
    order = list(TABLES)
    threads = [
        threading.Thread(target=progress.work, args=pair)
        for pair in zip(order, [None, *order], strict=False)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        progress.stop.set()
        for thread in threads:
            thread.join()


def test_no_fact_without_its_cause(urls):
    """The archive is never ahead of the journal, nor the journal of the register, nor
    has intake heard of a copy that the archive does not have.
    """
    seen = set()
    with at_work(urls):
        for _ in range(MOMENTS):
            with open_moment(urls) as moment:
                given, sealed, archived, heard = (numbers(moment, t) for t in TABLES)
            assert set(heard) <= set(archived) <= set(sealed) <= set(given)
            assert given == list(range(1, len(given) + 1))
            seen.add(len(given))
    assert len(seen) > 1, "the house did not work between two moments"


def test_a_dump_holds_the_moment_and_is_loaded_again(urls, fresh, tmp_path):
    with at_work(urls), open_moment(urls) as moment:
        expected = {table: numbers(moment, table) for table in TABLES}
        files = {}
        for name, snapshot in moment.items():
            kind = databases.kind_of(urls[name])
            files[name] = tmp_path / databases.file_name(name, kind)
            databases.dump(snapshot, urls[name], files[name])
    targets = {name: fresh() for name in files}
    for name, file in files.items():
        databases.load(file, targets[name])
    with open_moment(targets) as moment:
        assert {table: numbers(moment, table) for table in TABLES} == expected


def test_nothing_is_loaded_over_what_is_there(urls, tmp_path):
    with open_moment(urls) as moment:
        file = tmp_path / "intake.dump"
        databases.dump(moment["intake"], urls["intake"], file)
    with pytest.raises(databases.CannotStart):
        databases.load(file, urls["intake"])
