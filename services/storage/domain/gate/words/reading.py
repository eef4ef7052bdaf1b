"""Lines of text held against the words that were ordered, letter by letter.

docs/dialect.md §10.6. A line may end where the words have a blank or behind a sign at
which a word may be broken; nowhere else. Start at ``read_block``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.elements import Element, Line, Rule
from storage.domain.gate.words.sheets import Block, Box, Span

_MANY: Final = re.compile(" {2,}")
_NEAR: Final = 0.12
"""The part of the type size by which the next letters may miss the end of the last."""
_OFF: Final = 0.2
"""The part of the type size by which a row may stand aside of where its block has it: a
blank at its end is a quarter of one."""
_ROUNDED: Final = 0.005
"""Points by which a size, written with two decimals, may differ from the one by which
the row was placed: on a page of some points that is a letter's width."""
_SAME: Final = 0.02
"""Points: two base lines this near are one, since places have two decimals."""
_LEAST_LINE: Final = 0.9
"""Lines of one block stand at least so many type sizes apart; typst's do 1.1."""
_BREAKS: Final = frozenset(" -/.–")
_ABOVE: Final = 0.62
_BELOW: Final = 0.16
"""How far a line's letters reach from its base line, in type sizes, where no other line
or rule may stand: the bodies of the letters. Their marks and tails may come close to
those of the lines beside, as in any close setting."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter that is to be read, and the span that says how it is set."""

    char: str
    span: Span


def read_block(
    elements: Sequence[Element], at: int, block: Block, size: float | None = None
) -> int:
    """Where the elements go on behind the words of *block*, which begin at *at*.

    With *size*, all letters have it, nearly; else each span has one of its own sizes.
    Raises Refused.
    """
    wanted = [_Letter(c, span) for span in block.spans for c in _blanks(span.text)]
    read: list[Line] = []
    sizes: dict[int, float] = {}
    place = 0
    while place < len(wanted):
        line = elements[at] if at < len(elements) else None
        if not isinstance(line, Line):
            refuse("words", f"{block.name}: missing")
        place = _joined(read[-1] if read else None, line, wanted, place, block)
        place = _read_line(line, wanted, place, block, sizes)
        _check_place(line, block.box, block.name)
        read.append(line)
        at += 1
    _check_sizes(block, sizes, size)
    _check_edges(read, block)
    return at


def _check_edges(read: Sequence[Line], block: Block) -> None:
    """Each row begins, ends or has its middle where the block has its own. A blank at
    the end of a row may count or not.
    """
    left, _, right, _ = block.box
    for _, row in groupby(read, key=lambda line: line.y):
        lines = list(row)
        first, last = lines[0], lines[-1]
        off = {
            "left": first.x - left,
            "middle": (first.x + last.end - left - right) / 2,
            "right": last.end - right,
        }
        size = min(line.size for line in lines)
        slack = _OFF * size + (last.end - first.x) * _ROUNDED / size
        require(abs(off[block.edge]) <= slack, "words", f"{block.name}: moved aside")


def check_apart(elements: Sequence[Element]) -> None:
    """No line of text lies on another one, and no rule strikes one through."""
    lines = [one for one in elements if isinstance(one, Line)]
    rules = [one for one in elements if isinstance(one, Rule)]
    boxes = sorted(map(_inked, lines), key=lambda box: box[1])
    for index, (left, low, right, high) in enumerate(boxes):
        for other in boxes[index + 1 :]:
            if other[1] >= high - _SAME:
                break
            clear = other[0] >= right or other[2] <= left
            require(clear, "words", "one over another")
        for rule in rules:
            beside = rule.x >= right or rule.x + rule.length <= left
            over = rule.y >= high or rule.y + rule.thick <= low
            require(beside or over, "words", "struck through")


def _blanks(text: str) -> str:
    """The text with single blanks, as it is set."""
    return _MANY.sub(" ", text)


def _joined(
    before: Line | None, line: Line, wanted: Sequence[_Letter], place: int, block: Block
) -> int:
    """The place in the words at which *line* begins."""
    if before is None:
        return place
    reach = _NEAR * before.size
    if abs(line.y - before.y) < _SAME and abs(line.x - before.end) <= reach:
        require(wanted[place].char != "\n", "words", f"{block.name}: not broken")
        return place
    lower = before.y - line.y >= _LEAST_LINE * min(line.size, before.size)
    require(lower, "words", f"{block.name}: not below")
    if wanted[place].char in " \n" and not line.text.startswith(" "):
        return place + 1
    broken = wanted[place - 1].char in _BREAKS
    require(broken, "words", f"{block.name}: broken inside a word")
    return place


def _read_line(
    line: Line,
    wanted: Sequence[_Letter],
    place: int,
    block: Block,
    sizes: dict[int, float],
) -> int:
    """The place behind what this line shows."""
    for char in line.text:
        one = wanted[place] if place < len(wanted) else None
        if one is None or one.char != char:
            refuse("words", f"{block.name}: not as ordered")
        same = char == " " or (one.span.font == line.font and one.span.red == line.red)
        require(same, "words", f"{block.name}: font or ink")
        known = sizes.setdefault(id(one.span), line.size)
        require(char == " " or known == line.size, "words", f"{block.name}: sizes")
        place += 1
    return place


def _check_sizes(block: Block, sizes: dict[int, float], size: float | None) -> None:
    for span in block.spans:
        found = sizes.get(id(span))
        if found is None:
            continue
        if size is None:
            require(found in span.sizes, "words", f"{block.name}: size")
            continue
        require(abs(found - size) <= size * _NEAR / 3 + 0.01, "words", "footer: size")


def _check_place(line: Line, box: Box, name: str) -> None:
    left, low, right, high = box
    within = line.x >= left - 1 and line.end <= right + 1
    require(within, "words", f"{name}: beside its place")
    fits = line.y >= low and line.y + _ABOVE * line.size <= high + 1
    require(fits, "words", f"{name}: outside its place")


def _inked(line: Line) -> Box:
    """Where the bodies of its letters are, a hair narrower than they are set."""
    low, high = line.y - _BELOW * line.size, line.y + _ABOVE * line.size
    slack = _NEAR * line.size
    return line.x + slack, low, line.end - slack, high
