"""The words of a clause page as it states them itself: nothing of it is proven.

For a copy that is judged without its order (``gate/terms.py``). What is found here is
then asked for as if it had been ordered, so that clause page, margins, QR code and
metadata must all say the same. Start at ``find_words``.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Final

from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.elements import Code, DrawnRule, Element, TextLine
from storage.domain.gate.words.qr import dark_rows
from storage.domain.gate.words.sheets import (
    BOLD,
    CODE_BOLD,
    CODE_PLAIN,
    ITALIC,
    WordBlock,
    clause_blocks,
)

_NUMBER: Final = "Số chứng thực: "
_BOOK: Final = "Quyển số: "
_ADDRESS: Final = "Địa chỉ kiểm tra: "
_CHECK_PATH: Final = "/kiem-tra"
_DAY: Final = re.compile(r"[Nn]gày (\d\d) tháng (\d\d) năm (\d{4})")
_SCHEMES: Final = ("https://", "http://")

_Test = Callable[[TextLine], bool]


@dataclass(frozen=True, slots=True)
class FoundWords:
    """What a clause page says of its order."""

    statement: str
    book: str
    day: date
    place: str
    agency_lines: tuple[str, ...]
    title_lines: tuple[str, ...]
    officer: str
    code: str
    """The verification code without its dashes."""
    public_host: str
    original_sha256: str
    demo: bool


def find_words(elements: Sequence[Element], template: str) -> FoundWords:
    """The words of a page in this layout. Raises Refused where it has no such words."""
    lines = [one for one in elements if isinstance(one, TextLine)]
    require(lines, "clause-page", "no words")
    boxes = {block.name: block for block in clause_blocks(template)}
    head = _before_first_rule(elements)
    agency = tuple(_rows(line for line in head if not line.red))
    dated = next((m for line in lines if (m := _DAY.search(line.text))), None)
    if dated is None:
        refuse("clause-page", "no date")
    italics = [one for one in lines if one.font == ITALIC]
    placed = [one for one in italics if _inside(one, boxes["motto"])]
    digest = _text(lines, lambda one: one.font == CODE_PLAIN)
    code = _text(lines, lambda one: one.font == CODE_BOLD).replace("-", "")
    return FoundWords(
        statement=_statement(lines, boxes["statement"]),
        book=_cell(lines, boxes["book"], _BOOK),
        day=date(int(dated[3]), int(dated[2]), int(dated[1])),
        place=_joined(placed).partition(", ngày ")[0],
        agency_lines=agency,
        title_lines=tuple(_rows(one for one in lines if _inside(one, boxes["title"]))),
        officer=_joined(one for one in lines if _inside(one, boxes["officer"])),
        code=code,
        public_host=_host(elements, lines, code),
        original_sha256=digest.replace(" ", ""),
        demo=lines[0].red,
    )


def _before_first_rule(elements: Sequence[Element]) -> list[TextLine]:
    before = takewhile(lambda one: not isinstance(one, DrawnRule), elements)
    return [one for one in before if isinstance(one, TextLine)]


def _statement(lines: Sequence[TextLine], block: WordBlock) -> str:
    above = takewhile(lambda one: one.text != _NUMBER, lines)
    return _joined(one for one in above if one.font == BOLD and _inside(one, block))


def _cell(lines: Sequence[TextLine], block: WordBlock, label: str) -> str:
    start = next((at for at, one in enumerate(lines) if one.text == label), None)
    if start is None:
        refuse("clause-page", label)
    behind = takewhile(lambda one: one.font == BOLD, lines[start + 1 :])
    return _joined(one for one in behind if _inside(one, block))


def _host(elements: Sequence[Element], lines: Sequence[TextLine], code: str) -> str:
    """The origin that both the address and the QR code name."""
    start = next((at for at, one in enumerate(lines) if one.text == _ADDRESS), None)
    if start is None:
        refuse("clause-page", _ADDRESS)
    behind = takewhile(lambda one: one.font == BOLD, lines[start + 1 :])
    name = "".join(one.text for one in behind).removesuffix(_CHECK_PATH)
    drawn = next((one.dark for one in elements if isinstance(one, Code)), b"")
    hosts = [f"{scheme}{name}" for scheme in _SCHEMES if name.isascii()]
    named = [host for host in hosts if dark_rows(f"{host}/k/{code}")[1] == drawn]
    require(len(named) == 1, "qr", "another address")
    return named[0]


def _text(lines: Iterable[TextLine], wanted: _Test) -> str:
    return "".join(one.text for one in lines if wanted(one))


def _joined(lines: Iterable[TextLine]) -> str:
    """The rows as one text, a blank where a row ended."""
    return " ".join(_rows(lines))


def _rows(lines: Iterable[TextLine]) -> list[str]:
    """The text of each base line; blanks at its end belong to the break."""
    rows: list[tuple[float, str]] = []
    for one in lines:
        if rows and rows[-1][0] == one.y:
            rows[-1] = one.y, rows[-1][1] + one.text
        else:
            rows.append((one.y, one.text))
    return [text.rstrip(" ") for _, text in rows]


def _inside(line: TextLine, block: WordBlock) -> bool:
    left, low, right, high = block.box
    return left - 1 <= line.x <= right and low <= line.y <= high
