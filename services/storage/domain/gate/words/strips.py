"""What the margin of a page shows: number, code, page, and a test copy's warning.

docs/dialect.md §10.5. One line where the page is wide enough for it, else as many short
ones as give the largest letters. The letters' own widths say which, as they told the
writer; it also moved some of them closer, so that it may differ by ``NEAR``. Start at
``arrangements``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from storage.domain.gate.words.letters import Letters
from storage.domain.gate.words.reading import NEAR
from storage.domain.gate.words.sheets import BOLD, PLAIN, Edge, WordBlock, WordSpan
from storage.domain.gate.words.wording import Wording

MARGIN: Final = 25.5
_SIZE: Final = 9.0
_SMALLEST_WIDE: Final = 0.7
_DEMO: Final = ("Bản thử nghiệm –", "không có giá trị", "pháp lý")

Row = tuple[WordSpan, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to fill the margin: the blocks in the order in which they are drawn, and
    the one size of all their letters, which the writer may miss by ``NEAR``.
    """

    blocks: tuple[WordBlock, ...]
    size: float


@lru_cache(256)
def arrangements(
    words: Wording, page: int, width: float, letters: Letters
) -> tuple[Arrangement, ...]:
    """Every way that may be the right one; more than one where the sums are close."""
    scale = _wide_scale(words, page, width, letters)
    found: list[Arrangement] = []
    if scale >= _SMALLEST_WIDE * (1 - NEAR):
        found.append(_wide(words, page, width, min(1.0, scale) * _SIZE))
    if scale < _SMALLEST_WIDE * (1 + NEAR):
        found += _narrow(words, page, width, letters)
    return tuple(found)


def _width(letters: Letters, row: Row) -> float:
    """The width of a row in its largest size, as if no two letters were kerned."""
    thousandths = sum(
        letters.fonts[span.font].advances[letter]
        for span in row
        for letter in span.text
    )
    return thousandths * _SIZE / 1000


def _wide_scale(words: Wording, page: int, width: float, letters: Letters) -> float:
    left, middle, right = _cells(words, page)
    pad = min(40.0, width * 0.06)
    side = max(_width(letters, left), _width(letters, right))
    return (width - 2 * pad) / (2 * side + _width(letters, middle) + 24)


def _cells(words: Wording, page: int) -> tuple[Row, Row, Row]:
    left = f"Bản sao số {words.number} · {words.code}"
    right = " ".join(_DEMO) if words.demo else ""
    return (_plain(left),), (_page(words, page),), (_red(right),) if right else ()


def _wide(words: Wording, page: int, width: float, size: float) -> Arrangement:
    pad = min(40.0, width * 0.06)
    box = pad, 0.0, width - pad, MARGIN
    edges: tuple[Edge, ...] = ("left", "middle", "right")
    cells = zip(_cells(words, page), edges, strict=True)
    return Arrangement(
        tuple(WordBlock("footer", box, row, edge) for row, edge in cells if row), size
    )


def _narrow(
    words: Wording, page: int, width: float, letters: Letters
) -> Iterator[Arrangement]:
    """The arrangements in short lines whose letters are the largest, or nearly so."""
    box = 0.0, 0.0, width, MARGIN
    sized = [(_narrow_size(rows, width, letters), rows) for rows in _rows(words, page)]
    largest = max(size for size, _ in sized)
    for size, rows in sized:
        if size >= largest * (1 - NEAR):
            yield Arrangement((WordBlock("footer", box, _in_lines(rows)),), size)


def _rows(words: Wording, page: int) -> tuple[tuple[Row, ...], ...]:
    first, second, third = (_red(text) for text in _DEMO)
    rest = _red(f"{_DEMO[1]} {_DEMO[2]}")
    whole = _red(" ".join(_DEMO))
    label = _plain(f"Bản sao số {words.number}")
    code, paged = _plain(words.code), _page(words, page)
    found = (
        ((label,), (_plain(f"{words.code} · "), paged), (whole,)),
        ((label,), (code,), (paged,), (first,), (rest,)),
        (
            (_plain("Bản sao số"),),
            (_plain(words.number),),
            (code,),
            (paged,),
            (first,),
            (second,),
            (third,),
        ),
    )
    if words.demo:
        return found
    return tuple(tuple(row for row in rows if not row[0].red) for rows in found)


def _narrow_size(rows: Sequence[Row], width: float, letters: Letters) -> float:
    room = width - min(6.0, width * 0.1)
    return min(
        6.5,
        _SIZE * room / max(_width(letters, row) for row in rows),
        (MARGIN - 1) / (1.12 * len(rows) - 0.24),
    )


def _in_lines(rows: Sequence[Row]) -> Row:
    """The rows as one text: a break behind the last word of each but the last."""
    broken = [(*row[:-1], _ended(row[-1])) for row in rows[:-1]]
    return tuple(span for row in (*broken, rows[-1]) for span in row)


def _ended(span: WordSpan) -> WordSpan:
    return WordSpan(span.text + "\n", span.font, span.sizes, span.red)


def _plain(text: str) -> WordSpan:
    return WordSpan(text, PLAIN, ())


def _red(text: str) -> WordSpan:
    return WordSpan(text, BOLD, (), red=True)


def _page(words: Wording, page: int) -> WordSpan:
    return WordSpan(f"Trang {page}/{words.pages}", BOLD, ())
