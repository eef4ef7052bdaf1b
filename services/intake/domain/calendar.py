"""Working days and the due hour (Nghị định 23/2015/NĐ-CP art. 7).

The calendar is data: the week by default, overridden by rows per year. A year without
a table raises: a due hour is never promised on a guess.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LAST_SAME_DAY: Final = time(15, 0, 0)
SATURDAY: Final = 5
EXTENSION_DAYS: Final = 2


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    COMPENSATION = "compensation"
    SWAPPED_OFF = "swapped-off"
    SWAPPED_WORKING = "swapped-working"


class CalendarMissing(LookupError):
    """No table says which days of this year are worked."""


@dataclass(frozen=True, slots=True)
class Calendar:
    years: frozenset[int]
    days: dict[date, DayKind]

    def works(self, day: date) -> bool:
        """Raises CalendarMissing for a year without a table."""
        if day.year not in self.years:
            raise CalendarMissing(f"no calendar for {day.year}")
        kind = self.days.get(day)
        if kind is None:
            return day.weekday() < SATURDAY
        return kind is DayKind.SWAPPED_WORKING

    def next_working(self, day: date) -> date:
        """The first working day after ``day``."""
        later = day + timedelta(days=1)
        while not self.works(later):
            later += timedelta(days=1)
        return later

    def working_days_after(self, day: date, days: int) -> date:
        """The last of so many working days after ``day``."""
        for _ in range(days):
            day = self.next_working(day)
        return day


def parse(tables: Iterable[str]) -> Calendar:
    """TOML tables, one per year. Raises ValueError for a row outside its year."""
    loaded = [tomllib.loads(table) for table in tables]
    days = {
        day: DayKind(row["kind"])
        for table in loaded
        for row in table["rows"]
        for day in _span(row, table["year"])
    }
    return Calendar(frozenset(table["year"] for table in loaded), days)


def due_at(
    complete_at: datetime,
    calendar: Calendar,
    *,
    close: time = time(17),
    extended_days: int = 0,
) -> datetime:
    """When the result is due, for a file complete at this instant (aware).

    Up to and including 15:00:00 on a working day: the same day; strictly after, or on
    a day off: the next working day. Extension counts working days, at most two.
    """
    if not 0 <= extended_days <= EXTENSION_DAYS:
        raise ValueError("an extension without agreement is at most two working days")
    received = complete_at.astimezone(ZONE)
    day = received.date()
    if not calendar.works(day) or received.time() > LAST_SAME_DAY:
        day = calendar.next_working(day)
    day = calendar.working_days_after(day, extended_days)
    return datetime.combine(day, close, ZONE)


def last_day(midnight: datetime) -> date:
    """The last day of what ends at that *midnight*."""
    return local_day(midnight - timedelta(seconds=1))


def local_day(at: datetime) -> date:
    """The calendar day of an instant in Asia/Ho_Chi_Minh."""
    return at.astimezone(ZONE).date()


def _span(row: dict[str, Any], year: int) -> list[date]:
    first, last = row["from"], row["to"]
    if first.year != year or last.year != year or last < first:
        raise ValueError(f"calendar row outside {year}: {first} – {last}")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
