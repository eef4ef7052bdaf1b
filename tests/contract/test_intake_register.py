"""The book and its numbers, on SQLite and on PostgreSQL: from one again each year, and
each line in the month of its own day. ``tests/faults/test_two_desks.py`` asks for them
from two processes.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from sqlalchemy import insert, update

from ecopy.marks import YearBook
from intake import wiring
from intake.adapters.sql import register
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.tables import documents, register_notes
from intake.domain.closing import Period, totals
from intake.domain.states import State
from support.intake import AGENCY, CASE, OTHER, Hands, replaced
from support.papers import open_papers

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def where(request, tmp_path_factory):
    """An empty database, and a folder for scans."""
    folder = tmp_path_factory.mktemp("register")
    if request.param == "sqlite":
        return f"sqlite:///{folder}/intake.db", folder
    postgres = request.getfixturevalue("postgres")
    return postgres.place(), folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def papers(where):
    """One desk for all tests: starting one takes longer than they do."""
    url, folder = where
    async with open_papers(folder, url) as opened:
        yield opened


def ordinal(entry):
    assert entry.startswith(f"{AGENCY}/E/2026/")
    return int(entry.rsplit("/", 1)[1])


async def entered(papers, at, requester=CASE["requester"]):
    """Approved at that instant, at the agency where one person may do it all."""
    opened = replaced(papers.opened, clock=Hands(at))
    typed = CASE | {"requester": requester}
    papers = replace(papers, opened=opened, desk=wiring.desk(opened), typed=typed)
    document = await papers.awaiting("elsewhere")
    await papers.look(document, "elsewhere")
    return (await papers.approve(document, "elsewhere")).order.clause.number


def at(*moment):
    return datetime(*moment, tzinfo=UTC)


async def test_a_book_through_a_turn_of_the_year(papers):
    """By the day in Hà Nội, seven hours ahead of the instant's own: the new year begins
    with one, and each month has its first day, its last and no other.
    """
    moments = {
        at(2026, 11, 30, 16, 59): ("1/2026", (2026, 11), date(2026, 11, 30)),
        at(2026, 11, 30, 17, 0): ("2/2026", (2026, 12), date(2026, 12, 1)),
        at(2026, 12, 31, 16, 59): ("3/2026", (2026, 12), date(2026, 12, 31)),
        at(2026, 12, 31, 17, 0): ("1/2027", (2027, 1), date(2027, 1, 1)),
        at(2027, 1, 4, 3): ("2/2027", (2027, 1), date(2027, 1, 4)),
    }
    given = {moment: await entered(papers, moment) for moment in moments}
    book = SqlRegister(papers.opened.store)
    shown = {
        (line.entry.number, month, line.entry.date)
        for month in ((2026, 10), (2026, 11), (2026, 12), (2027, 1), (2027, 2))
        for line in await book.lines(OTHER, *month)
    }
    assert given == {moment: number for moment, (number, _, _) in moments.items()}
    assert shown == set(moments.values())
    assert await book.months(OTHER) == ((2027, 1), (2026, 12), (2026, 11))


async def test_each_agency_has_its_own_lines_and_months(papers):
    """The neighbour's March is not to be chosen, and empty when it is asked for."""
    await entered(papers, at(2027, 3, 2, 3))
    book = SqlRegister(papers.opened.store)
    assert len(await book.lines(OTHER, 2027, 3)) == 1
    assert await book.lines(AGENCY, 2027, 3) == ()
    assert (2027, 3) not in await book.months(AGENCY)


async def test_lines_stand_by_number(papers):
    """Whoever asked for the copies."""
    for letter in reversed("ABC"):
        await entered(papers, at(2027, 4, 1, 3), f"{letter} Văn")
    lines = await SqlRegister(papers.opened.store).lines(OTHER, 2027, 4)
    ordinals = [line.entry.ordinal for line in lines]
    assert len(ordinals) == 3
    assert ordinals == sorted(ordinals)


async def test_a_month_is_read_by_pages(papers):
    """Each line once, in its order; what the month comes to is beside each page, and a
    void number counts for nothing.
    """
    for day in ((7, 1), (7, 2), (7, 30), (8, 1)):
        await entered(papers, at(2027, *day, 3))
    store, july = papers.opened.store, Period(2027, 7)
    book = SqlRegister(store)
    first, *_ = await book.lines(OTHER, 2027, 7)
    voided = update(documents).where(documents.c.id == first.entry.document)
    await store.write(lambda tx: tx.execute(voided.values(state=State.VOID)))
    lines = await book.lines(OTHER, 2027, 7)
    sums, read, after = totals(lines), [], 0
    while after is not None:
        page = await book.page(YearBook(OTHER, "E", 2027), july, after, 2)
        assert (page.copies, page.fee) == (sums.copies, sums.fee)
        read.append(page.lines)
        after = page.more
    assert [len(each) for each in read] == [2, 1]
    assert (*read[0], *read[1]) == lines
    whole = await book.page(YearBook(OTHER, "E", 2027), july, 0, 3)
    assert (len(whole.lines), whole.more) == (3, None)
    beside = await book.page(YearBook(AGENCY, "E", 2027), july, 0, 3)
    assert (beside.lines, beside.copies, beside.fee, beside.more) == ((), 0, 0, None)


async def test_each_series_counts_for_itself(papers):
    """Copies on paper, once they come, begin with one."""
    await entered(papers, at(2027, 5, 4, 3))
    electronic, on_paper, of_before = await papers.opened.store.write(
        lambda tx: [
            register.next_ordinal(tx, OTHER, series, year)
            for series, year in (("E", 2027), ("P", 2027), ("E", 2025))
        ]
    )
    assert electronic > 1
    assert (on_paper, of_before) == (1, 1)


async def test_notes_stand_in_their_own_order_beside_their_own_line(papers):
    """Corrections, oldest first, whatever order the table gives them in."""
    for _ in range(2):
        await entered(papers, at(2027, 6, 1, 3))
    book, store = SqlRegister(papers.opened.store), papers.opened.store
    first, _ = await book.lines(OTHER, 2027, 6)
    shared = {"entry": first.entry.entry, "at": at(2027, 6, 2, 3), "by": "vinh"}
    notes = [{"seq": seq, "text": f"note {seq}"} | shared for seq in (9, 3, 6)]
    await store.write(lambda tx: tx.execute(insert(register_notes), notes))
    lines = await book.lines(OTHER, 2027, 6)
    texts = [[note.text for note in line.notes] for line in lines]
    assert texts == [["note 3", "note 6", "note 9"], []]
