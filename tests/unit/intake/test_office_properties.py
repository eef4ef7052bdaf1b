"""What holds of due hours, fees and numbers, whatever an agency has entered."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecopy.identifiers import entry_id
from intake.domain import number_formats
from intake.domain.calendar import LAST_SAME_DAY, ZONE, Calendar, DayKind, local_day
from intake.domain.fee import FeeRule, supported
from intake.domain.number_formats import book_of
from intake.domain.own_tables import CalendarRow, ClosingHour, OwnTables
from intake.domain.table_rows import TableRow
from support.intake import AGENCY, MORNING, house_rules
from support.properties import DRAWN

pytestmark = pytest.mark.drawn
RULES = house_rules()
FIRST = datetime(2026, 1, 1, tzinfo=ZONE)
DAYS = st.dates(date(2026, 1, 1), date(2027, 11, 1))
MOMENTS = st.integers(0, 600 * 86400).map(lambda s: FIRST + timedelta(seconds=s))
OWN_KINDS = st.sampled_from(
    ("holiday", "compensation", "swapped-off", "swapped-working", "usual")
)


@st.composite
def own_tables(draw):
    """Days off and on, and hours of closing, as an administrator may enter them."""
    spans = draw(st.lists(st.tuples(DAYS, st.integers(0, 30), OWN_KINDS), max_size=6))
    days = tuple(
        CalendarRow(AGENCY, first, first + timedelta(days=n), kind, "x", "L", MORNING)
        for first, n, kind in spans
    )
    closes = st.times(time(15, 1), time(22)).map(lambda t: t.replace(microsecond=0))
    hours = draw(st.lists(st.tuples(DAYS, closes), max_size=4))
    return OwnTables(
        days, tuple(ClosingHour(AGENCY, day, at, "L", MORNING) for day, at in hours)
    )


@DRAWN
@given(own_tables(), MOMENTS)
def test_no_due_hour_lies_in_the_past_or_on_a_day_off(own, now):
    """Not one that the office is closed on, and what comes by three on a working day is
    due that day.
    """
    rules = replace(RULES, own=lambda _: own)
    due, worked = rules.due_at(AGENCY, now), own.over(RULES.calendar)
    assert due > now
    assert worked.works(local_day(due))
    today = local_day(now)
    in_time = now.astimezone(ZONE).time() <= LAST_SAME_DAY
    assert (local_day(due) == today) is (in_time and worked.works(today))


@DRAWN
@given(st.sets(DAYS, max_size=40), st.sets(DAYS, max_size=9), DAYS)
def test_no_working_day_lies_between_a_day_and_the_next_working_one(off, on, day):
    """Whatever days are off and whichever weekends are worked."""
    kinds = dict.fromkeys(off, DayKind.HOLIDAY)
    kinds |= dict.fromkeys(on - off, DayKind.SWAPPED_WORKING)
    calendar = Calendar(frozenset({2026, 2027}), kinds)
    following = calendar.next_working(day)
    skipped = [day + timedelta(days=n) for n in range(1, (following - day).days)]
    assert calendar.works(following)
    assert not any(map(calendar.works, skipped))


AMOUNTS = st.integers(0, 5000)


@DRAWN
@given(AMOUNTS, AMOUNTS, st.integers(0, 500_000), st.integers(0, 100), st.data())
def test_a_fee_never_falls_with_pages_nor_exceeds_its_ceiling(
    first, further, more, percent, data
):
    """Nor does what a budget bears make it less than nothing, or more than before."""
    rule = FeeRule("x", date(2026, 1, 1), 2, first, further, first + more)
    paid = supported(rule, percent)
    fewer = data.draw(st.integers(1, 600))
    larger = data.draw(st.integers(fewer, 700))
    assert 0 <= paid.fee(fewer) <= paid.fee(larger) <= rule.fee(larger) <= rule.ceiling


PLACES = ("{so}", "{so:4}", "{nam}", "{nam:6}")
PIECES = st.sampled_from((*PLACES, "7", "0", "/", "-", "Đ"))
FORMATS = st.lists(PIECES, min_size=1, max_size=6).map("".join)
NUMBERS = st.integers(1, 99_999)
BOOK = {"book": "{quyen:2}/{nam}", "ordinal": "1"}


def format_row(number, agency=AGENCY):
    values = BOOK | {"number": number}
    return TableRow("numbers", "E", date(2026, 12, 1), values, agency, "L", MORNING)


def natural(text):
    """As people order texts with numbers in them."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


@DRAWN
@given(FORMATS, FORMATS, NUMBERS, NUMBERS)
def test_each_number_of_a_book_has_its_own_text_in_their_order(one, two, n, m):
    """Of every format that is accepted, and of two that are accepted for one year."""
    before, after = format_row(one), format_row(two)
    if number_formats.faults(before, ()):
        return
    book = book_of(before.values)
    texts = natural(book.number(n, 2026)), natural(book.number(m, 2026))
    assert (texts[0] < texts[1]) is (n < m)
    assert (texts[0] == texts[1]) is (n == m)
    if n != m and not number_formats.faults(after, (before,)):
        assert book.number(n, 2026) != book_of(after.values).number(m, 2026)


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, 999_000, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), 2027),
    ],
)
def test_the_year_turns_at_midnight_at_the_desk(at, year):
    """23:59:59.999 in Hà Nội is of the old year and its book, 00:00 of the new one."""
    day = local_day(at)
    book = RULES.tables(AGENCY).book_on(day)
    assert (day.year, book.number(1, day.year)) == (year, f"1/{year}")
    assert entry_id(AGENCY, day.year, 1) == f"{AGENCY}/E/{year}/1"
