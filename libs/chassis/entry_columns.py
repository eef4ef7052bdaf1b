"""Entry ids taken apart by the database, the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select

from ecopy.marks import YearBook

_DIGITS = "0123456789"


def book_column(entry: Any) -> ColumnElement[str]:
    """The book of an entry id, with the slash behind it: ``H99.42.05.13/E/2026/``."""
    column: ColumnElement[str] = func.rtrim(entry, _DIGITS)
    return column


def ordinal_column(entry: Any) -> ColumnElement[int]:
    """The ordinal of an entry id."""
    begin = func.length(book_column(entry)) + 1
    return cast(func.substr(entry, begin), Integer)


def highest_of_each(
    tx: Connection, entry: Any, *conditions: ColumnElement[bool]
) -> dict[YearBook, int]:
    """The highest ordinal of each book in a column of entry ids, of the rows that meet
    *conditions*. Reads every row, but brings one row for each book here.
    """
    book = book_column(entry)
    highest = func.max(ordinal_column(entry))
    rows = tx.execute(select(book, highest).where(*conditions).group_by(book))
    return {YearBook.parse(name.removesuffix("/")): number for name, number in rows}
