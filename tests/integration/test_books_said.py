"""What a service does with its findings: log, metrics, readiness, the desk's page."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from chassis import measures
from chassis.clock import utc_now
from chassis.database import Database
from chassis.mark_announcer import Announcer
from chassis.marks import MarkStream
from chassis.objects.directory import DirectoryObjects
from chassis.reconciler import Reconciler
from chassis.retained import Retained
from ecopy.marks import Mark, Marks, YearBook
from intake.wiring.loops import reconcile
from signing import wiring as signing
from signing.adapters.journal.counting import findings
from signing.console import MIGRATIONS
from support import build
from support.databases import make_ready
from support.papers import open_papers
from support.waiting import until

BOOK = YearBook("H99.42.05.13", "E", 2026)


class BusInMemory:
    """``chassis.marks.RetainedBus``: the last message of each subject."""

    def __init__(self) -> None:
        self.messages: dict[str, Retained] = {}

    async def last(self, _stream, subject):
        return self.messages.get(subject)

    async def replace(self, _stream, subject, body, *, after):
        known = self.messages.get(subject)
        if after != (known.position if known else 0):
            return False
        self.messages[subject] = Retained(body, None, after + 1)
        return True


@pytest.fixture
async def journal(tmp_path):
    url = f"sqlite:///{tmp_path}/signing.db"
    make_ready(url, MIGRATIONS)
    database = Database(url)
    yield database
    await database.close()


def mark(highest):
    return Mark(agency=BOOK.agency, series="E", year=2026, highest=highest)


async def test_signing_is_not_ready_while_its_journal_is_older(journal, tmp_path):
    """The mark that it published before says more than its tables: said in both
    languages with the numbers, counted as a gap, and over once they have caught up.
    """
    bus, tables = BusInMemory(), [mark(2)]

    async def count():
        return tuple(tables)

    stream = MarkStream(bus)
    await stream.publish("signing", Marks(at=build.NOON, books=(mark(7),)))
    announcer = Announcer("signing", stream, count, utc_now, cross="highest")
    copies = DirectoryObjects(tmp_path / "copies")
    nats = SimpleNamespace(provided=True)
    books = Reconciler(journal, findings, lambda: announcer.lacking)
    assert await signing.ready(journal, copies, nats, announcer)
    with capture_logs() as logs:
        await announcer.recount()
        await announcer.recount()
    (said,) = logs
    assert (said["log_level"], said["own"], said["known"]) == ("error", 2, 7)
    assert "chỉ biết đến số 2, đã có số 7" in said["vi"]
    assert "it knows number 2, and number 7 exists" in said["en"]
    assert not await signing.ready(journal, copies, nats, announcer)
    gap = 'ecopy_reconcile{service="signing",counter="gap"}'
    assert dict(measures.reconciled("signing", books.figures))[gap] == 5
    tables[:] = [mark(7)]
    await announcer.recount()
    assert await signing.ready(journal, copies, nats, announcer)
    assert set(dict(measures.reconciled("signing", books.figures)).values()) == {0}
    copies.close()


async def test_the_desks_loop_says_what_it_found_and_keeps_it_for_the_page(tmp_path):
    """An error with the three counters and the first numbers, as long as it is so."""
    async with open_papers(tmp_path) as papers:
        for _ in range(2):
            await papers.registered()

        def plant(tx):
            tx.execute(text("DROP TRIGGER register_no_delete"))
            tx.execute(text("DELETE FROM register WHERE ordinal = 1"))

        await papers.opened.store.write(plant)
        stop = asyncio.Event()
        with capture_logs() as logs:
            looking = asyncio.create_task(reconcile(papers.opened, stop))
            await until(lambda: papers.opened.reckonings.latest().at)
            stop.set()
            await looking
        latest = papers.opened.reckonings.latest()
    assert (latest.gap, latest.double, latest.mismatch) == (1, 0, 1)
    (said,) = (each for each in logs if each["event"] == "books_do_not_agree")
    assert (said["log_level"], said["gap"]) == ("error", 1)
    assert f"hole {BOOK}/1" in said["first"]
