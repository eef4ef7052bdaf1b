"""What citizens say of the office, on both databases: once for each link, by nobody."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.database import Database
from chassis.outbox import outbox
from ecopy.events import RatingsReported
from ecopy.figure_events import LEAST_RATINGS
from intake.adapters.sql.ratings import SqlReportedRatings
from intake.console import MIGRATIONS as INTAKE
from intake.domain.spans import MonthSpan
from storage.adapters import tables
from storage.adapters.ratings import SqlRatings
from storage.console import MIGRATIONS as STORAGE
from storage.domain.ratings import Rating, rating_of
from support import build
from support.databases import make_ready
from support.storage import Hands

COUNT = itertools.count(300)


@pytest.fixture
async def storage(database_url):
    make_ready(database_url, STORAGE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def desk(database_url):
    make_ready(database_url, INTAKE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def agency():
    return f"H99.42.05.{next(COUNT)}"


def token(agency, number):
    return build.digest(f"{agency} {number}".encode())


async def reports(database, agency):
    rows = await database.read(lambda tx: tx.execute(select(outbox)).all())
    said = [
        RatingsReported.decode(row.body)
        for row in rows
        if row.subject == RatingsReported.subject
    ]
    return [each for each in said if each.agency == agency]


async def test_a_link_rates_once_and_nothing_leads_from_what_was_said(storage, agency):
    """Sent again, the form changes nothing; the row of the rating has neither link nor
    number nor hour.
    """
    ratings = SqlRatings(storage, Hands())
    assert await ratings.give(token(agency, 1), agency, Rating(2, "chờ lâu"))
    assert not await ratings.give(token(agency, 1), agency, Rating(5))
    mine = tables.ratings.c.agency == agency
    (row,) = await storage.read(
        lambda tx: tx.execute(select(tables.ratings).where(mine)).all()
    )
    assert set(row._fields) == {"id", "agency", "day", "stars", "words"}
    assert (row.stars, row.words) == (2, "chờ lâu")
    assert row.day != build.NOON
    assert build.NOON - row.day < timedelta(days=1)


async def test_the_desk_hears_of_five_ratings_or_of_none(storage, agency):
    """Of days that are over, and with no order of time among the words."""
    hands = Hands()
    ratings = SqlRatings(storage, hands)
    for number in range(LEAST_RATINGS):
        said = Rating(5 - number % 2, "" if number else "tốt")
        await ratings.give(token(agency, number), agency, said)
    await ratings.report()
    assert await reports(storage, agency) == []
    hands.forward(days=1)
    await ratings.report()
    (report,) = await reports(storage, agency)
    assert report.stars == (0, 0, 0, 2, 3)
    assert [(each.stars, each.text) for each in report.words] == [(5, "tốt")]
    assert (report.year, report.month) == (2026, 11)


async def test_the_desk_has_the_latest_report_of_each_month(desk, agency):
    """Summed over the months of a span; what was said least satisfied comes first."""
    ratings = SqlReportedRatings(desk)

    def report(month, stars, days=0, **more):
        at = build.NOON + timedelta(days=days)
        facts = {"agency": agency, "year": 2026, "month": month, "stars": stars}
        return RatingsReported(at=at, **facts, **more)

    words = ({"stars": 4, "text": "nhanh"}, {"stars": 1, "text": "chậm"})
    for each in (
        report(11, (0, 0, 1, 2, 3), days=1, words=words),
        report(11, (5, 0, 0, 0, 0)),
        report(10, (0, 0, 0, 0, 5), words=({"stars": 5, "text": "tốt"},)),
    ):
        await ratings.record(each)
    said = await ratings.of(agency, MonthSpan(2026, 10, 3))
    assert said.counts == (0, 0, 1, 2, 8)
    assert [each.stars for each in said.words] == [1, 4, 5]
    assert (await ratings.of(agency, MonthSpan(2026, 12, 1))).given == 0


@pytest.mark.parametrize("stars", ["", "0", "6", "05", "x", "4.5"])
def test_what_is_no_number_of_stars_is_no_rating(stars):
    assert rating_of({"stars": stars, "words": "x"}) is None


def test_words_are_one_line_of_printed_letters():
    """Whatever was typed: no control characters, no more than 500 letters."""
    said = rating_of({"stars": "3", "words": "  nhanh\n\x00 gọn\t" + "x" * 900})
    assert said.words.startswith("nhanh gọn xxx")
    assert len(said.words) == 500
