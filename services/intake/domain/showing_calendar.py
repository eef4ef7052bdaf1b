"""A year as a wall calendar shows it, and the due hour of a moment."""

from calendar import Calendar as Weeks
from calendar import isleap
from datetime import date, datetime, timedelta
from typing import Final

from intake.domain.calendar import SATURDAY, Calendar, CalendarMissing, local_day
from intake.domain.own_tables import OwnTables
from intake.domain.rules import Rules
from intake.domain.table_rows import begun, changes, planned
from intake.domain.views.office import (
    CalendarView,
    DayCell,
    DaysLine,
    HourLine,
    MonthGrid,
    Tried,
)

MONDAY_FIRST: Final = Weeks(0)


def calendar_view(
    rules: Rules, agency: str, year: int, *, tried_at: datetime, now: datetime
) -> CalendarView:
    """The calendar of *year* as this agency keeps it."""
    own, today = rules.own(agency), local_day(now)
    kept = own.over(rules.calendar)
    usual = rules.agency(agency).close_of_business
    return CalendarView(
        now=now,
        year=year,
        years=tuple(sorted(kept.years)),
        known=year in kept.years,
        worked=_worked(kept, year),
        months=tuple(_month(kept, year, month, today) for month in range(1, 13)),
        days=_days(own, year, today),
        days_version=changes(own.days),
        hours=_hours(own, today),
        hours_version=changes(own.hours),
        closes=own.closes(today, usual),
        tried=Tried(tried_at, _due(rules, agency, tried_at)),
    )


def _worked(kept: Calendar, year: int) -> int:
    if year not in kept.years:
        return 0
    first, days = date(year, 1, 1), 366 if isleap(year) else 365
    return sum(kept.works(first + timedelta(days=n)) for n in range(days))


def _month(kept: Calendar, year: int, month: int, today: date) -> MonthGrid:
    weeks = MONDAY_FIRST.monthdatescalendar(year, month)
    return MonthGrid(
        month,
        tuple(
            tuple(
                _cell(kept, day, today) if day.month == month else None for day in week
            )
            for week in weeks
        ),
    )


def _cell(kept: Calendar, day: date, today: date) -> DayCell:
    kind = kept.days.get(day)
    plain = "weekend" if day.weekday() >= SATURDAY else ""
    return DayCell(day.day, str(kind) if kind else plain, day == today)


def _days(own: OwnTables, year: int, today: date) -> tuple[DaysLine, ...]:
    return tuple(
        DaysLine(
            *(row.first, row.last, row.kind, row.name, row.by, row.at),
            planned=planned(row, today),
            taken_back=row.taken_back,
        )
        for row in reversed(own.days)
        if year in {row.first.year, row.last.year}
    )


def _hours(own: OwnTables, today: date) -> tuple[HourLine, ...]:
    ordered = sorted(own.hours, key=lambda row: row.valid_from)
    counting = begun(ordered, today)[-1:]
    return tuple(
        HourLine(
            *(row.valid_from, row.closes, row.by),
            now=row in counting,
            planned=planned(row, today),
            taken_back=row.taken_back,
        )
        for row in reversed(ordered)
    )


def _due(rules: Rules, agency: str, at: datetime) -> datetime | None:
    try:
        return rules.due_at(agency, at)
    except CalendarMissing:
        return None
