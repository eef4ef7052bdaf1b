"""A month or a year of the register is closed by a named person, and is then over.

Lines are never changed; what is closed gets no line any more, and its totals are those
that the person has confirmed. Corrections are notes. Start at ``closed``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from intake.domain.calendar import local_day
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.refusing import worded
from intake.domain.register import RegisterLine, RegisterNote
from intake.domain.states import UNENDED, NotAllowed, State

MOST_NAMED = 5
"""Numbers that a sentence names; the page shows the others."""


@dataclass(frozen=True, slots=True)
class Period:
    """A month of the register, or a whole year where *month* is 0."""

    year: int
    month: int = 0

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def after(self) -> date:
        """The first day that does not belong to it."""
        month = self.month or 12
        return date(self.year + month // 12, month % 12 + 1, 1)

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)

    @property
    def shown(self) -> str:
        """``11/2026`` or ``2026``."""
        return f"{self.month}/{self.year}" if self.month else str(self.year)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a period comes to. A void number is a line, and no copy and no fee."""

    lines: int
    copies: int
    fee: int
    void: int
    first: str = ""
    """The displayed number of its first line; empty where it has none."""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """Who has closed a period, when, and what it came to."""

    period: Period
    totals: Totals
    by: str
    by_name: str
    title: str
    """The officer's title of that day, in one line."""
    at: datetime


def totals(lines: Sequence[RegisterLine]) -> Totals:
    counted = [line.entry for line in lines if line.state is not State.VOID]
    return Totals(
        lines=len(lines),
        copies=sum(entry.copies for entry in counted),
        fee=sum(entry.fee for entry in counted),
        void=len(lines) - len(counted),
        first=lines[0].entry.number if lines else "",
        last=lines[-1].entry.number if lines else "",
    )


def closed(
    period: Period,
    lines: Sequence[RegisterLine],
    before: Sequence[Closing],
    *,
    title: str,
    by: Actor,
    at: datetime,
    merged_on: date | None = None,
) -> tuple[Closing, Note]:
    """The period closed by *by*, with its line of audit. Raises NotAllowed while it has
    a day to come or a number without an end, and where it is closed already. An agency
    that was merged has no day to come.

    *lines* are all lines of the period and *before* all closings of its agency's year;
    both MUST be read in the transaction that stores the outcome.
    """
    _check_open(period, before)
    if not over(period, local_day(at), merged_on):
        last = f"{period.last:%d/%m/%Y}"
        raise NotAllowed("error.close-early", period=period.shown, day=last)
    _check_ended(period, lines)
    if not period.month:
        _check_months(period, lines, before)
    closing = Closing(period, totals(lines), by.user, by.name, title, at)
    return closing, _note(closing, by)


def over(period: Period, today: date, merged_on: date | None) -> bool:
    """Whether no line can come into the period any more."""
    return today >= period.after or (merged_on is not None and today >= merged_on)


def noted(text: str, by: Actor, at: datetime) -> RegisterNote:
    """A correction beside a line, which stays as it is. Raises NotAllowed."""
    return RegisterNote(at, by.name, worded(text, missing="error.note-text"), "added")


def noted_audit(line: RegisterLine, by: Actor, at: datetime) -> Note:
    """The act's line of audit; what was noted stands in the register itself."""
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="register-noted",
        case=line.case,
        address=by.address,
        values={"number": line.entry.number},
    )


def _check_open(period: Period, before: Sequence[Closing]) -> None:
    for known in before:
        if known.period in {period, Period(period.year)}:
            raise NotAllowed(
                "error.closed-before",
                period=known.period.shown,
                who=known.by_name,
                day=f"{local_day(known.at):%d/%m/%Y}",
            )


def _check_ended(period: Period, lines: Sequence[RegisterLine]) -> None:
    moving = [line.entry.number for line in lines if line.state in UNENDED]
    if moving:
        numbers = ", ".join(moving[:MOST_NAMED])
        raise NotAllowed(
            "error.close-moving", period=period.shown, n=len(moving), numbers=numbers
        )


def _check_months(
    period: Period, lines: Sequence[RegisterLine], before: Sequence[Closing]
) -> None:
    done = {known.period.month for known in before}
    missing = sorted({line.entry.date.month for line in lines} - done)
    if missing:
        months = ", ".join(Period(period.year, month).shown for month in missing)
        raise NotAllowed("error.close-months", year=period.year, months=months)


def _note(closing: Closing, by: Actor) -> Note:
    return Note(
        at=closing.at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="register-closed",
        address=by.address,
        values={
            "period": closing.period.shown,
            "lines": closing.totals.lines,
            "copies": closing.totals.copies,
            "fee": closing.totals.fee,
            "void": closing.totals.void,
        },
    )
