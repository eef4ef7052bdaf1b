"""Arrivals on SQLite and on PostgreSQL: one for each file, in one paper at most."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.adapters.finished_scans import FinishedScans
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.held_arrivals import HeldArrivals
from intake.adapters.sql.tables import scan_uses
from intake.domain.arrivals import Arrival, FolderReport
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from support import build
from support.intake import AGENCY
from support.papers import open_papers


@pytest.fixture
async def papers(database_url, tmp_path):
    async with open_papers(tmp_path, database_url) as opened:
        yield opened


def stored(papers):
    return SqlArrivals(papers.opened.store, papers.opened.clock)


async def arrived(papers, name="one", origin=""):
    """A checked arrival; *origin* is that of its file."""
    at, raw = papers.opened.clock(), build.ref(name.encode(), "scans")
    arrival = Arrival(name, AGENCY, "Quầy 2", "", "a.png", origin or name, 4, at, raw)
    return await stored(papers).add(
        arrival, Note(at, "", "", AGENCY, "arrival-taken", values={"size": 4})
    )


async def checked(papers, name="one"):
    arrival = await arrived(papers, name)
    await papers.desk.inbox.check_rest()
    return arrival


async def owners(papers):
    query = select(scan_uses.c.owner).distinct()
    return await papers.opened.store.read(lambda tx: set(tx.scalars(query)))


async def test_the_same_file_is_one_arrival(papers):
    """A watcher that died before it removed the file, or two at once."""
    first = await arrived(papers, "one", "the file")
    assert await arrived(papers, "two", "the file") == first
    assert await stored(papers).waiting(AGENCY) == 1


async def test_of_two_hands_at_once_one_assigns(papers):
    await checked(papers)
    one, two = await papers.received(), await papers.received()
    inbox, by = papers.desk.inbox, papers.people["ha"]
    answers = await asyncio.gather(
        *(inbox.assign(("one",), document, by) for document in (one, two)),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, NotAllowed) for each in answers) == [False, True]
    files = [len((await papers.known(document)).files) for document in (one, two)]
    assert sorted(files) == [0, 1]


async def test_objects_are_used_by_the_arrival_or_by_the_paper(papers):
    """Never by nobody in between, or the purge would take them."""
    await checked(papers)
    document, by = await papers.received(), papers.people["ha"]
    assert "one" in await owners(papers)
    (assigned,) = await papers.desk.inbox.assign(("one",), document, by)
    assert await owners(papers) == {assigned.file}
    await papers.desk.inbox.give_back("one", by)
    assert "one" in await owners(papers)


async def test_a_refused_move_changes_nothing(papers):
    """Two at once into a paper that takes no file any more: neither goes."""
    await checked(papers, "one")
    await checked(papers, "two")
    document = await papers.awaiting()
    before = await papers.known(document)
    with pytest.raises(NotAllowed):
        await papers.desk.inbox.assign(("one", "two"), document, papers.people["ha"])
    assert await papers.known(document) == before
    assert await stored(papers).waiting(AGENCY) == 2


async def test_what_nobody_took_is_removed_in_its_time(papers):
    """With its objects; one that a hand moved a day ago stays."""
    await checked(papers, "old")
    papers.opened.clock.on(days=20)
    await checked(papers, "moved")
    papers.opened.clock.on(days=11)
    store, clock = papers.opened.store, papers.opened.clock
    held = HeldArrivals(store, clock)
    before = clock() - timedelta(days=30)
    assert (await held.amount(before)).due == 1
    assert await held.remove(before, 100) == 1
    assert await owners(papers) == {"moved"}
    clock.on(days=2)
    await FinishedScans(store, papers.opened.objects, clock).remove(before, 100)
    found = await stored(papers).of_agency(AGENCY, clock())
    assert [each.id for each in found] == ["moved"]


async def test_the_last_report_of_a_folder_stands(papers):
    now = papers.opened.clock()
    first = FolderReport("Quầy 2", AGENCY, now, "store", now, (("a.pdf", 7),))
    for report in (first, FolderReport("Quầy 2", AGENCY, now)):
        await stored(papers).report(report)
        assert await stored(papers).folders(AGENCY) == (report,)
    assert await stored(papers).folders("H00") == ()
