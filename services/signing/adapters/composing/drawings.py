"""Writes what typst drew as docs/dialect.md 10 has it: lines of text, rules, the square
of the QR code, in one spelling, with the letters of every copy.

Typst decides where each letter stands; nothing else of its PDF goes into a copy. So a
reader is given six kinds of operators, and the gate can read all of them. Start at
``in_dialect``.
"""

import re
from collections.abc import Mapping
from typing import Final

from ecopy.refusals import Reason, Refusal
from signing.adapters.composing.letters import Letters

_NUM: Final = rb"-?\d+(?:\.\d+)?"
_TEXT: Final = (
    rb"q 1 0 0 -1 (?P<x>%(n)b) (?P<y>%(n)b) cm/c\d+ cs(?P<ink>(?: %(n)b){1,3}) scn\n"
    rb"BT 0 Tr/(?P<font>f\d+) (?P<size>%(n)b) Tf 1 0 0 -1 0 0 Tm"
    rb"(?P<shown>\[[^\]]*\]TJ|<[0-9A-F]*>Tj)\nET\nQ"
)
_RULE: Final = (
    rb"q 1 0 0 -1 (?P<left>%(n)b) (?P<level>%(n)b) cm/c\d+ CS 0 SCN"
    rb" (?P<thick>%(n)b) w 4 M 0 0 m (?P<length>%(n)b) 0 l\nS\nQ"
)
# The square is clipped to its own edges, which changes nothing: the code has no others.
_SQUARE: Final = (
    rb"q %(n)b %(n)b m %(n)b %(n)b l %(n)b %(n)b l %(n)b %(n)b l\nh\nW\nn\n"
    rb"q (?P<scale>%(n)b) 0 0 -%(n)b (?P<qx>%(n)b) (?P<qy>%(n)b) cm/c\d+ cs 0 scn"
    rb" (?P<room>0 0 m \d+ 0 l \d+ \d+ l 0 \d+ l\nh\nf\n)Q\nQ"
)
_DRAWN: Final = re.compile(
    rb"(?:%b|%b|%b)(?:\n|\Z)" % (_TEXT, _RULE, _SQUARE) % {b"n": _NUM}
)
_PART: Final = re.compile(rb"<([0-9A-F]*)>|(%b)" % _NUM)
_GLYPH_DIGITS: Final = 4
_BLACK: Final = b"0 g"
_RED: Final = b"0.596 0.098 0.059 rg"
"""The ink of a test copy's warning, #98190f, in thousandths."""


class UnknownDrawingError(ValueError):
    """Typst drew something that the dialect does not have: a fault of ours."""


def in_dialect(
    drawing: bytes,
    names: Mapping[str, str],
    fonts: Mapping[str, Mapping[bytes, str]],
    letters: Letters,
) -> bytes:
    """The drawing in the dialect. *names* has the letters' name of each of its fonts,
    *fonts* the character of each of their glyphs. Raises UnknownDrawingError, and
    Refusal(CLAUSE_DOES_NOT_FIT) for a character that no copy can show.
    """
    made, at = [], 0
    while at < len(drawing):
        part = _DRAWN.match(drawing, at)
        if part is None:
            raise UnknownDrawingError(repr(drawing[at : at + 80]))
        at = part.end()
        made.append(_written(part, names, fonts, letters))
    return b"".join(made)


def _written(
    part: re.Match[bytes],
    names: Mapping[str, str],
    fonts: Mapping[str, Mapping[bytes, str]],
    letters: Letters,
) -> bytes:
    if part["room"]:
        scale = _number(part["scale"], 5)
        place = _number(part["qx"]), _number(part["qy"])
        return b"q\n%b 0 0 -%b %b %b cm\n0 g\n%bQ\n" % (
            scale,
            scale,
            *place,
            part["room"],
        )
    if part["thick"]:
        return _rule(part)
    own = part["font"].decode()
    name = names[own]
    shown = _shown(part["shown"], fonts[own], letters.fonts[name])
    return b"BT\n%b\n/%b %b Tf\n%b %b Td\n[%b]TJ\nET\n" % (
        _ink(part["ink"]),
        name.encode(),
        _number(part["size"]),
        _number(part["x"]),
        _number(part["y"]),
        shown,
    )


def _rule(part: re.Match[bytes]) -> bytes:
    """A rule as the rectangle that its stroke covers."""
    thick, level = float(part["thick"]), float(part["level"])
    return b"0 g\n%b %b %b %b re\nf\n" % (
        _number(part["left"]),
        _rounded(level - thick / 2),
        _number(part["length"]),
        _number(part["thick"]),
    )


def _ink(colour: bytes) -> bytes:
    """Black, or the red of the one warning."""
    return _BLACK if colour.split() == [b"0"] else _RED


def _shown(items: bytes, own: Mapping[bytes, str], font: Mapping[str, bytes]) -> bytes:
    """Glyphs in the letters' numbers, and between them what the fonts' own kerning
    asks for, in whole thousandths.
    """
    made: list[bytes] = []
    shift = 0.0
    for glyphs, kern in _PART.findall(items):
        if kern:
            shift += float(kern)
            continue
        for at in range(0, len(glyphs), _GLYPH_DIGITS):
            moved, shift = round(shift), 0.0
            if made and moved:
                made.append(b">%d<" % moved)
            made.append(_glyph(own[glyphs[at : at + _GLYPH_DIGITS]], font))
    return b"<%b>" % b"".join(made)


def _glyph(letter: str, font: Mapping[str, bytes]) -> bytes:
    glyph = font.get(letter)
    if glyph is None:
        raise Refusal(Reason.CLAUSE_DOES_NOT_FIT, "letter-unknown", letter=letter)
    return glyph


def _number(text: bytes, decimals: int = 2) -> bytes:
    return _rounded(float(text), decimals)


def _rounded(value: float, decimals: int = 2) -> bytes:
    text = format(value, f".{decimals}f").rstrip("0").rstrip(".")
    return b"0" if text == "-0" else text.encode()
