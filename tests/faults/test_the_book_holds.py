"""The register under many hands, on SQLite and on PostgreSQL: two replicas of one desk,
each paper wanted by two certifiers at the same moment, and no number is missing.
"""

import asyncio
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select

from bench.fuzz_desk import Paperless
from intake.adapters.sql.tables import register
from intake.domain.records import Conflict
from integration.test_register_closed import ACTS, check_acts
from support import intake
from support.intake import AGENCY, OTHER
from support.papers import Drawn, open_papers, papers_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = 64
OLD_YEAR = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
"""The last second of the year in Asia/Ho_Chi_Minh."""
NEW_YEAR = datetime(2026, 12, 31, 17, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def where(request, tmp_path_factory):
    """An empty database, and a folder for scans."""
    folder = tmp_path_factory.mktemp("book")
    if request.param == "sqlite":
        return f"sqlite:///{folder}/intake.db", folder
    return request.getfixturevalue("postgres").place(), folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def replicas(where):
    """Two desks with connections of their own on one database."""
    url, folder = where
    async with open_papers(folder, url) as first:
        opened = intake.house(
            url, folder / "scans", intake.Hands(), Paperless(), Drawn(), made=True
        )
        try:
            yield first, await papers_of(opened)
        finally:
            await opened.store.close()


async def test_64_approvals_at_once_leave_no_hole(replicas):
    """Each paper is approved by two people at once, each at a replica of their own. One
    of them has the number, and the other was refused without taking one.
    """
    first, second = replicas
    waiting = [await first.awaiting() for _ in range(AT_ONCE)]
    for document in waiting:
        await first.look(document, "vinh")
        await second.look(document, "loc")
    known = await asyncio.gather(*map(first.known, waiting))
    results = await asyncio.gather(
        *(approved(first, paper, "vinh") for paper in known),
        *(approved(second, paper, "loc") for paper in known),
        return_exceptions=True,
    )

    given = [each for each in results if isinstance(each, str)]
    late = [each for each in results if isinstance(each, Conflict)]
    assert (len(given), len(late)) == (AT_ONCE, AT_ONCE), [
        repr(each) for each in results if not isinstance(each, str | Conflict)
    ]
    lines = await book(first, AGENCY)
    assert [entry for entry, *_ in lines] == sorted(given, key=ordinal)
    assert [line[1:] for line in lines] == [
        (2026, n, f"{n}/2026") for n in range(1, AT_ONCE + 1)
    ]


async def test_two_books_and_two_years_at_once_count_apart(replicas):
    """Around midnight in Asia/Ho_Chi_Minh one replica's clock is in the old year and
    the other's in the new one, and another agency approves at both.
    """
    before = len(await book(replicas[0], AGENCY))
    wanted = []
    for papers, moment in zip(replicas, (OLD_YEAR, NEW_YEAR), strict=True):
        papers.opened.clock.at = moment
        for _ in range(8):
            document = await papers.awaiting("elsewhere")
            wanted.append((papers, document, "elsewhere"))
    wanted += [(replicas[0], await replicas[0].awaiting(), "vinh") for _ in range(8)]
    for papers, document, certifier in wanted:
        await papers.look(document, certifier)
    await asyncio.gather(*(papers.approve(*rest) for papers, *rest in wanted))

    assert [line[1:] for line in await book(replicas[0], OTHER)] == [
        (year, n, f"{n}/{year}") for year in (2026, 2027) for n in range(1, 9)
    ]
    ours = [number for *_, number in await book(replicas[0], AGENCY)]
    assert ours == [f"{n}/2026" for n in range(1, before + 9)]


OF_THE_BOOK = [act for act, does in ACTS.items() if does != "-"]
MOVING = [act for act in ACTS if act[1].endswith(("/void", "/order-again"))]


async def test_no_act_changes_a_closed_month(tmp_path, postgres):
    """``tests/integration`` asks every act on SQLite."""
    await check_acts(OF_THE_BOOK + MOVING, tmp_path, postgres.place())


async def approved(papers, known, by):
    """The entry that *by* approved, from the version that both have read."""
    certified = await papers.desk.certifying.approve(
        known.id, known.version, known.page_digests, papers.people[by]
    )
    return certified.entry


def ordinal(entry):
    return int(entry.rpartition("/")[2])


async def book(papers, agency):
    """Entry, year, ordinal and shown number of each line of the agency."""
    columns = register.c.entry, register.c.year, register.c.ordinal, register.c.number
    lines = select(*columns).where(register.c.agency == agency)
    in_order = lines.order_by(register.c.year, register.c.ordinal)
    return [
        tuple(row)
        for row in await papers.opened.store.read(lambda tx: tx.execute(in_order).all())
    ]
