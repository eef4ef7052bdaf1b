"""High-water marks: the highest number of each register book that a service has met.

Signing and storage publish theirs to a stream that keeps the last word of each, and
intake gives no number at or below them: a register that was put back from an older
backup would give the same numbers to other people (docs/decisions/0089). A mark is
signed as events are. It is no event: it says nothing about one entry, and only the last
one counts. Start at ``Marks``.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from pydantic import AwareDatetime

from ecopy.identifiers import AgencyCode, EntryId
from ecopy.ordered import Model
from ecopy.refusals import Poison


class YearBook(NamedTuple):
    """The lines of one agency, one series and one year: numbered from 1 on."""

    agency: str
    series: str
    year: int

    def __str__(self) -> str:
        """``H99.42.05.13/E/2026``: an entry id without its ordinal."""
        return f"{self.agency}/{self.series}/{self.year}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what is not written as ``__str__`` writes it."""
        agency, series, year = text.split("/")
        return cls(agency, series, int(year))


def book_of(entry: EntryId) -> tuple[YearBook, int]:
    """The book in which an entry stands, and its ordinal there."""
    book, _, ordinal = entry.rpartition("/")
    return YearBook.parse(book), int(ordinal)


class Mark(Model):
    """What one service knows of one book."""

    agency: AgencyCode
    series: str
    year: int
    highest: int
    """The highest ordinal that the service knows to have been given; 0 for none."""
    archived: int = 0
    """The highest ordinal whose copy it knows to be archived; 0 for none."""

    @property
    def book(self) -> YearBook:
        return YearBook(self.agency, self.series, self.year)


class Marks(Model):
    """All that one service knows; a book that is not in it has no number there."""

    at: AwareDatetime
    books: tuple[Mark, ...] = ()

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Fields that this version does not know are ignored. Raises Poison."""
        try:
            return cls.model_validate_json(body)
        except ValueError as error:
            raise Poison("not a mark") from error

    def raised_by(self, others: Iterable[Mark]) -> Self:
        """These marks and *others*, of each book the higher figures: a service whose
        database is new or older must never lower what was known before.
        """
        books: dict[YearBook, Mark] = {mark.book: mark for mark in self.books}
        for other in others:
            books[other.book] = _higher(books.get(other.book), other)
        ordered = tuple(books[book] for book in sorted(books))
        return self.model_copy(update={"books": ordered})


def marks_of(
    highest: Mapping[YearBook, int], archived: Mapping[YearBook, int]
) -> tuple[Mark, ...]:
    """Marks from what a service counts in its own tables."""
    return tuple(
        Mark(
            agency=book.agency,
            series=book.series,
            year=book.year,
            highest=max(highest.get(book, 0), archived.get(book, 0)),
            archived=archived.get(book, 0),
        )
        for book in sorted({*highest, *archived})
    )


def _higher(one: Mark | None, other: Mark) -> Mark:
    if one is None:
        return other
    return one.model_copy(
        update={
            "highest": max(one.highest, other.highest),
            "archived": max(one.archived, other.archived),
        }
    )
