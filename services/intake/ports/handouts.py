"""Papers that the office hands out: who sets them, their templates, closed periods."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from intake.domain.closing import Closing, Period
from intake.domain.exports import ExportTable
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.records import Note
from intake.domain.register import RegisterLine, RegisterNote
from intake.domain.table_rows import TakenBack

Closes = Callable[[Sequence[RegisterLine], Sequence[Closing]], tuple[Closing, Note]]
"""Decides about a closing by all lines of the period and what is closed already."""
Remarks = Callable[[RegisterLine], tuple[RegisterNote, Note]]


class HandoutTypesetter(Protocol):
    """Sets a filled template (``handouts.sheets.filled``). MUST take every word of it
    as text. Raises Trouble when this machine cannot.
    """

    async def pdf(self, facts: Mapping[str, Any], at: datetime) -> bytes:
        """A PDF with its fonts, made at *at*: the same bytes for the same facts."""
        ...

    async def picture(self, facts: Mapping[str, Any], at: datetime) -> bytes:
        """The first page as PNG."""
        ...


class Spreadsheets(Protocol):
    def xlsx(self, sheet: ExportTable, at: datetime) -> bytes:
        """A workbook that MUST run nothing of what a cell says; the same bytes for the
        same sheet and moment.
        """
        ...


class HandoutTemplates(Protocol):
    """An agency's own templates; none is changed or removed."""

    async def of(self, agency: str) -> tuple[HandoutTemplate, ...]:
        """In the order in which they were issued."""
        ...

    async def issue(self, template: HandoutTemplate, note: Note) -> None:
        """MUST store both in one transaction."""
        ...

    async def take_back(
        self,
        agency: str,
        row: int,
        decide: Callable[[tuple[HandoutTemplate, ...]], tuple[TakenBack, Note]],
    ) -> TakenBack:
        """Note that a planned one will not hold. MUST hold the agency's rows from
        reading to commit.
        """
        ...


class Closings(Protocol):
    """The register's periods and what is noted beside its lines."""

    async def lines(self, agency: str, period: Period) -> tuple[RegisterLine, ...]:
        """All lines of the period in the order of their numbers."""
        ...

    async def closings(self, agency: str, year: int) -> tuple[Closing, ...]:
        """What is closed of that year."""
        ...

    async def close(self, agency: str, period: Period, decide: Closes) -> Closing:
        """MUST store what *decide* returns in a transaction in which nobody enters a
        line into the book of that year.
        """
        ...

    async def remark(
        self, agency: str, year: int, number: str, decide: Remarks
    ) -> RegisterLine:
        """Add a note beside the line of that year whose number is shown as *number*, or
        has it as its ordinal. Raises NotFound for one that is not of this agency.
        """
        ...

    async def record(self, note: Note) -> None:
        """A line of the audit alone: that something was printed."""
        ...
