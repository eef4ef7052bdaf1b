"""What the desk reports of its months, kept on both databases."""

import itertools
import random
from datetime import timedelta

import pytest

from chassis.database import Database
from ecopy.events import FiguresReported
from storage.adapters.figures import Remembered, SqlFigures
from storage.console import MIGRATIONS
from support import build
from support.databases import make_ready
from support.figures import reported
from support.storage import Hands

COUNT = itertools.count(100)


@pytest.fixture
async def database(database_url):
    make_ready(database_url, MIGRATIONS)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def agency():
    """One of this test alone, because databases are shared."""
    return f"H99.42.05.{next(COUNT)}"


async def of(figures, agency):
    return [each for each in await figures.all() if each.agency == agency]


@pytest.mark.parametrize("seed", range(5))
async def test_the_latest_report_of_a_month_holds(database, agency, seed):
    """In whatever order they come and however often: also one that takes back what may
    not be counted any more.
    """
    reports = [
        reported(agency, 11, cases=20 + n, at=build.NOON + timedelta(days=n))
        for n in range(4)
    ]
    reports.append(reported(agency, 11, None, at=build.NOON + timedelta(days=9)))
    figures = SqlFigures(database)
    for report in random.Random(seed).sample(reports * 2, k=len(reports) * 2):
        await figures.record(report)
    assert [(r.at, r.figures) for r in await of(figures, agency)] == [
        (build.NOON + timedelta(days=9), None)
    ]


async def test_however_many_look_the_table_is_read_once_a_minute(database, agency):
    """What was reported since then is shown a minute later."""
    figures, hands = SqlFigures(database), Hands()
    await figures.record(reported(agency, 10, cases=40))
    remembered = Remembered(figures.all, hands)
    assert len(await of(remembered, agency)) == 1
    await figures.record(reported(agency, 11, cases=50))
    hands.forward(seconds=59)
    assert len(await of(remembered, agency)) == 1
    hands.forward(seconds=1)
    assert [each.month for each in await of(remembered, agency)] == [10, 11]


def test_a_report_is_about_an_agency():
    """Its envelope names the agency, where others name an entry of the register."""
    report = reported("H99.42.05.13", 11, cases=12)
    assert FiguresReported.decode(report.encode("intake")) == report
    assert b'"subject":"H99.42.05.13"' in report.encode("intake")
