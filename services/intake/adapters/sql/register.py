"""The book: lines are entered, never changed; corrections are notes beside them."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, extract, func, insert, select

from chassis.database import Database
from ecopy.marks import YearBook
from intake.adapters.sql import closed, skipping
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import documents, register, register_notes
from intake.domain import numbers
from intake.domain.closing import Period
from intake.domain.records import NotFound
from intake.domain.register import (
    RegisterEntry,
    RegisterLine,
    RegisterNote,
    RegisterPage,
)
from intake.domain.states import State

ENTRY = tuple(column.name for column in register.columns)
NOTE = ("at", "by", "text", "kind")
MOST_DIGITS: Final = 9
"""The digits of an ordinal: more are no number of a book, and fit no column."""

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ENTER: Final = insert(register)


class SqlRegister:
    """``ports.Register``: reading the book."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(
        self, agency: str, year: int, month: int
    ) -> tuple[RegisterLine, ...]:
        period = Period(year, month)
        return await self._database.read(
            lambda tx: lines_between(tx, agency, period.first, period.after)
        )

    async def page(
        self, book: YearBook, month: Period, after: int, most: int
    ) -> RegisterPage:
        return await self._database.read(lambda tx: _page(tx, book, month, after, most))

    async def months(self, agency: str) -> tuple[tuple[int, int], ...]:
        return await self._database.read(lambda tx: _months(tx, agency))


def next_ordinal(tx: Connection, agency: str, series: str, year: int) -> int:
    """The highest ordinal, a line's or a lost one, plus one; nobody else takes a number
    of this book until the transaction ends.
    """
    # Not a database sequence: that gives a number away when its transaction fails, and
    # the book must have no gap that nobody can explain.
    book = YearBook(agency, series, year)
    skipping.reserve_book(tx, book)
    return numbers.next_ordinal(skipping.highest(tx, book))


def enter(tx: Connection, entry: RegisterEntry) -> None:
    """Raises NotAllowed where the month of its day is closed."""
    # ``next_ordinal`` has reserved the book in this transaction.
    closed.check_open(tx, entry.agency, entry.date)
    tx.execute(_ENTER, named(entry, ENTRY))


def remark(tx: Connection, entry: str, note: RegisterNote) -> None:
    """Note beside the line of *entry*."""
    tx.execute(insert(register_notes).values(entry=entry, **named(note, NOTE)))


def lines_between(
    tx: Connection, agency: str, first: date, after: date
) -> tuple[RegisterLine, ...]:
    """All lines from *first* until before *after*, in the order of their numbers."""
    which = (
        register.c.agency == agency,
        register.c.date >= first,
        register.c.date < after,
    )
    return _lines(tx, *which)


def line(tx: Connection, agency: str, year: int, number: str) -> RegisterLine:
    """The line whose number people read as *number*, however the office writes it, or
    the ordinal alone. Raises NotFound, also for another agency's.
    """
    of_year = (register.c.agency == agency, register.c.year == year)
    found = _lines(tx, *of_year, register.c.number == number)
    digits = number.isascii() and number.isdecimal()
    if not found and digits and len(number) <= MOST_DIGITS:
        found = _lines(tx, *of_year, register.c.ordinal == int(number))
    if not found:
        raise NotFound(number)
    return found[0]


def _page(
    tx: Connection, book: YearBook, month: Period, after: int, most: int
) -> RegisterPage:
    """One page, read by the book's own index from where the page before has ended."""
    whole = (
        register.c.agency == book.agency,
        register.c.series == book.series,
        register.c.year == book.year,
        register.c.date >= month.first,
        register.c.date < month.after,
    )
    # One line more than is shown says whether another page follows.
    ordinals = tx.scalars(
        select(register.c.ordinal)
        .where(*whole, register.c.ordinal > after)
        .order_by(register.c.ordinal)
        .limit(most + 1)
    ).all()
    last = ordinals[:most][-1] if ordinals else after
    shown = (*whole, register.c.ordinal > after, register.c.ordinal <= last)
    copies, fee = _sums(tx, *whole)
    more = last if len(ordinals) > most else None
    return RegisterPage(_lines(tx, *shown), copies, fee, more)


def _sums(tx: Connection, *which: ColumnElement[bool]) -> tuple[int, int]:
    """Copies and fee. A number that is void counts for neither."""
    sums = (func.coalesce(func.sum(c), 0) for c in (register.c.copies, register.c.fee))
    copies, fee = tx.execute(
        select(*sums)
        .join(documents, documents.c.id == register.c.document)
        .where(*which, documents.c.state != State.VOID)
    ).one()
    return int(copies), int(fee)


def _lines(tx: Connection, *which: ColumnElement[bool]) -> tuple[RegisterLine, ...]:
    found = tx.execute(
        select(register, documents.c.case.label("case"), documents.c.state)
        .join(documents, documents.c.id == register.c.document)
        .where(*which)
        .order_by(register.c.year, register.c.ordinal)
    ).all()
    notes = _notes(tx, *which)
    return tuple(_line(row, tuple(notes[row.entry])) for row in found)


def _notes(
    tx: Connection, *which: ColumnElement[bool]
) -> dict[str, list[RegisterNote]]:
    """Entry → its notes. Joined and not listed by name: a year has more lines than a
    statement takes parameters (SQLite 32,766, PostgreSQL 65,535).
    """
    notes: dict[str, list[RegisterNote]] = defaultdict(list)
    for row in tx.execute(
        select(register_notes)
        .join(register, register.c.entry == register_notes.c.entry)
        .where(*which)
        .order_by(register_notes.c.seq)
    ):
        notes[row.entry].append(RegisterNote(**named(row, NOTE)))
    return notes


def _line(row: Row[Any], notes: tuple[RegisterNote, ...]) -> RegisterLine:
    return RegisterLine(
        entry=RegisterEntry(**named(row, ENTRY)),
        notes=notes,
        case=row.case,
        state=State(row.state),
    )


def _months(tx: Connection, agency: str) -> tuple[tuple[int, int], ...]:
    year, month = extract("year", register.c.date), extract("month", register.c.date)
    found = tx.execute(
        select(year.label("year"), month.label("month"))
        .where(register.c.agency == agency)
        .distinct()
    )
    return tuple(sorted(((int(r.year), int(r.month)) for r in found), reverse=True))
