"""The register of one month."""

from dataclasses import dataclass
from datetime import date

from ecopy.trust import Merger
from intake.domain.closing import Closing
from intake.domain.register import RegisterNote
from intake.domain.skipping import LostLines


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """The eight columns of the book. A number that is void counts for no copy and no
    fee; its line stays as it was entered.
    """

    number: str
    date: date
    requester: str
    title: str
    officer: str
    copies: int
    fee: int
    notes: tuple[RegisterNote, ...]
    case_code: str
    state: str


@dataclass(frozen=True, slots=True)
class RegisterPageView:
    """Some lines of a month, for a program that reads on from *more*."""

    book: str
    rows: tuple[RegisterRow, ...]
    copies: int
    """This and *fee* are of the whole month."""
    fee: int
    more: int | None


@dataclass(frozen=True, slots=True)
class RegisterView:
    agency_name: str
    agency_lines: tuple[str, ...]
    """The name in full, broken as it stands on papers."""
    place: str
    book: str
    year: int
    month: int
    months: tuple[tuple[int, int], ...]
    """(year, month) that have rows, newest first."""
    rows: tuple[RegisterRow, ...]
    copies: int
    fee: int
    may_open: bool = True
    """An administrator reads the book and opens no case."""
    void: int = 0
    """How many of the rows ended without a copy."""
    lost: tuple[LostLines, ...] = ()
    """Numbers that were declared lost in this month."""
    closed: Closing | None = None
    """Who has closed this month, if anybody has."""
    year_closed: Closing | None = None
    may: frozenset[str] = frozenset()
    """``close``, ``close-year``, ``note``."""
    merger: Merger | None = None
    """Which agency this one is part of by now."""
