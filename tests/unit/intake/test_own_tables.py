"""What an agency lays over the tables: days, hours, and the due hours that follow."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from intake.domain import own_tables
from intake.domain.calendar import ZONE, CalendarMissing, local_day
from intake.domain.own_tables import NONE, CalendarRow, ClosingHour, OwnTables
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict
from intake.domain.showing_calendar import calendar_view
from intake.domain.states import NotAllowed
from support.intake import AGENCY, MORNING, OTHER, house_rules

LONG = Actor("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}))
RULES = house_rules()
CULTURE_DAY = date(2026, 11, 24)
ACT = {"version": 0, "by": LONG, "at": MORNING}


def row(first, last=None, kind="holiday"):
    return CalendarRow(AGENCY, first, last or first, kind, "x", LONG.name, MORNING)


def hour(day, closes):
    return ClosingHour(AGENCY, day, closes, LONG.name, MORNING)


def with_own(*days, hours=()):
    tables = OwnTables(days, tuple(hours))
    return replace(RULES, own=lambda code: tables if code == AGENCY else NONE)


def at(text):
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


def due(rules, text, agency=AGENCY):
    return f"{rules.due_at(agency, at(text)).astimezone(ZONE):%d/%m/%Y %H:%M}"


def test_a_day_off_counts_for_its_own_agency_alone():
    """The neighbour works that day; a later row takes it back."""
    off = row(CULTURE_DAY)
    assert due(with_own(off), "23/11/2026 16:00") == "25/11/2026 17:00"
    assert due(with_own(off), "23/11/2026 16:00", OTHER) == "24/11/2026 17:00"
    back = row(CULTURE_DAY, kind="usual")
    assert due(with_own(off, back), "23/11/2026 16:00") == "24/11/2026 17:00"
    assert due(with_own(off, back, off), "23/11/2026 16:00") == "25/11/2026 17:00"


def test_a_make_up_saturday_is_worked():
    """And what comes on it by three is due on it."""
    saturday = row(date(2026, 11, 28), kind="swapped-working")
    assert due(with_own(saturday), "28/11/2026 09:00") == "28/11/2026 17:00"


def test_an_hour_counts_from_its_day_on():
    """By the day on which the copy is due, not the one on which the case came."""
    later = hour(date(2026, 11, 24), time(16, 30))
    rules = with_own(hours=[later])
    assert due(rules, "23/11/2026 09:00") == "23/11/2026 17:00"
    assert due(rules, "23/11/2026 16:00") == "24/11/2026 16:30"
    two = with_own(hours=[later, hour(date(2026, 11, 23), time(18))])
    assert due(two, "23/11/2026 09:00") == "23/11/2026 18:00"
    assert due(two, "24/11/2026 09:00") == "24/11/2026 16:30"


def test_a_year_is_promised_once_it_is_entered():
    new_year = "31/12/2027 15:30"
    with pytest.raises(CalendarMissing):
        due(RULES, new_year)
    first = date(2028, 1, 1)
    entered = with_own(row(first), row(first, kind="year"))
    assert due(entered, new_year) == "03/01/2028 17:00"


def key_of(kind, first, last, name="Lễ", **changes):
    with pytest.raises(NotAllowed) as refused:
        own_tables.days_changed(NONE, kind, (first, last), name, **ACT | changes)
    return refused.value.key


def test_what_was_promised_is_not_reckoned_again():
    """Neither yesterday nor a span that closes the office for good, nor a nameless day
    off; today may still be declared.
    """
    today, day = local_day(MORNING), timedelta(days=1)
    assert key_of("holiday", today - day, today) == "error.calendar-past"
    assert key_of("holiday", today, today - day) == "error.calendar-span"
    assert key_of("holiday", today, today + 31 * day) == "error.calendar-span"
    assert key_of("holiday", today + 731 * day, today + 731 * day) == (
        "error.calendar-ahead"
    )
    assert key_of("holiday", today, today, " ") == "error.calendar-name"
    assert key_of("year", date(2025, 3, 1), date(2025, 3, 1)) == "error.calendar-ahead"
    added, note = own_tables.days_changed(NONE, "holiday", (today, today), "Lễ", **ACT)
    assert (added.first, added.by, note.action) == (
        today,
        "Hà Bảo Long",
        "calendar-changed",
    )
    year, _ = own_tables.days_changed(NONE, "year", (today, today), "", **ACT)
    assert year.first == date(2026, 1, 1)


@pytest.mark.parametrize("closes", [time(15), time(9), time(22, 1)])
def test_no_hour_ends_before_what_came_at_three(closes):
    with pytest.raises(NotAllowed, match="closing-hour"):
        own_tables.hour_changed(NONE, closes, CULTURE_DAY, **ACT)
    with pytest.raises(NotAllowed, match="table-from"):
        own_tables.hour_changed(NONE, time(16), local_day(MORNING), **ACT)


def test_a_stale_page_adds_nothing_and_names_who_was_first():
    known = OwnTables((row(CULTURE_DAY),))
    with pytest.raises(Conflict) as conflict:
        own_tables.days_changed(
            known, "holiday", (CULTURE_DAY, CULTURE_DAY), "Lễ", **ACT
        )
    assert (conflict.value.who, conflict.value.when) == (LONG.name, MORNING)


KINDS = ("holiday", "compensation", "swapped-off", "swapped-working", "usual")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DRAWS = 400


def drawn_rules(chance):
    def day():
        return date(2026, 1, 1) + timedelta(days=chance.randrange(700))

    days = [
        row(first, first + timedelta(days=chance.randrange(31)), chance.choice(KINDS))
        for first in (day() for _ in range(chance.randrange(5)))
    ]
    hours = [
        hour(day(), time(chance.randrange(16, 22), chance.randrange(60)))
        for _ in range(chance.randrange(4))
    ]
    return with_own(*days, hours=hours)


def test_no_due_hour_lies_in_the_past_or_on_a_day_off():
    """Whatever an agency has entered, for a case of any moment of two years."""
    chance = random.Random(20261129)
    for _ in range(DRAWS):
        rules = drawn_rules(chance)
        now = FIRST + timedelta(seconds=chance.randrange(600 * 86400))
        promised = rules.due_at(AGENCY, now)
        assert promised > now
        assert rules.own(AGENCY).over(RULES.calendar).works(local_day(promised))


def test_the_page_shows_the_year_as_it_is_kept():
    """Its days worked, its rows, and the due hour of a moment that somebody tries."""
    rules = with_own(row(CULTURE_DAY), hours=[hour(CULTURE_DAY, time(16, 30))])
    tried = at("23/11/2026 16:00")
    view = calendar_view(rules, AGENCY, 2026, tried_at=tried, now=MORNING)
    plain = calendar_view(RULES, AGENCY, 2026, tried_at=tried, now=MORNING)
    assert (view.worked, plain.worked) == (plain.worked - 1, 250)
    assert view.tried.due_at == at("25/11/2026 16:30")
    (november,) = (month for month in view.months if month.number == 11)
    cells = {cell.day: cell for week in november.weeks for cell in week if cell}
    assert (len(cells), cells[24].kind, cells[28].kind) == (30, "holiday", "weekend")
    assert cells[23].today
    assert [line.now for line in view.hours] == [False]
    unknown = calendar_view(RULES, AGENCY, 2030, tried_at=tried, now=MORNING)
    assert (unknown.known, unknown.worked) == (False, 0)
