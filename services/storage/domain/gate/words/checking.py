"""Whether a copy shows the words that were ordered, and not a letter more.

docs/dialect.md §10. Start at ``ReadWords``, which is made once a copy and asked for
each of its drawings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.domain.gate.pdf.tokens import Ref
from storage.domain.gate.refusal import Refused, refuse, require
from storage.domain.gate.words.elements import (
    Code,
    DrawnRule,
    Element,
    read_elements,
)
from storage.domain.gate.words.letters import Letters
from storage.domain.gate.words.qr import dark_rows
from storage.domain.gate.words.reading import check_apart, read_block
from storage.domain.gate.words.sheets import (
    WIDTH,
    Part,
    QrPlace,
    RulePlace,
    WordBlock,
    clause_sheet,
)
from storage.domain.gate.words.strips import Arrangement, arrangements
from storage.domain.gate.words.wording import Wording

_NEAR: Final = 0.011
"""Points: places are written with two decimals, and were rounded from more."""


@dataclass(frozen=True, slots=True)
class ReadWords:
    """The words of one order, and the letters of the copy that should show them."""

    words: Wording
    letters: Letters
    resources: Ref
    """What every page and margin names as its resources: these letters and no more."""

    def check_clause(self, drawing: bytes) -> None:
        """Raises Refused unless the clause page shows its words, its rules, its code
        and the margin's line, in this order, in their places, and nothing else.
        """
        elements = read_elements(drawing, self.letters, "clause-page")
        at = 0
        for part in clause_sheet(self.words):
            at = self._passed(elements, at, part)
        self._check_strip(elements[at:], self.words.pages, WIDTH)
        check_apart(elements)

    def check_footer(self, drawing: bytes, page: int, width: float) -> None:
        """The same of the margin below page number *page*, which is *width* wide."""
        elements = read_elements(drawing, self.letters, "footer")
        self._check_strip(elements, page, width)
        check_apart(elements)

    def _passed(self, elements: Sequence[Element], at: int, part: Part) -> int:
        if isinstance(part, WordBlock):
            return read_block(elements, at, part)
        found = elements[at] if at < len(elements) else None
        if isinstance(part, RulePlace):
            _check_bar(found, part)
        if isinstance(part, QrPlace):
            _check_code(found, part)
        return at + 1

    def _check_strip(
        self, elements: Sequence[Element], page: int, width: float
    ) -> None:
        """One of the arrangements, wholly; the reason is that of the likeliest."""
        ways = arrangements(self.words, page, width, self.letters)
        refusals = [_refusal(elements, way) for way in ways]
        if None not in refusals:
            refuse("footer", refusals[0])


def _refusal(elements: Sequence[Element], way: Arrangement) -> Refused | None:
    """Why the elements are not this arrangement; None if they are."""
    try:
        at = 0
        for block in way.blocks:
            at = read_block(elements, at, block, way.size)
        require(at == len(elements), "footer", "more than was ordered")
    except Refused as refused:
        return refused
    return None


def _check_bar(found: Element | None, bar: RulePlace) -> None:
    if not isinstance(found, DrawnRule):
        refuse("words", "a rule is missing")
    _, low, _, high = bar.box
    same = (
        abs(found.x - bar.x) <= _NEAR
        and abs(found.length - bar.length) <= _NEAR
        and found.thick == bar.thick
    )
    require(same, "words", "a rule is not as wide")
    within = low <= found.y and found.y + found.thick <= high
    require(within, "words", "a rule is elsewhere")


def _check_code(found: Element | None, place: QrPlace) -> None:
    """Its modules, at their place and in their size."""
    if not isinstance(found, Code):
        refuse("qr", "missing")
    side, dark = dark_rows(place.address)
    scale = format(place.side / side, ".5f").rstrip("0")
    at = f"{scale} {place.x:.2f} {place.top:.2f}".encode()
    require(found.placed == at, "qr", "place")
    require(found.dark == dark, "qr", "another address")
