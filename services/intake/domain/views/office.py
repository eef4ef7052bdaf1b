"""The administrator's pages of how the office is arranged."""

from dataclasses import dataclass
from datetime import date, datetime, time

from intake.domain.switches import Switching
from intake.domain.table_rows import TakenBack
from intake.domain.views.accounts import OfficeChoice


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a month's grid."""

    day: int
    kind: str
    """``DayKind`` of a day that the week does not settle; ``weekend``, or empty."""
    today: bool


@dataclass(frozen=True, slots=True)
class MonthGrid:
    number: int
    weeks: tuple[tuple[DayCell | None, ...], ...]
    """Monday first; None outside the month."""


@dataclass(frozen=True, slots=True)
class DaysLine:
    """A row that this agency has added."""

    first: date
    last: date
    kind: str
    name: str
    by: str
    at: datetime
    planned: int | None = None
    """Its number, where it can be taken back."""
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class HourLine:
    valid_from: date
    closes: time
    by: str
    now: bool
    """This one counts today."""
    planned: int | None = None
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """The due hour of a case that would be complete at that moment."""

    complete_at: datetime
    due_at: datetime | None
    """None where no table says which days of that year are worked."""


@dataclass(frozen=True, slots=True)
class CalendarView:
    now: datetime
    year: int
    years: tuple[int, ...]
    """Years with a table."""
    known: bool
    """This year has one."""
    worked: int
    months: tuple[MonthGrid, ...]
    days: tuple[DaysLine, ...]
    """This agency's own rows of the year, latest first."""
    days_version: int
    hours: tuple[HourLine, ...]
    hours_version: int
    closes: time
    tried: Tried


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One document, as the list shows it."""

    seq: int
    number: str
    signed_on: date
    delegator: str
    delegate: str
    title: str
    """The lines under the clause, as this document makes them."""
    kinds: tuple[str, ...]
    valid_from: date
    valid_until: date
    standing: str
    """``delegations.Standing``."""
    days_left: int
    """Days until the last one; below a limit the page warns."""
    soon: bool
    revoked_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DelegationsView:
    now: datetime
    rows: tuple[DelegationRow, ...]
    delegators: tuple[OfficeChoice, ...]
    delegates: tuple[OfficeChoice, ...]
    """Offices that need a document; none where the agencies file names none."""
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One rule with the day from which it counts."""

    basis: str
    valid_from: date
    first_rate: int
    further_rate: int
    ceiling: int
    own: bool
    by: str
    standing: str
    """``now``, ``later``, ``before`` or ``taken-back``."""
    planned: int | None = None
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class FeesView:
    rows: tuple[FeeLine, ...]
    """Newest first."""
    version: int
    valid_from: date
    """The earliest first day of a new issue."""
    examples: tuple[tuple[int, int], ...]
    """Pages of the original, and what a copy of them costs today."""


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch of the office as it stands today, and every answer so far."""

    name: str
    on: bool
    rows: tuple[Switching, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class SwitchesView:
    now: datetime
    today: date
    switches: tuple[SwitchLine, ...]
    version: int
