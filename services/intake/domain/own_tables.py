"""What an agency has decided for itself: days off, hours, delegations, fees, switches.

Each is a row with the day from which it counts, laid over the tables that come with the
program. No row is changed or removed: a later one about the same day counts instead,
and one that is planned can be taken back before its day (``taking_back``).
Start at ``OwnTables`` (docs/decisions/0128-tables-are-rows-of-the-agency.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from intake.domain import table_rows, text
from intake.domain.calendar import LAST_SAME_DAY, Calendar, DayKind, local_day
from intake.domain.delegations import Delegation
from intake.domain.own_fees import OwnFee
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from intake.domain.switches import Switching
from intake.domain.table_rows import TableRow, TakenBack

Kind = Literal[
    "holiday", "compensation", "swapped-off", "swapped-working", "usual", "year"
]
"""``usual`` takes back what stood there; ``year`` says that a year is entered wholly,
so that due hours in it can be promised."""
LATEST_CLOSE: Final = time(22)
LONGEST: Final = 31
"""Days of one row: a year typed wrongly would close the office for good."""
AHEAD: Final = timedelta(days=730)
NAME_CHARACTERS: Final = 120


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """Days of one kind, both ends included."""

    agency: str
    first: date
    last: date
    kind: Kind
    name: str
    by: str
    at: datetime
    seq: int = 0
    taken_back: TakenBack | None = None

    @property
    def valid_from(self) -> date:
        return self.first


@dataclass(frozen=True, slots=True)
class ClosingHour:
    """When the office closes, from a day on."""

    agency: str
    valid_from: date
    closes: time
    by: str
    at: datetime
    seq: int = 0
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class OwnTables:
    """All rows of one agency, in the order in which they were written."""

    days: tuple[CalendarRow, ...] = ()
    hours: tuple[ClosingHour, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    fees: tuple[OwnFee, ...] = ()
    switches: tuple[Switching, ...] = ()
    rows: tuple[TableRow, ...] = ()
    """The rows of the tables that ``office_tables`` declares."""

    def over(self, common: Calendar) -> Calendar:
        """The calendar of the program with this agency's days laid over it."""
        days = dict(common.days)
        counting = [row for row in self.days if row.taken_back is None]
        for row in counting:
            for day in _span(row):
                if row.kind == "usual":
                    days.pop(day, None)
                elif row.kind != "year":
                    days[day] = DayKind(row.kind)
        entered = {row.first.year for row in counting if row.kind == "year"}
        return Calendar(common.years | entered, days)

    def closes(self, day: date, usual: time) -> time:
        begun = table_rows.begun(self.hours, day)
        ordered = sorted(begun, key=lambda each: each.valid_from)
        return ordered[-1].closes if ordered else usual


NONE: Final = OwnTables()
Own = Callable[[str], OwnTables]
"""The tables of an agency as of now."""


def unchanged(_agency: str) -> OwnTables:
    """Nobody has decided anything: the program's tables count."""
    return NONE


def days_changed(
    known: OwnTables,
    kind: Kind,
    span: tuple[date, date],
    name: str,
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> tuple[CalendarRow, Note]:
    """A new row, from today on at the earliest. Raises Conflict, NotAllowed.

    What was promised stays: a case keeps the due hour of its day.
    """
    table_rows.check_changes(known.days, version)
    first, last = span
    if kind == "year":
        first, last = date(first.year, 1, 1), date(first.year, 1, 1)
    _check_span(first, last, local_day(at), whole_year=kind == "year")
    words = text.line(name)[:NAME_CHARACTERS]
    if not words and kind not in {"usual", "year"}:
        raise NotAllowed("error.calendar-name")
    row = CalendarRow(by.agency, first, last, kind, words, by.name, at)
    note = _note(
        "calendar-changed",
        by,
        at,
        kind=kind,
        first=first.isoformat(),
        last=last.isoformat(),
        name=words,
    )
    return row, note


def hour_changed(
    known: OwnTables,
    closes: time,
    valid_from: date,
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> tuple[ClosingHour, Note]:
    """Another hour of closing, from tomorrow on at the earliest. Raises Conflict, and
    NotAllowed for an hour at which what came at three could not be due any more.
    """
    table_rows.check_changes(known.hours, version)
    if not LAST_SAME_DAY < closes <= LATEST_CLOSE:
        raise NotAllowed(
            "error.closing-hour",
            least=f"{LAST_SAME_DAY:%H:%M}",
            most=f"{LATEST_CLOSE:%H:%M}",
        )
    _check_from(valid_from, at)
    row = ClosingHour(by.agency, valid_from, closes, by.name, at)
    values = {"closes": f"{closes:%H:%M}", "from": valid_from.isoformat()}
    return row, _note("hours-changed", by, at, **values)


def _check_span(first: date, last: date, today: date, *, whole_year: bool) -> None:
    if last < first or (last - first).days >= LONGEST:
        raise NotAllowed("error.calendar-span", n=LONGEST)
    if first < today and not whole_year:
        raise NotAllowed("error.calendar-past", day=f"{today:%d/%m/%Y}")
    if last > today + AHEAD or (whole_year and first.year < today.year):
        raise NotAllowed("error.calendar-ahead")


def _check_from(valid_from: date, at: datetime) -> None:
    earliest = local_day(at) + timedelta(days=1)
    if not earliest <= valid_from <= earliest + AHEAD:
        raise NotAllowed("error.table-from", day=f"{earliest:%d/%m/%Y}")


def _span(row: CalendarRow) -> list[date]:
    count = (row.last - row.first).days + 1
    return [row.first + timedelta(days=n) for n in range(count)]


def _note(action: str, by: Actor, at: datetime, **values: str | int) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values=dict(values),
    )
