"""Lost lines in SQL, beside the register: append only, as the book itself.

The highest number of a book is the higher one of both tables. Start at ``highest``.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from chassis.database import Database
from ecopy.marks import YearBook
from intake.adapters.sql import audit
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import register, register_skips
from intake.domain.calendar import ZONE
from intake.domain.records import Note
from intake.domain.skipping import LostLines

Decide = Callable[[int], tuple[LostLines, Note]]


class SqlSkips:
    """``ports.Skips``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def skip(self, book: YearBook, decide: Decide) -> LostLines:
        return await self._database.write(lambda tx: _skip(tx, book, decide))

    async def highest(self, books: Iterable[YearBook]) -> dict[YearBook, int]:
        asked = tuple(books)
        return await self._database.read(
            lambda tx: {book: highest(tx, book) for book in asked}
        )

    async def lost(self, agency: str, year: int, month: int) -> tuple[LostLines, ...]:
        return await self._database.read(lambda tx: _lost(tx, agency, year, month))


def reserve_book(tx: Connection, book: YearBook) -> None:
    """Let nobody else take a number of *book*, or declare one lost, until the
    transaction ends.
    """
    hold(tx, f"register/{book}")


def highest(tx: Connection, book: YearBook) -> int:
    """The highest number that the book has, as a line or as a lost one; 0 for none."""
    asked = {"agency": book.agency, "series": book.series, "of": book.year}
    return max(number or 0 for number in tx.execute(_HIGHEST, asked).one())


def _of_book(table: Any) -> tuple[Any, ...]:
    return (
        table.c.agency == bindparam("agency"),
        table.c.series == bindparam("series"),
        table.c.year == bindparam("of"),
    )


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_LINE: Final = select(func.max(register.c.ordinal)).where(*_of_book(register))
_LOST: Final = select(func.max(register_skips.c.last)).where(*_of_book(register_skips))
_HIGHEST: Final = select(_LINE.scalar_subquery(), _LOST.scalar_subquery())


def _skip(tx: Connection, book: YearBook, decide: Decide) -> LostLines:
    # The lock of an approval: the number that is counted here is nobody's until the
    # lost lines are on disk, and an approval that waited goes on behind them.
    reserve_book(tx, book)
    lines, note = decide(highest(tx, book))
    tx.execute(
        insert(register_skips).values(
            agency=book.agency,
            series=book.series,
            year=book.year,
            first=lines.first,
            last=lines.last,
            reason=lines.reason,
            by=lines.by,
            at=lines.at,
        )
    )
    audit.append(tx, note)
    return lines


def _lost(tx: Connection, agency: str, year: int, month: int) -> tuple[LostLines, ...]:
    """Declared in that month, as the agency's own calendar has it."""
    begin = datetime.combine(date(year, month, 1), time(), ZONE)
    end = (begin + timedelta(days=31)).replace(day=1)
    rows = tx.execute(
        select(register_skips)
        .where(register_skips.c.agency == agency)
        .where(register_skips.c.at >= begin, register_skips.c.at < end)
        .order_by(register_skips.c.seq)
    )
    return tuple(lost_lines(row) for row in rows)


def lost_lines(row: Row[Any]) -> LostLines:
    book = YearBook(row.agency, row.series, row.year)
    return LostLines(book, row.first, row.last, row.reason, row.by, row.at)
