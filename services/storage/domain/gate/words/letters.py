"""The letters of every copy: five fonts that are the same bytes in each. A mirror of
signing's ``composing/letters.py``.

docs/dialect.md §10.1. A font decides which shape stands for a code, so no copy brings
one of its own. What the codes mean is read from the pinned bytes themselves. Start at
``claim_letters``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from storage.domain.gate.pdf.appearance import pin_of
from storage.domain.gate.pdf.shape import Obj, View, resolve
from storage.domain.gate.pdf.streams import inflate
from storage.domain.gate.pdf.tokens import (
    Buffer,
    Dictionary,
    Ref,
    Value,
    numbers,
    reference,
)
from storage.domain.gate.refusal import refuse

_PINS: Final = {
    "d61ac842d275b4575f3a8001d3c567ebbef7066a1324a5dd0055e648f397b76e": 33,
}
"""SHA-256 of each set of letters that a release wrote, and how many objects it has. Old
ones stay for ever: so do the copies."""
_GLYPH: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>\n")


@dataclass(frozen=True, slots=True)
class Glyph:
    """What one code of a font shows."""

    letter: str
    advance: float
    """In thousandths of the type size."""


Fonts = Mapping[bytes, Mapping[bytes, Glyph]]
"""The glyphs of each font by their codes in four hexadecimal digits; the fonts by the
name that a drawing uses."""


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """One pinned set. There is one value for each pin, so it is compared as itself."""

    fonts: Fonts
    advances: Mapping[str, Mapping[str, float]] = field(init=False)
    """How wide each letter is, in thousandths of the type size, by font and letter."""

    def __post_init__(self) -> None:
        known = {
            name.decode(): {glyph.letter: glyph.advance for glyph in glyphs.values()}
            for name, glyphs in self.fonts.items()
        }
        object.__setattr__(self, "advances", known)


_READ: dict[str, Letters] = {}
"""What each pin's bytes mean: read from the first copy that has them, since every later
one has the same."""


def claim_letters(
    data: Buffer, view: View, intent: Value | None, claimed: set[int]
) -> tuple[Letters, Ref]:
    """The letters of this copy, and the reference by which its pages must name them:
    the output intent is the group's first object, and the resources its second.
    """
    first = reference(intent, "letters")
    pinned = _pinned(data, view, first)
    if pinned is None:
        refuse("letters", "not the pinned ones")
    pin, group = pinned
    claimed.update(obj.number for obj in group)
    if pin not in _READ:
        _READ[pin] = Letters(_fonts(data, view, group[1]))
    return _READ[pin], Ref(first + 1)


def _pinned(data: Buffer, view: View, first: int) -> tuple[str, list[Obj]] | None:
    for pin, size in _PINS.items():
        group = [view[first + at] for at in range(size) if first + at in view]
        if len(group) == size and pin_of(data, group) == pin:
            return pin, group
    return None


def _fonts(data: Buffer, view: View, resources: Obj) -> Fonts:
    fonts = resources.dictionary()[b"/Font"]
    if not isinstance(fonts, dict):
        refuse("letters", "fonts")
    return {
        name[1:]: _font(data, view, resolve(view, font, "letters").dictionary())
        for name, font in fonts.items()
    }


def _font(data: Buffer, view: View, font: Dictionary) -> Mapping[bytes, Glyph]:
    """The letters by /ToUnicode and their advances by /W (ISO 32000-1 §9.7.4.3)."""
    below = font[b"/DescendantFonts"]
    if not isinstance(below, list):
        refuse("letters", "descendants")
    descendant = resolve(view, below[0], "letters").dictionary()
    advances = dict(_advances(descendant[b"/W"]))
    spelled = inflate(data, resolve(view, font[b"/ToUnicode"], "letters"), "letters")
    return {
        code: Glyph(chr(int(unicode, 16)), advances[int(code, 16)])
        for code, unicode in _GLYPH.findall(spelled)
    }


def _advances(value: Value) -> Iterator[tuple[int, float]]:
    """The advances in ``[first last advance …]``, typst's one way of writing /W."""
    flat = numbers(value, "letters")
    for first, last, advance in zip(*[iter(flat)] * 3, strict=True):
        yield from ((code, advance) for code in range(int(first), int(last) + 1))
