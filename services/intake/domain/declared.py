"""What a table is that an agency may change: its columns, its keys, what it checks.

A new table is one ``DeclaredTable`` in ``office_tables``, its committed rows in
``services/intake/tables/<slug>.toml`` and its words in the catalogues: page, storage,
audit, planning and taking back are there for all of them. Start at ``typed_values``.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from intake.domain import text
from intake.domain.fee import FeeRule
from intake.domain.table_rows import TableRow
from intake.domain.views.page import FieldError

KEY_FIELD: Final = "row_key"
"""Its name in a form, where ``key`` is the form's own."""
_KEY_SHAPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,29}")
YES_NO: Final = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a row: words, one of *choices*, or a figure between two bounds."""

    name: str
    most: int = 120
    """The most characters of its words."""
    choices: tuple[str, ...] = ()
    figure: tuple[int, int] | None = None
    optional: bool = False


Faults = Callable[[TableRow, Sequence[TableRow]], tuple[FieldError, ...]]
"""What is wrong with a new row beside the rows of its table that are there."""
Samples = Callable[[TableRow, FeeRule], tuple[str, ...]]
"""Lines that show what the row will look like; the fee is that of its day."""


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    slug: str
    columns: tuple[Column, ...]
    faults: Faults
    samples: Samples
    keys: tuple[str, ...] = ()
    """All keys that there can be; where it is empty, an administrator may add some."""


def typed_values(
    table: DeclaredTable, typed: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[FieldError, ...]]:
    """The row's fields, cleaned, and what each column says against them."""
    values = {column.name: text.line(typed[column.name]) for column in table.columns}
    found = [_fault(column, values[column.name]) for column in table.columns]
    errors = tuple(error for error in found if error is not None)
    return values, (*_key_faults(table, typed[KEY_FIELD]), *errors)


def _key_faults(table: DeclaredTable, key: str) -> tuple[FieldError, ...]:
    fits = key in table.keys if table.keys else _KEY_SHAPE.fullmatch(key)
    return () if fits else (FieldError(KEY_FIELD, "error.row-key"),)


def _fault(column: Column, value: str) -> FieldError | None:
    if not value:
        return (
            None if column.optional else FieldError(column.name, "error.column-empty")
        )
    if column.choices and value not in column.choices:
        return FieldError(column.name, "error.column-choice")
    if column.figure and not _within(value, *column.figure):
        least, most = column.figure
        return FieldError(
            column.name, "error.column-figure", {"least": least, "most": most}
        )
    if len(value) > column.most:
        return FieldError(column.name, "error.column-long", {"n": column.most})
    return None


def _within(value: str, least: int, most: int) -> bool:
    try:
        return least <= text.whole_number(value) <= most
    except ValueError:
        return False


def parse(table: DeclaredTable, committed: str) -> tuple[TableRow, ...]:
    """The rows of a committed file. Raises ValueError for one that the table itself
    would not take.
    """
    rows = []
    for raw in tomllib.loads(committed)["rows"]:
        key, day = raw["key"], raw["valid_from"]
        values, errors = typed_values(table, {**raw, KEY_FIELD: key})
        if errors or not isinstance(day, date):
            raise ValueError(f"{table.slug}, {key}: {errors}")
        rows.append(TableRow(table.slug, key, day, values))
    return tuple(rows)
