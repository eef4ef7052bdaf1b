"""A register that is older than what signing or the archive know gives no number, on
SQLite and on PostgreSQL; lines that were declared lost are never given again.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from ecopy.marks import Mark, Marks, YearBook
from ecopy.refusals import Trouble
from intake import wiring
from intake.adapters.marks import RememberedMarks
from intake.adapters.sql import audit
from intake.adapters.sql.skipping import SqlSkips
from intake.adapters.sql.tables import audit as audit_table
from intake.domain.skipping import MOST_LINES
from intake.domain.states import NotAllowed
from intake.usecases import numbering
from support.intake import MORNING, OTHER, Hands, heard_marks, replaced
from support.papers import open_papers

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOOK = YearBook(OTHER, "E", 2026)
WHY = "Phục hồi bản sao lưu hôm qua"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def where(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbering")
    if request.param == "sqlite":
        return f"sqlite:///{folder}/intake.db", folder
    postgres = request.getfixturevalue("postgres")
    return postgres.place(), folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def papers(where):
    url, folder = where
    async with open_papers(folder, url) as opened:
        yield opened


def knowing(papers, marks):
    """The same desk, whose other services have said this."""
    opened = replaced(papers.opened, marks=marks)
    return replace(papers, opened=opened, desk=wiring.desk(opened))


def marks_at(highest, archived=0, book=BOOK):
    mark = Mark(
        agency=book.agency,
        series=book.series,
        year=book.year,
        highest=highest,
        archived=archived,
    )
    return Marks(at=MORNING, books=(mark,))


async def approve(papers):
    """A paper brought, looked at and approved where one person may do it all."""
    document = await papers.awaiting("elsewhere")
    await papers.look(document, "elsewhere")
    return await ordinal(papers, document)


async def ordinal(papers, document):
    certified = await papers.approve(document, "elsewhere")
    return int(certified.entry.rsplit("/", 1)[1])


async def highest(papers):
    return (await SqlSkips(papers.opened.store).highest([BOOK]))[BOOK]


async def skip(papers, through, reason=WHY):
    return await numbering.skip(
        BOOK,
        through,
        reason,
        "Lê Văn Tám",
        skips=SqlSkips(papers.opened.store),
        clock=papers.opened.clock,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"signing": lambda n: marks_at(n + 1)},
        {"storage": lambda n: marks_at(n + 4)},
        {"storage": lambda n: marks_at(0, n + 1)},
    ],
    ids=["signed", "ordered", "archived"],
)
async def test_below_a_mark_no_number_is_given(papers, said):
    """Whoever knows the higher number; the paper and the book stay as they were, and
    once the register has caught up the same press works.
    """
    await approve(papers)
    before = await highest(papers)
    marks = heard_marks(**{name: mark(before) for name, mark in said.items()})
    older = knowing(papers, marks)
    document = await older.awaiting("elsewhere")
    await older.look(document, "elsewhere")
    with pytest.raises(NotAllowed) as refused:
        await older.approve(document, "elsewhere")
    assert refused.value.key == "error.register-older"
    assert refused.value.values["number"] == before
    assert refused.value.values["known"] > before
    assert await highest(papers) == before
    assert (await older.desk.ready()).key == "error.register-older"
    assert await ordinal(papers, document) == before + 1


async def test_at_the_mark_numbering_goes_on(papers):
    """Signing has met the register's own last number: that is how it always is."""
    last = await approve(papers)
    level = knowing(
        papers, heard_marks(signing=marks_at(last), storage=marks_at(last, last))
    )
    await level.desk.ready()
    assert await approve(level) == last + 1


async def test_another_book_or_another_agency_stops_nobody(papers):
    """A mark counts for its own agency and year; the bus may serve agencies that this
    desk does not know.
    """
    elsewhere = YearBook("H99.01", "E", 2026)
    marks = heard_marks(
        signing=marks_at(9_999, book=elsewhere),
        storage=marks_at(9_999, book=BOOK._replace(year=2025)),
    )
    other = knowing(papers, marks)
    await approve(other)
    # The desk of last year's book is told all the same: it lacks lines.
    assert (await other.desk.ready()).key == "error.register-older"


async def test_while_nothing_is_known_no_number_is_given(papers):
    """The bus has not answered since the start, or a service never said anything."""
    silent, half = RememberedMarks(), RememberedMarks()
    half.hear({"signing": marks_at(0), "storage": None})
    document = await papers.awaiting("elsewhere")
    await papers.look(document, "elsewhere")
    for marks, key in ((silent, "marks-silent"), (half, "marks-missing")):
        unknowing = knowing(papers, marks)
        with pytest.raises(NotAllowed) as refused:
            await unknowing.approve(document, "elsewhere")
        assert refused.value.key == f"error.{key}"
        with pytest.raises(Trouble, match=key):
            await unknowing.desk.ready()
    half.hear({"signing": None, "storage": marks_at(0)})
    # Heard once each: what a bus that was emptied says later changes nothing.
    half.hear({"signing": None, "storage": None})
    assert await ordinal(knowing(papers, half), document) == await highest(papers)


async def test_an_approval_again_is_answered_whatever_the_marks(papers):
    """It takes no number: the second press gets what the first brought."""
    document = await papers.awaiting("elsewhere")
    await papers.look(document, "elsewhere")
    given = await ordinal(papers, document)
    older = knowing(papers, heard_marks(signing=marks_at(given + 50)))
    assert await ordinal(older, document) == given


async def test_behind_lost_lines_numbering_goes_on(papers):
    """The way out: the lines are named with a reason, audited and shown, and the next
    number follows the last of them.
    """
    last = await approve(papers)
    older = knowing(papers, heard_marks(storage=marks_at(last + 6, last + 6)))
    lost = await skip(older, last + 6)
    assert (lost.first, lost.last, lost.count) == (last + 1, last + 6, 6)
    await older.desk.ready()
    assert await approve(older) == last + 7
    shown = await older.desk.registering.register(
        older.people["elsewhere"], year=2026, month=11
    )
    assert lost in shown.lost
    store = papers.opened.store
    newest = select(audit_table).where(audit_table.c.action == "lines-lost")
    act = (await store.read(lambda tx: tx.execute(newest).all()))[-1]
    assert act.actor_name == "Lê Văn Tám"
    assert act.values == {
        "book": str(BOOK),
        "first": last + 1,
        "last": last + 6,
        "reason": WHY,
    }
    await store.read(audit.verified)


async def test_lost_lines_and_approvals_at_once_give_no_number_twice(papers):
    """They wait for each other: whoever comes second goes on behind the first."""
    documents = [await papers.awaiting("elsewhere") for _ in range(3)]
    for document in documents:
        await papers.look(document, "elsewhere")
    before = await highest(papers)
    *given, lost = await asyncio.gather(
        *(ordinal(papers, document) for document in documents),
        skip(papers, before + 20),
    )
    assert len(set(given)) == 3
    assert not set(given) & set(range(lost.first, lost.last + 1))
    assert lost.last == before + 20


@pytest.mark.parametrize(
    ("through", "reason", "key"),
    [
        (0, WHY, "error.skip-below"),
        (MOST_LINES + 1, WHY, "error.skip-many"),
        (3, "  ", "error.text"),
    ],
)
async def test_a_slip_loses_nothing(papers, through, reason, key):
    """A number that the book has, one far beyond it, no reason: nothing is written."""
    before = await highest(papers)
    with pytest.raises(NotAllowed) as refused:
        await skip(papers, before + through, reason)
    assert refused.value.key == key
    assert await highest(papers) == before


@pytest.mark.parametrize("change", ["DELETE FROM", "UPDATE"])
async def test_lost_lines_are_for_ever(papers, change):
    """The database itself refuses to change or forget one."""
    await skip(papers, await highest(papers) + 1)
    statement = {
        "UPDATE": "UPDATE register_skips SET last = 1",
        "DELETE FROM": "DELETE FROM register_skips",
    }[change]
    with pytest.raises(DBAPIError, match="append-only"):
        await papers.opened.store.write(lambda tx: tx.execute(text(statement)))


async def test_lost_lines_stand_in_the_month_of_their_day(papers):
    """As the agency's own calendar has it, seven hours ahead of UTC."""
    at = datetime(2026, 11, 30, 17, tzinfo=UTC)
    opened = replaced(papers.opened, clock=Hands(at))
    lost = await skip(replace(papers, opened=opened), await highest(papers) + 1)
    skips = SqlSkips(papers.opened.store)
    assert lost in await skips.lost(OTHER, 2026, 12)
    assert lost not in await skips.lost(OTHER, 2026, 11)
    assert await skips.lost("H99.42.05.13", 2026, 12) == ()
