"""The register as a table for a spreadsheet: its columns, and CSV that runs nothing.

XLSX is an adapter's, because a library writes it. Start at ``csv_bytes``;
docs/decisions/0120 says why each text is written as it is.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from intake.domain.handouts.book_values import remarks
from intake.domain.handouts.wording import Sentences
from intake.domain.register import RegisterLine
from intake.domain.states import State

Cell = str | int | date
COLUMNS: Final = (
    *("number", "date", "requester", "title", "officer", "copies", "fee", "note"),
)
"""Keys below ``register.col``: the eight columns of the book."""
_FORMULA: Final = re.compile(r"[\s]*[=+\-@\t\r\n＝＋－＠]")
"""How a cell begins that a spreadsheet may run (OWASP, CSV Injection), also behind
blanks, which some of them cut off, and in the wide forms of East Asia."""
_FIGURE: Final = re.compile(r"[\s\d.,:/%Ee+-]*\d[\s\d.,:/%Ee+-]*")
"""A text that a spreadsheet would take for a number or a date, and show otherwise:
``0012`` as 12, ``12/2026`` as a day of December."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table with its head and its sums."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheet(title: str, lines: Sequence[RegisterLine], words: Sentences) -> ExportTable:
    """All lines, with days as days and figures as figures."""
    head = tuple(words(f"register.col.{column}") for column in COLUMNS)
    return ExportTable(title, head, tuple(_row(line, words) for line in lines))


def csv_bytes(table: ExportTable) -> bytes:
    """The table as CSV (RFC 4180) in UTF-8 with a mark at its start, by which Excel
    tells the letters; every text in quotes, days as ISO 8601.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(table.head)
    writer.writerows(map(_plain, table.rows))
    return text.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text with an apostrophe before it, where a spreadsheet would run it or take
    it for a figure: whoever reads the file sees it, and nothing else changes.
    """
    if _FORMULA.match(text) or _FIGURE.fullmatch(text):
        return f"'{text}"
    return text


def _plain(row: Sequence[Cell]) -> list[str | int]:
    return [_cell(cell) for cell in row]


def _cell(cell: Cell) -> str | int:
    if isinstance(cell, date):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else cell


def _row(line: RegisterLine, words: Sentences) -> tuple[Cell, ...]:
    entry, void = line.entry, line.state is State.VOID
    return (
        entry.number,
        entry.date,
        entry.requester,
        entry.title,
        f"{entry.officer}, {entry.officer_title}",
        0 if void else entry.copies,
        0 if void else entry.fee,
        remarks(line, words),
    )
