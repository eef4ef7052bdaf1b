"""How a register number and its book are written from a day on.

The entry's id is its key for ever; what is written here is text for people. In a format
``{so}`` is the number, ``{nam}`` the year and ``{quyen}`` the book, each with a width
if one is wanted (``{quyen:2}`` is ``02``). Start at ``faults``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from intake.domain.agencies import AgencyEntry
from intake.domain.declared import Column, DeclaredTable
from intake.domain.fee import FeeRule
from intake.domain.numbers import ELECTRONIC, RegisterBook
from intake.domain.table_rows import TableRow
from intake.domain.views.page import FieldError

NUMBER, BOOK, ORDINAL = "number", "book", "ordinal"
SAMPLES: Final = (1, 42, 1180)
LONGEST_FORMAT: Final = 60
_PLACE: Final = re.compile(r"\{(so|nam|quyen)(?::([1-9]))?\}")
_PYTHON: Final = {"so": "number", "nam": "year", "quyen": "book"}
_OURS: Final = {python: ours for ours, python in _PYTHON.items()}
_PYTHON_PLACE: Final = re.compile(r"\{(number|year|book)(?::0([1-9])d)?\}")
_DIGITS: Final = re.compile(r"[0-9]+")


def book_of(values: Mapping[str, str]) -> RegisterBook:
    """The book that a row describes; it MUST have passed ``faults``."""
    return RegisterBook(
        int(values[ORDINAL]), _python(values[NUMBER]), _python(values[BOOK])
    )


def program_row(agency: AgencyEntry) -> TableRow:
    """The book of the agencies' file as a row that counts from the first day on."""
    values = {
        NUMBER: _ours(agency.book.number_format),
        BOOK: _ours(agency.book.book_format),
        ORDINAL: str(agency.book.ordinal),
    }
    first = min(version.valid_from for version in agency.versions)
    return TableRow(TABLE.slug, ELECTRONIC, first, values)


def faults(row: TableRow, known: Sequence[TableRow]) -> tuple[FieldError, ...]:
    """Why these formats would not give each number of a book its own text, in the
    order of the numbers, also beside the numbers that the year has already.
    """
    shapes = (
        *_shape_faults(NUMBER, row.values[NUMBER], needed={"so"}, spare={"nam"}),
        *_shape_faults(BOOK, row.values[BOOK], needed={"quyen", "nam"}, spare=set()),
    )
    return shapes or (*_doubles(row, known), *_backward(row, known))


def samples(row: TableRow, _fee: FeeRule) -> tuple[str, ...]:
    """Three numbers with their book, as the register and the clause will have them."""
    book, year = book_of(row.values), row.valid_from.year
    return tuple(f"{book.number(n, year)}, {book.name(year)}" for n in SAMPLES)


TABLE: Final = DeclaredTable(
    "numbers",
    (
        Column(NUMBER, most=LONGEST_FORMAT),
        Column(BOOK, most=LONGEST_FORMAT),
        Column(ORDINAL, figure=(1, 999)),
    ),
    faults,
    samples,
    keys=(ELECTRONIC,),
)


def _shape_faults(
    field: str, pattern: str, *, needed: set[str], spare: set[str]
) -> Iterator[FieldError]:
    places = [match[1] for match in _PLACE.finditer(pattern)]
    rest = _PLACE.sub("", pattern)
    if "{" in rest or "}" in rest or not set(places) <= needed | spare:
        yield FieldError(field, "error.number-brace", {"field": field})
        return
    for place in sorted(needed):
        if places.count(place) != 1:
            yield FieldError(field, "error.number-once", {"place": f"{{{place}}}"})
    for place in sorted(set(places)):
        if _touches(pattern, place):
            yield FieldError(field, "error.number-touches", {"place": f"{{{place}}}"})


def _touches(pattern: str, place: str) -> bool:
    """Whether another figure stands right beside the place: nobody could tell where the
    number ends, and 1 with 12 would be 11 with 2.
    """
    for match in _PLACE.finditer(pattern):
        before, after = pattern[: match.start()], pattern[match.end() :]
        beside = (before[-1:], after[:1])
        if match[1] == place and any(_figure(each) for each in beside):
            return True
    return False


def _figure(sign: str) -> bool:
    """A digit of any script, or the brace of another place, which becomes digits."""
    return sign.isnumeric() or sign in {"{", "}"}


def _doubles(row: TableRow, known: Sequence[TableRow]) -> Iterator[FieldError]:
    """Two formats of one year may write two numbers alike, as ``{so}/7`` and
    ``7/{so}`` do. That needs one to have as a fixed figure what is the other's number,
    so these figures are all that has to be tried.
    """
    mine, year = book_of(row.values), row.valid_from.year
    standing = [other for other in known if other.taken_back is None]
    for theirs in (book_of(other.values) for other in standing):
        tried = {year, *_figures(mine.number_format), *_figures(theirs.number_format)}
        written = {theirs.number(n, year): n for n in tried}
        for n in sorted(tried):
            alike = mine.number(n, year)
            if written.get(alike, n) != n:
                yield FieldError(NUMBER, "error.number-doubles", {"text": alike})
                return


def _figures(pattern: str) -> set[int]:
    literal = _PYTHON_PLACE.sub(" ", pattern)
    return {int(figures) for figures in _DIGITS.findall(literal)}


def _backward(row: TableRow, known: Sequence[TableRow]) -> Iterator[FieldError]:
    """A later book of one year has a higher ordinal, and so its own name."""
    before = [
        int(other.values[ORDINAL])
        for other in known
        if other.taken_back is None
        and other.agency
        and other.valid_from.year == row.valid_from.year
        and other.valid_from < row.valid_from
    ]
    if before and int(row.values[ORDINAL]) < max(before):
        yield FieldError(ORDINAL, "error.book-back", {"n": max(before)})


def _python(pattern: str) -> str:
    return _PLACE.sub(lambda m: _place(_PYTHON[m[1]], m[2], "0{}d"), pattern)


def _ours(pattern: str) -> str:
    return _PYTHON_PLACE.sub(lambda m: _place(_OURS[m[1]], m[2], "{}"), pattern)


def _place(name: str, width: str | None, shape: str) -> str:
    return f"{{{name}:{shape.format(width)}}}" if width else f"{{{name}}}"
