"""Lines of the register, as of their day."""

from dataclasses import dataclass
from datetime import date, datetime

from intake.domain.states import State


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A line of the book, as of its day; never changed, corrections are notes."""

    entry: str
    agency: str
    series: str
    year: int
    ordinal: int
    number: str
    book: str
    date: date
    requester: str
    title: str
    officer: str
    officer_title: str
    copies: int
    fee: int
    document: str


@dataclass(frozen=True, slots=True)
class RegisterNote:
    """What is noted beside a line of the book, by whom and when."""

    at: datetime
    by: str
    """The person's name as on papers."""
    text: str
    kind: str = ""
    """``void``: *text* is why the number ends without a copy; empty: *text* alone."""


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A line with what was noted beside it since."""

    entry: RegisterEntry
    notes: tuple[RegisterNote, ...]
    case: str
    state: State


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Some lines of a month, and what the whole month comes to."""

    lines: tuple[RegisterLine, ...]
    copies: int
    fee: int
    more: int | None
    """The ordinal of the last of these lines; None where the month has none after it.
    """
