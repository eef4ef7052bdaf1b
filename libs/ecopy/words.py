"""What the clause page can hold: words that pass here are composed, always.

The composer sets the page and refuses what does not fit, but by then a register number
is taken. So intake asks here first, at its start and at each approval. The answer is on
the safe side: letters are taken as wide as in the widest face, and lines are broken at
spaces only. Measures are those of the layouts (signing's ``layouts.toml``); tests
compose for real at these bounds. Start at ``unfit``.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MM: Final = 72 / 25.4
LEAST_SLACK: Final = 1.03
"""The reserve on each width: two letters may be set a little wider than each alone."""
LINE: Final = 1.25
"""From a line to the next, in type sizes; the composer's is 1.24."""
ABOVE: Final = 0.57
"""The part of a line's height that the first line does not need, in type sizes."""


class Why(StrEnum):
    """What is wrong with a text."""

    LAYOUT = "layout"
    """No layout has this name."""
    EMPTY = "empty"
    LETTER = "letter"
    """It holds a letter or sign that the clause page's type has not."""
    LONG = "long"
    """There is no room for all of it in letters that can be read."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A text that cannot stand on the clause page; *entry* is its name in the files
    that operators write.
    """

    entry: str
    why: Why
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Every text that an order puts on the clause page."""

    layout: str
    clause: str
    number: str
    book: str
    place: str
    agency_lines: tuple[str, ...]
    title_lines: tuple[str, ...]
    officer: str
    public_host: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths in millimetres, the least type sizes in points."""

    agency: float
    motto: float
    heading: float
    words: float
    """Height of statement, number, book and date."""
    place_and_date: bool


# From signing's ``layouts.toml``. A copy of the numbers, because intake must not import
# signing; tests compose at the bounds of each.
LAYOUTS: Final = {
    "clause/1": _Layout(68, 100, 12, 52, place_and_date=False),
    "clause/2": _Layout(84, 94, 11, 52, place_and_date=True),
    "clause/3": _Layout(63, 96, 12.5, 43.5, place_and_date=False),
    "clause/4": _Layout(84, 94, 11, 40, place_and_date=True),
}


def letters() -> str:
    """Every letter and sign that the clause page's type has, in the order of their
    numbers.
    """
    return "".join(sorted({*_ADVANCES, *_VIETNAMESE}))


def unfit(words: Words) -> Iterator[Unfit]:
    """Everything that would keep this clause page from being composed."""
    layout = LAYOUTS.get(words.layout)
    if layout is None:
        yield Unfit("template", Why.LAYOUT, words.layout)
        return
    texts = list(_texts(words))
    yield from _unprintable(texts)
    yield from _too_long(words, layout)


def _texts(words: Words) -> Iterator[tuple[str, str]]:
    yield "clause", words.clause
    yield "number_format", words.number
    yield "book_format", words.book
    yield "place", words.place
    yield from (("name_lines", line) for line in words.agency_lines or ("",))
    yield from (("title_lines", line) for line in words.title_lines)
    yield "name", words.officer
    yield "public_host", words.public_host


def _unprintable(texts: Iterable[tuple[str, str]]) -> Iterator[Unfit]:
    for entry, text in texts:
        if not text.strip():
            yield Unfit(entry, Why.EMPTY, text)
        if any(_width_of(letter) is None for letter in text):
            yield Unfit(entry, Why.LETTER, text)


def _too_long(words: Words, layout: _Layout) -> Iterator[Unfit]:
    """The texts that do not fit, part by part, by the template's own sums."""
    # Sizes and widths in points unless ``* MM``, as in signing's ``clause.typ``.
    agency, titles = words.agency_lines, words.title_lines
    head = _height(agency, 9, layout.agency * MM)
    foot = _height(agency, 8, 220)
    if head is None or head + 6 > 24 * MM or foot is None or foot > 22 * MM:
        yield Unfit("name_lines", Why.LONG, " / ".join(agency))
    if not _fits(titles, 7.5, 220, 20 * MM):
        yield Unfit("title_lines", Why.LONG, " / ".join(titles))
    if not _fits((words.officer,), 9, 220, 14 * MM):
        yield Unfit("name", Why.LONG, words.officer)
    if not _place_fits(words.place, layout):
        yield Unfit("place", Why.LONG, words.place)
    for entry, text, shown in _cells(words):
        if not _fits((shown,), 13.5, 80 * MM, 2 * LINE * 13.5):
            yield Unfit(entry, Why.LONG, text)
    if not _statement_fits(words, layout):
        yield Unfit("clause", Why.LONG, words.clause)
    if not _address_fits(words.public_host):
        yield Unfit("public_host", Why.LONG, words.public_host)


def _cells(words: Words) -> tuple[tuple[str, str, str], ...]:
    """Number and book, which stand side by side."""
    return (
        ("number_format", words.number, f"Số chứng thực: {words.number}"),
        ("book_format", words.book, f"Quyển số: {words.book}"),
    )


def _statement_fits(words: Words, layout: _Layout) -> bool:
    """With the row below it, and the date below that."""
    statement = _height((words.clause,), 11, 162 * MM)
    cells = [_height((shown,), 13.5, 80 * MM) or 0.0 for *_, shown in _cells(words)]
    date = 0 if layout.place_and_date else 5.4 * MM + 0.68 * 13.5
    rest = 10.5 * MM + max(cells) + date
    return statement is not None and statement + rest <= layout.words * MM


def _place_fits(place: str, layout: _Layout) -> bool:
    size = layout.heading + 2
    shown = f"{place}, ngày 00 tháng 00 năm 0000" if layout.place_and_date else place
    return _fits((shown,), size, layout.motto * MM, 2 * LINE * size)


def _address_fits(host: str) -> bool:
    """Three lines, which may also break after a full stop."""
    _, _, name = host.rpartition("://")
    shown = f"Địa chỉ kiểm tra: {name}/kiem-tra".replace(".", ". ")
    return host.isascii() and _fits((shown,), 10.5, 126 * MM, 3 * LINE * 10.5)


def _fits(lines: Sequence[str], size: float, width: float, height: float) -> bool:
    needed = _height(lines, size, width)
    return needed is not None and needed <= height


def _height(lines: Sequence[str], size: float, width: float) -> float | None:
    """The height of all lines, each broken where it must be; None if a word is too
    wide.
    """
    rows = 0
    for line in lines:
        broken = _rows(line, width / size)
        if broken is None:
            return None
        rows += broken
    return (rows * LINE - ABOVE) * size if rows else 0.0


def _rows(line: str, room: float) -> int | None:
    """How many rows *line* takes; *room* is in type sizes."""
    rows, used = 1, 0.0
    for word in line.split(" "):
        width = _width(word)
        if width > room:
            return None
        if used and used + _width(" ") + width > room:
            rows, used = rows + 1, width
            continue
        used += width + (_width(" ") if used else 0.0)
    return rows


def _width(text: str) -> float:
    """The text's width in type sizes; ``_unprintable`` refuses letters without one."""
    thousandths = sum(_width_of(letter) or 1000 for letter in text)
    return thousandths / 1000 * LEAST_SLACK


def _width_of(letter: str) -> int | None:
    """Thousandths of the type size in the widest face; None for one that no face has.

    Marks take no room, but the horn of Ơ and Ư does.
    """
    if letter in _VIETNAMESE:
        parts = unicodedata.normalize("NFD", letter)
        return _ADVANCES[parts[0]] + (_HORN if HORN in parts else 0)
    return _ADVANCES.get(letter)


HORN: Final = "\u031b"
_HORN: Final = 75
"""Thousandths of the type size by which a horn makes its letter wider."""
_WIDTHS: Final = {
    250: " ,.",
    278: "'/\\il|",
    334: "!()-:;`fjt‘’·",
    390: "I[]s",
    444: "cerz",
    500: "#$*0123456789?J_agovxy–{}§°",
    560: 'Sbdhknpquđ~"“”',
    611: "FP^",
    667: "BELTZ",
    725: "ACDNRUVXYwĐ+<=>",
    778: "GHKOQ",
    834: "&m",
    944: "M@",
    1000: "W%—…",
}
"""Measured in Liberation Serif Regular, Bold and Italic, rounded up."""
_ADVANCES: Final = {
    letter: width for width, letters in _WIDTHS.items() for letter in letters
}
_VIETNAMESE: Final = frozenset(
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĨĩŨũƠơƯư"
    + "".join(map(chr, range(0x1EA0, 0x1EFA)))
)
