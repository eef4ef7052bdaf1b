"""What the dashboard is counted from, on SQLite and on PostgreSQL: papers brought by
hands, and what the page and its files say of them.
"""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from chassis.outbox import outbox
from ecopy.events import FiguresReported
from intake.wiring.measuring import report_daily
from support.papers import open_papers
from support.waiting import until


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/intake.db"
    return request.getfixturevalue("postgres").place()


@pytest_asyncio.fixture
async def papers(place, tmp_path):
    async with open_papers(tmp_path, place) as opened:
        yield opened


async def test_figures_are_those_of_the_books(papers):
    """One issued on time after it was sent back, one issued after its due hour, one
    refused, one void, one that waits; and nothing of it for another agency.
    """
    sent_back = await papers.returned()
    await papers.compare(sent_back)
    await papers.submit(sent_back)
    await papers.look(sent_back, "vinh")
    await papers.approve(sent_back)
    await papers.seal(sent_back)
    await papers.archive(sent_back)
    await papers.refused()
    await papers.void()
    await papers.awaiting()
    late = await papers.signed()
    papers.opened.clock.on(days=5)
    await papers.archive(late)

    view = await papers.desk.measuring.overview("", papers.people["vinh"])
    figures = view.figures

    assert (figures.on_time.part, figures.on_time.whole) == (1, 2)
    assert (figures.electronic.part, figures.electronic.whole) == (2, 3)
    assert (figures.open, figures.late) == (1, 1)
    total = figures.kinds[-1]
    assert (total.copies, total.sent_back, total.refused) == (2, 1, 1)
    assert set(figures.steps) == {"desk", "approval", "sealing", "archiving"}
    assert figures.steps["archiving"].most == timedelta(days=5)
    assert {(p.name, p.step) for p in figures.people} == {
        ("Lò Thị Minh Hạ", "desk"),
        ("Phạm Quốc Vĩnh", "approval"),
    }
    other = await papers.desk.measuring.overview("", papers.people["elsewhere"])
    assert (other.figures.kinds, other.figures.open) == ((), 0)

    csv = (await papers.desk.measuring.csv("", "kinds", papers.people["vinh"])).decode(
        "utf-8-sig"
    )
    assert csv.splitlines()[0] == (
        '"Loại","Bản","Bản đúng hạn","Trả lại quét","Từ chối"'
    )
    assert csv.splitlines()[-1] == '"Cộng",2,1,1,1'


async def test_the_desk_reports_each_agency_once_a_day(papers):
    """Twelve months of each at the start and again when a day has passed, and nothing
    between; of one case no count leaves the desk.
    """
    house, stop = papers.opened, asyncio.Event()
    await papers.issued()
    house.clock.on(days=1)

    async def reports():
        rows = await house.store.read(
            lambda tx: tx.execute(
                outbox.select().where(outbox.c.subject == FiguresReported.subject)
            ).all()
        )
        return [FiguresReported.decode(row.body) for row in rows]

    async def told(count):
        return len(await reports()) == count

    each_day = 12 * len(house.rules.agencies)
    loop = asyncio.create_task(report_daily(house, stop, every=0.01, first=0))
    await until(lambda: told(each_day))
    house.clock.on(days=1)
    await until(lambda: told(2 * each_day))
    stop.set()
    await loop
    found = await reports()
    assert len(found) == 2 * each_day
    assert {report.figures for report in found} == {None}
    assert {report.agency for report in found} == set(house.rules.agencies)
