"""The page of one table that an agency may change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from intake.domain.declared import Column
from intake.domain.table_rows import Standing, TakenBack


@dataclass(frozen=True, slots=True)
class TableCell:
    column: str
    value: str
    chosen: bool
    """It is one of the column's choices, with words of its own."""


@dataclass(frozen=True, slots=True)
class TableLine:
    seq: int
    key: str
    valid_from: date
    cells: tuple[TableCell, ...]
    own: bool
    by: str
    at: datetime | None
    standing: Standing
    taken_back: TakenBack | None


@dataclass(frozen=True, slots=True)
class TableView:
    table: str
    tables: tuple[str, ...]
    """All of them, for the links beside the page."""
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    """All keys that there can be; none where an administrator may add some."""
    known_keys: tuple[str, ...]
    rows: tuple[TableLine, ...]
    version: int
    valid_from: date
    """The earliest first day of a new row."""
    now: datetime
    chosen: str = ""
    """The key with which the form begins."""
    begins: Mapping[str, str] = field(default_factory=dict)
    """Column → what its field begins with."""
    samples: tuple[str, ...] = ()
    """What the row that is being typed will look like."""
