"""The public page of what an office is measured by."""

from datetime import UTC, datetime, timedelta

import pytest_asyncio

from ecopy import topology
from ecopy.figure_events import LEAST_CASES
from storage import worker
from storage.domain.copies import Link
from storage.domain.ratings import Rating
from storage.usecases import OpenedLink
from support import build
from support.figures import reported
from support.storage import archived_line, shelf, words

HOA_BAN = "H99.42.05.13"
MORNING = datetime(2026, 11, 28, 17, 1, tzinfo=UTC)
"""A minute past midnight in Vietnam, on the 29th."""


@pytest_asyncio.fixture
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        yield made


@pytest_asyncio.fixture
async def face(store):
    async with store.face() as client:
        yield client


async def say(store, *reports):
    """As the bus gives them to storage."""
    subscriptions = {
        each.consumer: each for each in worker.subscriptions(store.storage)
    }
    for report in reports:
        await subscriptions[topology.STORAGE_FIGURES].handle(report)


async def test_the_page_says_what_the_desk_has_reported(store, face):
    """On-time rate, copies and share returned electronically; the plot with the table
    behind it; in both languages, and kept by browsers for a while.
    """
    await say(
        store,
        reported(HOA_BAN, 10, 468, at=MORNING),
        reported(HOA_BAN, 11, 435, late=3, at=MORNING),
    )
    page = await face.get("/so-lieu")
    said = words(page.text)
    assert (page.status_code, page.headers["cache-control"]) == (
        200,
        "public, max-age=300",
    )
    assert "UBND phường Hoa Ban làm nhanh đến đâu" in said
    assert "năm 2026, tính đến hết ngày 28/11/2026" in said
    assert "99,6 % 900 trên 903 hồ sơ" in said
    assert "Bản sao đã cấp 1.204" in said
    assert "99,8 % 1.204 trên 1.206 số đã lấy" in said
    assert "11 432 3 2 giờ 14 580" in said
    assert page.text.count('class="bar"') == 2
    assert page.text.count('class="late"') == 1
    english = words((await face.get("/figures")).text)
    assert "Returned on time 99.6 % 900 of 903 cases" in english
    assert 'href="/so-lieu"' in (await face.get("/kiem-tra")).text


async def test_a_month_of_few_cases_is_neither_given_nor_in_the_sum(store, face):
    """Else what is not given would be the sum less the others."""
    few = reported(HOA_BAN, 9, None, at=MORNING)
    await say(store, few, reported(HOA_BAN, 10, 30, at=MORNING))
    said = words((await face.get("/so-lieu")).text)
    assert f"9 dưới {LEAST_CASES} hồ sơ" in said
    assert "100,0 % 30 trên 30 hồ sơ" in said
    file = await face.get(f"/so-lieu/{HOA_BAN}/2026.csv")
    assert file.content.decode("utf-8-sig").splitlines()[1:] == [
        '"2026-09","","","","","",""',
        '"2026-10",30,30,0,134,40,41',
    ]
    assert file.headers["content-type"] == "text/csv; charset=utf-8"


async def test_nothing_but_small_months_has_no_plot(store, face):
    """The page says why, and when to look again."""
    await say(store, reported(HOA_BAN, 11, None, at=MORNING))
    page = await face.get("/so-lieu")
    assert "Mời xem lại vào tháng sau" in words(page.text)
    assert "<svg class=" not in page.text.partition("<main")[2].partition('"chart"')[2]


async def test_before_the_first_report_the_page_says_when(face):
    assert "mời xem lại vào ngày mai" in words((await face.get("/so-lieu")).text)


async def test_each_agency_and_year_has_its_own_page(store, face):
    """The way in lists the newest year of each; an address of none is not found."""
    await say(
        store,
        reported(HOA_BAN, 12, 50, year=2025, at=MORNING),
        reported(HOA_BAN, 11, 60, at=MORNING),
        reported("H99.42.05.14", 11, None, name="UBND xã Sơn Trà", at=MORNING),
    )
    listed = await face.get("/so-lieu")
    assert "UBND phường Hoa Ban , 2026 100,0 % 80" in words(listed.text)
    assert "UBND xã Sơn Trà , 2026 dưới 10 hồ sơ" in words(listed.text)
    past = words((await face.get(f"/so-lieu/{HOA_BAN}/2025?lang=en")).text)
    assert "Electronic certified copies, 2025." in past
    for nowhere in ("H99.42.05.14/2025", f"{HOA_BAN}/2025x", "x/2026.csv"):
        assert (await face.get(f"/so-lieu/{nowhere}")).status_code == 404


async def test_citizens_ratings_are_shown_of_months_that_have_five(store, face):
    """The mean of the year's months; a month of fewer is left out of it."""
    store.hands.now = MORNING - timedelta(days=40)
    for number in range(4):
        await rated(store, number, 1)
    store.hands.now = MORNING - timedelta(days=2)
    for number in range(5, 11):
        await rated(store, number, 5 - number % 2)
    store.hands.now = MORNING
    await say(store, reported(HOA_BAN, 11, 60, at=MORNING))
    said = words((await face.get("/so-lieu")).text)
    assert "Người dân chấm 4,5 trên 5 6 lượt chấm" in said


async def rated(store, number, stars):
    link = Link(build.digest(b"%d" % number), build.ENTRY, 1, MORNING)
    copy = archived_line(b"a copy")
    await store.storage.rate(OpenedLink(link, copy), Rating(stars))
