"""The months, quarters and years over which the office is measured.

Start at ``span_of``; a span is named in addresses by its slug.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from intake.domain.calendar import ZONE
from intake.domain.closing import Period

MONTHS_OFFERED: Final = 12
QUARTERS_OFFERED: Final = 4
YEARS_OFFERED: Final = 2
WEEKS_SHOWN: Final = 8
"""Beside a month: its own four or five weeks say little without those before."""
QUARTER: Final = 3
YEAR: Final = 12
"""In months."""
WEEK: Final = timedelta(days=7)
_SLUG: Final = re.compile(r"(2\d{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")


@dataclass(frozen=True, slots=True)
class MonthSpan:
    """Whole months that follow each other within one year."""

    year: int
    month: int
    """The first of them, 1 to 12."""
    months: int
    """How many: 1, 3 or 12."""

    @property
    def slug(self) -> str:
        """``2026-11``, ``2026-Q4`` or ``2026``."""
        if self.months == 1:
            return f"{self.year}-{self.month:02d}"
        return (
            f"{self.year}-Q{self.quarter}" if self.months == QUARTER else str(self.year)
        )

    @property
    def quarter(self) -> int:
        return (self.month + 2) // 3

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def after(self) -> date:
        """The first day that does not belong to it."""
        return Period(self.year, self.month + self.months - 1).after


@dataclass(frozen=True, slots=True)
class Slot:
    """One bar of a plot over time: a week by ISO 8601, or a month."""

    label: str
    """``47`` for a week, ``11`` for a month."""
    first: date
    after: date


def span_of(slug: str, today: date) -> MonthSpan:
    """The span that the address names; this month where it names none. Raises
    ValueError for any other text.
    """
    if not slug:
        return MonthSpan(today.year, today.month, 1)
    found = _SLUG.fullmatch(slug)
    if found is None:
        raise ValueError(slug)
    year, month, quarter = (int(part) if part else 0 for part in found.groups())
    if month:
        return MonthSpan(year, month, 1)
    return MonthSpan(year, 3 * quarter - 2, 3) if quarter else MonthSpan(year, 1, 12)


def offered(today: date) -> tuple[MonthSpan, ...]:
    """The spans that the page offers: months, then quarters, then years, newest first
    of each.
    """
    quarters = [_months_before(today, 3 * back) for back in range(QUARTERS_OFFERED)]
    return (
        *last_months(today, MONTHS_OFFERED),
        *(MonthSpan(year, (month - 1) // 3 * 3 + 1, 3) for year, month in quarters),
        *(MonthSpan(today.year - back, 1, 12) for back in range(YEARS_OFFERED)),
    )


def last_months(day: date, count: int) -> tuple[MonthSpan, ...]:
    """The month of *day* and those before it, newest first."""
    found = (_months_before(day, back) for back in range(count))
    return tuple(MonthSpan(year, month, 1) for year, month in found)


def slots(span: MonthSpan, today: date) -> tuple[Slot, ...]:
    """The bars over time: the months of a year, the weeks of a quarter, and for a month
    the eight weeks that end with it. Nothing is drawn that lies after *today*.
    """
    if span.months == YEAR:
        found = [_month_slot(span.year, month) for month in range(1, YEAR + 1)]
    else:
        found = _weeks(span, today)
    return tuple(slot for slot in found if slot.first <= today >= span.first)


def instant(day: date) -> datetime:
    """The first moment of the day in Vietnam."""
    return datetime.combine(day, time(), ZONE)


def _months_before(day: date, back: int) -> tuple[int, int]:
    count = day.year * 12 + day.month - 1 - back
    return count // 12, count % 12 + 1


def _month_slot(year: int, month: int) -> Slot:
    period = Period(year, month)
    return Slot(str(month), period.first, period.after)


def _weeks(span: MonthSpan, today: date) -> list[Slot]:
    last = _monday(min(today, span.after - timedelta(days=1)))
    first = _monday(span.first)
    if span.months == 1:
        first = min(first, last - (WEEKS_SHOWN - 1) * WEEK)
    count = max((last - first) // WEEK + 1, 0)
    return [_week_slot(first + index * WEEK) for index in range(count)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week_slot(monday: date) -> Slot:
    return Slot(str(monday.isocalendar().week), monday, monday + WEEK)
