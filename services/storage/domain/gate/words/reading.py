"""Lines of text held against the words that were ordered, letter by letter.

docs/dialect.md §10.6. A line may end where the words have a blank or behind a sign at
which a word may be broken; nowhere else. Start at ``read_block``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import Final

from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.elements import DrawnRule, Element, TextLine
from storage.domain.gate.words.sheets import Box, WordBlock

_MANY: Final = re.compile(" {2,}")
NEAR: Final = 0.04
"""Kerning takes less than this part of a line, so of the size that a margin allows."""
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


@dataclass(slots=True)
class _Reading:
    """How far the words of a block are read."""

    block: WordBlock
    text: str
    ends: tuple[int, ...]
    """Where each span ends in the text."""
    place: int = 0
    at: int = 0
    """The span that the next letter belongs to."""
    sizes: dict[int, float] = field(default_factory=dict)
    """The size of each span that was met."""
    lines: list[TextLine] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return self.place == len(self.text)

    def take(self, line: TextLine) -> None:
        """Raises Refused unless the words go on with this line, in its place."""
        self._join(line)
        same = self.text.startswith(line.text, self.place)
        require(same, "words", f"{self.block.name}: not as ordered")
        end = self.place + len(line.text)
        while self.place < end:
            self._take_of_span(line, min(end, self.ends[self.at]))
        _check_place(line, self.block.box, self.block.name)
        self.lines.append(line)

    def _take_of_span(self, line: TextLine, end: int) -> None:
        """Check how the line's letters up to *end* are set; blanks have no look."""
        span, name = self.block.spans[self.at], self.block.name
        if not self.text[self.place : end].isspace():
            same = span.font == line.font and span.red == line.red
            require(same, "words", f"{name}: font or ink")
            known = self.sizes.setdefault(self.at, line.size)
            require(known == line.size, "words", f"{name}: sizes")
        self.place = end
        if end == self.ends[self.at]:
            self.at += 1

    def _join(self, line: TextLine) -> None:
        """Check where *line* begins, and pass the blank or the break before it."""
        if not self.lines:
            return
        before, name = self.lines[-1], self.block.name
        next_one = self.text[self.place]
        reach = _NEAR * before.size
        if abs(line.y - before.y) < _SAME and abs(line.x - before.end) <= reach:
            require(next_one != "\n", "words", f"{name}: not broken")
            return
        lower = before.y - line.y >= _LEAST_LINE * min(line.size, before.size)
        require(lower, "words", f"{name}: not below")
        if next_one in " \n" and not line.text.startswith(" "):
            self._pass_one()
            return
        broken = self.text[self.place - 1] in _BREAKS
        require(broken, "words", f"{name}: broken inside a word")

    def _pass_one(self) -> None:
        self.place += 1
        if self.place == self.ends[self.at]:
            self.at += 1


def read_block(
    elements: Sequence[Element], at: int, block: WordBlock, size: float | None = None
) -> int:
    """Where the elements go on behind the words of *block*, which begin at *at*.

    With *size*, all letters have it, nearly; else each span has one of its own sizes.
    Raises Refused.
    """
    texts = [_MANY.sub(" ", span.text) for span in block.spans if span.text]
    reading = _Reading(block, "".join(texts), tuple(accumulate(map(len, texts))))
    while not reading.finished:
        line = elements[at] if at < len(elements) else None
        if not isinstance(line, TextLine):
            refuse("words", f"{block.name}: missing")
        reading.take(line)
        at += 1
    _check_sizes(reading, size)
    _check_edges(reading.lines, block)
    return at


def _check_edges(read: Sequence[TextLine], block: WordBlock) -> None:
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
    lines = [one for one in elements if isinstance(one, TextLine)]
    rules = [one for one in elements if isinstance(one, DrawnRule)]
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


def _check_sizes(reading: _Reading, size: float | None) -> None:
    for at, found in reading.sizes.items():
        if size is None:
            allowed = found in reading.block.spans[at].sizes
            require(allowed, "words", f"{reading.block.name}: size")
            continue
        near = abs(found - size) <= size * NEAR + _ROUNDED * 2
        require(near, "words", "footer: size")


def _check_place(line: TextLine, box: Box, name: str) -> None:
    left, low, right, high = box
    within = line.x >= left - 1 and line.end <= right + 1
    require(within, "words", f"{name}: beside its place")
    fits = line.y >= low and line.y + _ABOVE * line.size <= high + 1
    require(fits, "words", f"{name}: outside its place")


def _inked(line: TextLine) -> Box:
    """Where the bodies of its letters are, a hair narrower than they are set."""
    low, high = line.y - _BELOW * line.size, line.y + _ABOVE * line.size
    slack = _NEAR * line.size
    return line.x + slack, low, line.end - slack, high
