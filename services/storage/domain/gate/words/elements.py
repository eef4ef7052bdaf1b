"""A drawing as what it shows: lines of text, rules, the QR code; in one spelling only.

docs/dialect.md §10.2. Six kinds of operators, each element with its own ink, font and
place, so no state of one reaches another; a byte that is none of them is refused. Start
at ``read_elements``.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.letters import Letters

MOST_KERN: Final = 150
"""Thousandths of the type size by which two letters may be moved against each other:
the fonts' own pairs ask for 111 at most, and the warning is spaced by 40."""

# One way to write each number: no sign before zero, no zero in front or at the end, so
# that there is nothing for two readers to disagree about.
_NUM: Final = rb"(?:0|-?(?:[1-9]\d{0,4}|0(?=\.))(?:\.\d?[1-9])?)"
_TEXT: Final = (
    rb"BT\n(?P<ink>0 g|0\.596 0\.098 0\.059 rg)\n/(?P<font>f[0-4]) (?P<size>%(n)b) Tf\n"
    rb"(?P<x>%(n)b) (?P<y>%(n)b) Td\n"
    rb"\[(?P<shown><(?:[0-9A-F]{4})++>(?:-?[1-9]\d{0,2}<(?:[0-9A-F]{4})++>)*+)\]TJ\n"
    rb"ET\n"
)
_RULE: Final = (
    rb"0 g\n(?P<left>%(n)b) (?P<low>%(n)b) (?P<length>%(n)b) (?P<thick>%(n)b) re\nf\n"
)
_CODE: Final = (
    rb"q\n(?P<scale>\d\.\d{1,5}) 0 0 -(?P=scale) (?P<at>%(n)b %(n)b) cm\n0 g\n"
    rb"(?P<dark>(?:\d{1,2} \d{1,2} \d{1,2} 1 re\n)++)f\nQ\n"
)
_ELEMENT: Final = re.compile(rb"(?:%b|%b|%b)" % (_TEXT, _RULE, _CODE) % {b"n": _NUM})
_KERN: Final = re.compile(rb">(-?\d+)<")
_NO_DIGIT: Final = re.compile(rb"<|>(?:-?\d+)?")
_BLACK: Final = b"0 g"


@dataclass(frozen=True, slots=True)
class TextLine:
    """Some letters in one font, from left to right."""

    text: str
    font: str
    size: float
    x: float
    y: float
    """The left end of its base line."""
    width: float
    red: bool

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class DrawnRule:
    """A black rectangle."""

    x: float
    y: float
    length: float
    thick: float


@dataclass(frozen=True, slots=True)
class Code:
    """The modules of a QR code: its scale and place, and rows of dark rectangles."""

    placed: bytes
    dark: bytes


Element: TypeAlias = TextLine | DrawnRule | Code


def read_elements(drawing: bytes, letters: Letters, reason: str) -> list[Element]:
    """Everything that the drawing shows, in its order. Raises Refused at the first
    byte that belongs to no element.
    """
    found: list[Element] = []
    at = 0
    while at < len(drawing):
        part = _ELEMENT.match(drawing, at)
        if part is None:
            refuse(reason, at)
        at = part.end()
        found.append(_element(part, letters, reason))
    return found


def _element(part: re.Match[bytes], letters: Letters, reason: str) -> Element:
    if part["dark"]:
        return Code(part["scale"] + b" " + part["at"], part["dark"])
    if part["thick"]:
        names = ("left", "low", "length", "thick")
        return DrawnRule(*(float(part[name]) for name in names))
    return _line(part, letters, reason)


def _line(part: re.Match[bytes], letters: Letters, reason: str) -> TextLine:
    """What is shown, and how wide it is: a code that the font does not have would be
    another shape in each reader.
    """
    font, size = part["font"].decode(), float(part["size"])
    kerns = [int(kern) for kern in _KERN.findall(part["shown"])]
    require(all(abs(kern) <= MOST_KERN for kern in kerns), reason, "letters moved")
    codes = bytes.fromhex(_NO_DIGIT.sub(b"", part["shown"]).decode())
    try:
        text, width = letters.fonts[font].read(codes)
    except ValueError as error:
        refuse(reason, error)
    return TextLine(
        text,
        font,
        size,
        float(part["x"]),
        float(part["y"]),
        (width - sum(kerns)) * size / 1000,
        part["ink"] != _BLACK,
    )
