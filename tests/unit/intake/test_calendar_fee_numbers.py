"""The tables of the law, row by row: due hour, fee, codes, numbers, tokens."""

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest

from ecopy.identifiers import CODE_ALPHABET, parse_code
from intake.domain import agencies, calendar, fee, numbers
from intake.domain.calendar import ZONE, Calendar, CalendarMissing, DayKind
from intake.wiring import configuration

TABLES = configuration.HERE / "tables"
CALENDAR = calendar.parse(
    path.read_text("utf-8") for path in sorted(TABLES.glob("calendar-*.toml"))
)
FEES = fee.parse((TABLES / "fees.toml").read_text("utf-8"))


def at(text):
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=ZONE)


DUE = [
    ("20/11/2026 14:59:59", "20/11/2026"),
    ("20/11/2026 15:00:00", "20/11/2026"),
    ("20/11/2026 15:00:01", "23/11/2026"),
    ("23/11/2026 16:00:00", "24/11/2026"),
    ("24/04/2026 15:30:00", "28/04/2026"),
    ("29/04/2026 15:30:00", "04/05/2026"),
    ("13/02/2026 15:10:00", "23/02/2026"),
    ("22/08/2026 10:00:00", "22/08/2026"),
    ("31/12/2026 15:30:00", "04/01/2027"),
    ("21/11/2026 09:00:00", "23/11/2026"),
    ("02/01/2026 09:00:00", "05/01/2026"),
    ("10/01/2026 09:00:00", "10/01/2026"),
    ("20/11/2026 00:00:00", "20/11/2026"),
]


@pytest.mark.parametrize(("received", "due"), DUE)
def test_due_hour_of_the_table(received, due):
    """Each row of the deadline table, to the second, due at close of business."""
    expected = datetime.strptime(due, "%d/%m/%Y").replace(hour=17, tzinfo=ZONE)
    assert calendar.due_at(at(received), CALENDAR) == expected


def test_unconfirmed_holiday_is_data():
    """24/11/2026 is worked by default; one row in the table makes it a day off."""
    off = Calendar(
        CALENDAR.years, CALENDAR.days | {date(2026, 11, 24): DayKind.HOLIDAY}
    )
    due = calendar.due_at(at("23/11/2026 16:00:00"), off)
    assert due.date() == date(2026, 11, 25)


def test_microseconds_after_three_are_after_three():
    """Strictly after 15:00:00 means the next working day, however little after."""
    late = at("20/11/2026 15:00:00") + timedelta(microseconds=1)
    assert calendar.due_at(late, CALENDAR).date() == date(2026, 11, 23)


def test_extension_counts_working_days():
    """Friday 20/11 extended by two is due on Tuesday 24/11."""
    due = calendar.due_at(at("20/11/2026 10:00:00"), CALENDAR, extended_days=2)
    assert due.date() == date(2026, 11, 24)


@pytest.mark.parametrize("days", [-1, 3])
def test_extension_beyond_two_days_needs_an_agreement(days):
    """More than two working days is not a number that this function takes."""
    with pytest.raises(ValueError, match="two working days"):
        calendar.due_at(at("20/11/2026 10:00:00"), CALENDAR, extended_days=days)


def test_due_hour_is_the_same_whatever_zone_the_instant_is_in():
    """08:00:01 UTC is 15:00:01 at the desk."""
    utc = at("20/11/2026 15:00:01").astimezone(UTC)
    assert calendar.due_at(utc, CALENDAR).date() == date(2026, 11, 23)


def test_year_without_a_table_is_refused():
    """A due hour is never promised on a guess."""
    with pytest.raises(CalendarMissing):
        calendar.due_at(at("31/12/2027 15:30:00"), CALENDAR)


OFF_2026 = [
    ("2026-01-01", "2026-01-04"),
    ("2026-02-14", "2026-02-22"),
    ("2026-04-25", "2026-04-27"),
    ("2026-04-30", "2026-05-03"),
    ("2026-08-29", "2026-09-02"),
]


def test_days_off_of_2026():
    """Every day of the year is worked or not exactly as decreed."""
    off = {date(2026, 1, 1) + timedelta(days=n) for n in range(365)}
    off = {d for d in off if d.weekday() >= calendar.SATURDAY}
    for first, last in OFF_2026:
        start, end = (date.fromisoformat(d) for d in (first, last))
        off |= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    off -= {date(2026, 1, 10), date(2026, 8, 22)}
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {d for d in year if not CALENDAR.works(d)} == off


def test_calendar_row_outside_its_year_is_refused():
    """A typing mistake in a table stops the start, not a citizen."""
    table = (TABLES / "calendar-2026.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="outside 2025"):
        calendar.parse([table.replace("year = 2026", "year = 2025", 1)])


def test_each_calendar_table_says_how_long_it_holds():
    """A table's validity is its own year."""
    for path in TABLES.glob("calendar-*.toml"):
        table = tomllib.loads(path.read_text("utf-8"))
        assert table["valid_from"] == date(table["year"], 1, 1)
        assert table["valid_until"] == date(table["year"] + 1, 1, 1)


FEE = [
    (1, 2_000),
    (2, 4_000),
    (3, 5_000),
    (10, 12_000),
    (197, 199_000),
    (198, 200_000),
    (199, 200_000),
    (500, 200_000),
]


@pytest.mark.parametrize(("pages", "vnd"), FEE)
def test_fee_of_the_table(pages, vnd):
    """Thông tư 226/2016, row by row, with its ceiling."""
    assert fee.in_force(FEES, date(2026, 11, 23)).fee(pages) == vnd


@pytest.mark.parametrize("pages", [0, -1])
def test_fee_of_no_page_is_an_error(pages):
    """An original has at least one page."""
    with pytest.raises(ValueError, match="at least one page"):
        FEES[0].fee(pages)


def test_case_keeps_its_rule_set():
    """A new rule does not change what was asked for under the old one."""
    new = fee.FeeRule("new", date(2027, 1, 1), 2, 3000, 1500, 300000)
    rules = (new, *FEES)
    assert fee.in_force(rules, date(2026, 12, 31)).rule_set == "TT226/2016"
    assert fee.in_force(rules, date(2027, 1, 1)) is new
    assert fee.rule_set(rules, "TT226/2016").fee(3) == 5000
    with pytest.raises(LookupError):
        fee.in_force(rules, date(2016, 12, 31))


def test_case_code_is_accepted_back():
    """The code of a day's 7th case, and the widest one, match the input pattern."""
    assert numbers.case_code("H26.42.05.13", date(2026, 11, 22), 7) == (
        "H26.42.05.13-261122-0007"
    )
    for ordinal in (1, 9999, 10_000, 9_999_999):
        code = numbers.case_code("H99.42.05.13", date(2026, 1, 2), ordinal)
        assert numbers.CASE_CODE.match(code)
    with pytest.raises(ValueError, match="no case"):
        numbers.case_code("H99", date(2026, 1, 2), 10_000_000)


@pytest.mark.parametrize(
    ("code", "accepted"),
    [
        ("H26.42.05.13-261122-0007", True),
        ("000.00.13.H26-261122-0007", True),
        ("000.00.13.H26.42.05-261122-0007", True),
        ("000.00.H26-261122-0007", False),
        ("H26-261122-0007", True),
        ("H26.42.05.13-261122-007", False),
        ("h26.42.05.13-261122-0007", False),
        ("H26.42.05.13-261122-0007 ", False),
        ("H26.42.05.13-261122-00070000", False),
    ],
)
def test_case_code_on_input(code, accepted):
    """As the national pattern says, and nothing else."""
    assert bool(numbers.CASE_CODE.fullmatch(code)) is accepted


def test_document_id_is_the_case_and_an_ordinal():
    """Made and read back; anything else is no document."""
    made = numbers.document_id("H99.42.05.13-261123-0004", 2)
    assert numbers.split_document_id(made) == ("H99.42.05.13-261123-0004", 2)
    for other in ("H99.42.05.13-261123-0004", "../x", made + "x"):
        with pytest.raises(ValueError, match="not a document"):
            numbers.split_document_id(other)


def test_displayed_number_and_book_follow_the_format():
    """``1180/2026`` and ``02/2026-SCTĐT/BS``; another office's marks are data."""
    book = numbers.RegisterBook(2)
    assert (book.number(1180, 2026), book.name(2026)) == (
        "1180/2026",
        "02/2026-SCTĐT/BS",
    )
    other = numbers.RegisterBook(1, "{number}/ĐT", "{book:02d}/{year}-SCT/BS")
    assert (other.number(123, 2026), other.name(2026)) == ("123/ĐT", "01/2026-SCT/BS")


def test_ordinals_run_from_one():
    """Highest + 1; a book without a line starts at 1."""
    assert numbers.next_ordinal(None) == 1
    assert numbers.next_ordinal(1180) == 1181


def test_link_token_is_bound_to_entry_and_generation():
    """160 bits of HMAC, base64url: another entry or generation is another token."""
    key = bytes(32)
    tokens = {
        numbers.link_token(key, "H99.42.05.13/E/2026/1", 1),
        numbers.link_token(key, "H99.42.05.13/E/2026/1", 2),
        numbers.link_token(key, "H99.42.05.13/E/2026/11", 1),
        numbers.link_token(bytes(31) + b"1", "H99.42.05.13/E/2026/1", 1),
    }
    assert len(tokens) == 4
    assert {len(token) for token in tokens} == {27}
    assert numbers.link_token(key, "H99.42.05.13/E/2026/1", 1) in tokens


def test_verification_code_holds_60_bits_of_crockford():
    """12 characters that a person can type; every bit of chance is in it."""
    zero, full = (numbers.draw_code(lambda _b, n=n: n) for n in (0, (1 << 60) - 1))
    assert (zero, full) == ("0" * 12, "Z" * 12)
    asked = []
    code = numbers.draw_code(lambda bits: asked.append(bits) or 1234567890123456)
    assert asked == [60]
    assert set(code) <= set(CODE_ALPHABET)
    assert parse_code(code.lower()) == code


AGENCY = """
[[agencies]]
code = "H99.42.05.13"
level = "B-LTA"
[[agencies.versions]]
version = "1"
valid_from = 2025-07-01
name = "UBND phường Hoa Ban"
name_lines = ["UBND PHƯỜNG HOA BAN"]
place = "Hoa Ban"
key = "seal-hoa-ban"
[[agencies.layouts]]
template = "clause/2"
valid_from = 2026-07-01
[[agencies.layouts]]
template = "clause/1"
valid_from = 2027-01-01
"""


@pytest.mark.parametrize(
    ("day", "template"),
    [
        (date(2026, 6, 30), "clause/3"),
        (date(2026, 7, 1), "clause/2"),
        (date(2026, 12, 31), "clause/2"),
        (date(2027, 1, 1), "clause/1"),
    ],
)
def test_a_layout_holds_from_its_own_day(day, template):
    """Before the first one the plain; an order of that day freezes the name."""
    agency = agencies.parse(AGENCY)["H99.42.05.13"]
    assert agency.layout(day) == template


@pytest.mark.parametrize("name", ["clause-2", "clause/", "clause/2 ", "Clause/2", ""])
def test_a_layout_that_is_no_name_is_refused(name):
    """At the start, in a sentence; not with the first approval."""
    with pytest.raises(ValueError, match="a name, a slash, a number"):
        agencies.parse(AGENCY.replace("clause/2", name))


def test_an_agency_says_the_level_of_its_copies():
    """B-LT unless it says another; one that is none of the three is refused."""
    assert agencies.parse(AGENCY)["H99.42.05.13"].level == "B-LTA"
    plain = AGENCY.replace('level = "B-LTA"', "")
    assert agencies.parse(plain)["H99.42.05.13"].level == "B-LT"
    with pytest.raises(ValueError, match="level is one of"):
        agencies.parse(AGENCY.replace("B-LTA", "B-XL"))
