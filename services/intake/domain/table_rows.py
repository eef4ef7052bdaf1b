"""Rows of the tables that an agency may change: the program's, and its own over them.

A row says from which day it counts, and no row is changed or removed. One that is
planned can be taken back before its day; after it, a later row ends it. What the tables
are is in ``declared``. Start at ``in_force``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, Protocol, TypeVar

from intake.domain.calendar import local_day
from intake.domain.people import Actor
from intake.domain.records import Conflict, Note, NotFound
from intake.domain.states import NotAllowed

NOTICE: Final = timedelta(days=1)
"""A row counts from the next day at the earliest: what was said and printed on a day
that has begun stays as it was, and each replica has learnt of the row by then."""
AHEAD: Final = timedelta(days=730)
Standing = Literal["now", "later", "before", "taken-back"]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A planned row that will not count."""

    by: str
    at: datetime


class PlannedRow(Protocol):
    """A row of whatever table that counts from a day on, if nobody takes it back."""

    @property
    def seq(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def taken_back(self) -> TakenBack | None: ...


class EnteredRow(PlannedRow, Protocol):
    """One that an administrator of the agency has entered."""

    @property
    def by(self) -> str: ...
    @property
    def at(self) -> datetime: ...


Planned = TypeVar("Planned", bound=PlannedRow)


def begun(rows: Iterable[Planned], day: date) -> list[Planned]:
    """Those that count on *day*, in the order of *rows*."""
    return [r for r in rows if r.valid_from <= day and r.taken_back is None]


def changes(rows: Sequence[PlannedRow]) -> int:
    """How often a table was changed: rows that were entered, and rows taken back. A
    form brings it back.
    """
    return len(rows) + sum(row.taken_back is not None for row in rows)


def check_changes(rows: Sequence[EnteredRow], seen: int) -> None:
    """Raises Conflict where somebody has changed the table since."""
    known = changes(rows)
    if known < seen:
        raise NotAllowed("error.table-version")
    if known > seen:
        at, who = max(
            (row.taken_back.at, row.taken_back.by)
            if row.taken_back is not None
            else (row.at, row.by)
            for row in rows
        )
        raise Conflict(who, at)


def planned(row: PlannedRow, today: date) -> int | None:
    """The number of a row that can be taken back; None for any other."""
    return row.seq if row.valid_from > today and row.taken_back is None else None


def check_planned(row: PlannedRow, at: datetime) -> None:
    """Raises Conflict for a row that is taken back, and NotAllowed once its day has
    begun: what was said by it was said.
    """
    if row.taken_back is not None:
        raise Conflict(row.taken_back.by, row.taken_back.at)
    if row.valid_from <= local_day(at):
        raise NotAllowed("error.row-begun", day=f"{row.valid_from:%d/%m/%Y}")


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a table says under one key from a day on."""

    table: str
    key: str
    valid_from: date
    values: Mapping[str, str]
    agency: str = ""
    """Empty for a row that comes with the program."""
    by: str = ""
    at: datetime | None = None
    seq: int = 0
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as an administrator enters it."""

    key: str
    valid_from: date
    values: Mapping[str, str]


def in_force(rows: Iterable[TableRow], day: date) -> dict[str, TableRow]:
    """Key → the row that counts on *day*, in the order of the rows. Of two from one
    day, an agency's own counts. Before a key's first day its first row does: a clock
    that is wrong leaves nobody without words.
    """
    found: dict[str, TableRow] = {}
    for row in sorted((row for row in rows if row.taken_back is None), key=_order):
        if row.valid_from <= day or row.key not in found:
            found[row.key] = row
    return found


def _order(row: TableRow) -> tuple[date, bool, int]:
    return row.valid_from, bool(row.agency), row.seq


def standing(row: TableRow, counting: Mapping[str, TableRow], today: date) -> Standing:
    """*counting* are the rows in force today."""
    if row.taken_back is not None:
        return "taken-back"
    if row.valid_from > today:
        return "later"
    return "now" if counting[row.key] is row else "before"


def version(rows: Iterable[TableRow], table: str) -> int:
    """How often an agency has changed this table: a form brings it back."""
    mine = [row for row in rows if row.table == table and row.agency]
    return len(mine) + sum(row.taken_back is not None for row in mine)


def check_version(rows: Sequence[TableRow], table: str, seen: int) -> None:
    """Raises Conflict where somebody has changed the table since."""
    known = version(rows, table)
    if known < seen:
        raise NotAllowed("error.table-version")
    if known > seen:
        changes = [_last(row) for row in rows if row.table == table and row.agency]
        at, who = max(changes)
        raise Conflict(who, at)


def _last(row: TableRow) -> tuple[datetime, str]:
    if row.taken_back is not None:
        return row.taken_back.at, row.taken_back.by
    if row.at is None:
        raise ValueError("a row of the program was changed by nobody")
    return row.at, row.by


def entered(table: str, typed: TypedRow, by: Actor, at: datetime) -> TableRow:
    """The row with its day checked. Raises NotAllowed."""
    earliest = local_day(at) + NOTICE
    if not earliest <= typed.valid_from <= earliest + AHEAD:
        raise NotAllowed("error.table-from", day=f"{earliest:%d/%m/%Y}")
    return TableRow(
        table, typed.key, typed.valid_from, typed.values, by.agency, by.name, at
    )


def check_free(row: TableRow, known: Iterable[TableRow]) -> None:
    """Raises NotAllowed where the agency has already planned this key for that day:
    two rows of one day would leave it to their order which of them counts.
    """
    for each in known:
        same = (each.table, each.key, each.valid_from) == (
            row.table,
            row.key,
            row.valid_from,
        )
        if same and each.agency and each.taken_back is None:
            raise NotAllowed("error.row-twice", day=f"{row.valid_from:%d/%m/%Y}")


def taken_back(
    rows: Iterable[TableRow], table: str, seq: int, by: Actor, at: datetime
) -> tuple[TakenBack, Note]:
    """The planned row will not count. Raises NotFound, and NotAllowed once its day has
    begun: what was said by it was said.
    """
    row = next((r for r in rows if (r.table, r.seq) == (table, seq) and r.agency), None)
    if row is None:
        raise NotFound(str(seq))
    check_planned(row, at)
    return TakenBack(by.name, at), noted("row-taken-back", row, by, at)


def noted(action: str, row: TableRow, by: Actor, at: datetime) -> Note:
    values: dict[str, str | int] = {
        "table": row.table,
        "key": row.key,
        "from": row.valid_from.isoformat(),
    }
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values=values | dict(row.values),
    )
