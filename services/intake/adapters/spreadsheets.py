"""The register as a workbook, by XlsxWriter: a library that writes and runs nothing."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from intake.domain.calendar import ZONE
from intake.domain.exports import Cell, ExportTable

WIDTHS: Final = (14, 12, 28, 36, 32, 8, 12, 30)
"""In letters; the eight columns of the book."""
OPTIONS: Final = {
    # What a citizen is called is a text, whatever it begins with.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    # No file of its own beside the workbook: some thousand lines lie in memory.
    "in_memory": True,
}
SHEET_NAME_CHARACTERS: Final = 31


class XlsxSpreadsheets:
    """``ports.Spreadsheets``."""

    def xlsx(self, sheet: ExportTable, at: datetime) -> bytes:
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, OPTIONS) as book:
            # Without it the library takes the machine's clock, and no two are equal.
            created = at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
            book.set_properties({"title": sheet.title, "created": created})
            _fill(book, sheet)
        return content.getvalue()


def _fill(book: Any, sheet: ExportTable) -> None:
    page = book.add_worksheet(sheet.title[:SHEET_NAME_CHARACTERS])
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.write_row(0, 0, sheet.head, head)
    formats = {
        str: book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        date: book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
        int: book.add_format({"num_format": "#,##0", "valign": "top"}),
    }
    for number, row in enumerate(sheet.rows, 1):
        for column, cell, kind in _kinds(row):
            _WRITES[kind](page, number, column, cell, formats[kind])
    for column, width in enumerate(WIDTHS):
        page.set_column(column, column, width)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.head) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4, by ECMA-376 part 1, 18.3.1.63
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)


def _kinds(row: tuple[Cell, ...]) -> Iterator[tuple[int, Cell, type]]:
    for column, cell in enumerate(row):
        yield column, cell, date if isinstance(cell, date) else type(cell)


_WRITES: Final = {
    str: lambda page, *cell: page.write_string(*cell),
    date: lambda page, *cell: page.write_datetime(*cell),
    int: lambda page, *cell: page.write_number(*cell),
}
