"""The register, and what other books have met of its numbers."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from ecopy.events import AgencyEvent
from ecopy.marks import YearBook
from intake.domain.closing import Period
from intake.domain.figures import MeasuredPaper, OpenPaper, Satisfaction
from intake.domain.numbering import MarksInForce
from intake.domain.reconciling import Reconciliation
from intake.domain.records import Note
from intake.domain.register import RegisterLine, RegisterPage
from intake.domain.skipping import LostLines
from intake.domain.spans import MonthSpan


class Register(Protocol):
    async def lines(
        self, agency: str, year: int, month: int
    ) -> tuple[RegisterLine, ...]: ...

    async def page(
        self, book: YearBook, month: Period, after: int, most: int
    ) -> RegisterPage:
        """The first *most* lines of *month* whose ordinal is above *after*, and what
        the whole month comes to. MUST NOT bring more lines than these into memory.
        """
        ...

    async def months(self, agency: str) -> tuple[tuple[int, int], ...]:
        """(year, month) with lines, newest first."""
        ...


class RetainedMarks(Protocol):
    """What signing and storage have said of the highest numbers."""

    def latest(self) -> MarksInForce: ...


class Skips(Protocol):
    """Lost lines, beside the register."""

    async def skip(
        self, book: YearBook, decide: Callable[[int], tuple[LostLines, Note]]
    ) -> LostLines:
        """MUST give *decide* the book's highest number and store what it returns, with
        its line of audit, in a transaction in which nobody else takes a number of it.
        """
        ...

    async def highest(self, books: Iterable[YearBook]) -> dict[YearBook, int]:
        """The highest number of each, line or lost; 0 for a book without any."""
        ...

    async def lost(self, agency: str, year: int, month: int) -> tuple[LostLines, ...]:
        """What was declared lost in that month."""
        ...


class Reckonings(Protocol):
    """What a loop finds in the desk's own books, once a minute."""

    def latest(self) -> Reconciliation: ...


class Announcements(Protocol):
    async def add(self, facts: Iterable[AgencyEvent]) -> None:
        """MUST announce all of them or none."""
        ...


class ReportedRatings(Protocol):
    async def of(self, agency: str, span: MonthSpan) -> Satisfaction:
        """What citizens have said of these months, as far as it was reported."""
        ...


class Measures(Protocol):
    """What the figures of an office are counted from."""

    async def papers(
        self, agency: str, first: datetime, after: datetime
    ) -> tuple[MeasuredPaper, ...]:
        """All papers of every case of which one ended from *first* until before
        *after*, in the order of cases and papers.
        """
        ...

    async def open(self, agency: str) -> tuple[OpenPaper, ...]: ...
