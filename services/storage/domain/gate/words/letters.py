"""The letters of every copy: five fonts that are the same bytes in each. A mirror of
signing's ``composing/letters.py``.

docs/dialect.md §10.1. A font decides which shape stands for a code, so no copy brings
one of its own. What the codes mean is read from the pinned bytes themselves. Start at
``claim_letters``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from storage.domain.gate.pdf.objects import Obj, View, resolve
from storage.domain.gate.pdf.pinned import has_pin
from storage.domain.gate.pdf.streams import inflate
from storage.domain.gate.pdf.tokens import (
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
class Font:
    """What the codes of one font show, two octets a letter."""

    letters: Mapping[int, str]
    widths: Mapping[str, float]
    """How far each code, as UTF-16 has it, moves on, in thousandths of the type
    size."""
    advances: Mapping[str, float]
    """The same by the letter."""

    def read(self, codes: bytes) -> tuple[str, float]:
        """The letters of these codes and how wide they are. ValueError for a code that
        the font does not have: each reader would show another shape.
        """
        # A code is read as a letter of UTF-16, because Python translates and adds up
        # a string's letters without a step of ours for each.
        shown = codes.decode("utf-16-be")
        try:
            width = sum(map(self.widths.__getitem__, shown))
        except KeyError:
            raise ValueError("no such letter") from None
        return shown.translate(self.letters), width


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """One pinned set, by the names that a drawing uses. There is one value for each
    pin, so it is compared as itself.
    """

    fonts: Mapping[str, Font]


_READ: dict[str, Letters] = {}
"""What each pin's bytes mean: read from the first copy that has them, since every later
one has the same."""


def claim_letters(
    view: View, intent: Value | None, claimed: set[int]
) -> tuple[Letters, Ref]:
    """The letters of this copy, and the reference by which its pages must name them:
    the output intent is the group's first object, and the resources its second.
    """
    first = reference(intent, "letters")
    pinned = _pinned(view, first)
    if pinned is None:
        refuse("letters", "not the pinned ones")
    pin, group = pinned
    claimed.update(obj.number for obj in group)
    if pin not in _READ:
        _READ[pin] = Letters(_fonts(view, group[1]))
    return _READ[pin], Ref(first + 1)


def _pinned(view: View, first: int) -> tuple[str, list[Obj]] | None:
    for pin, size in _PINS.items():
        group = [view[first + at] for at in range(size) if first + at in view]
        if len(group) == size and has_pin(group, pin):
            return pin, group
    return None


def _fonts(view: View, resources: Obj) -> dict[str, Font]:
    fonts = resources.dictionary()[b"/Font"]
    if not isinstance(fonts, dict):
        refuse("letters", "fonts")
    return {
        name[1:].decode(): _font(view, resolve(view, font, "letters").dictionary())
        for name, font in fonts.items()
    }


def _font(view: View, font: Dictionary) -> Font:
    """The letters by /ToUnicode and their advances by /W (ISO 32000-1 §9.7.4.3)."""
    below = font[b"/DescendantFonts"]
    if not isinstance(below, list):
        refuse("letters", "descendants")
    descendant = resolve(view, below[0], "letters").dictionary()
    advances = dict(_advances(descendant[b"/W"]))
    spelled = inflate(resolve(view, font[b"/ToUnicode"], "letters"), "letters")
    letters = {
        int(code, 16): chr(int(unicode, 16))
        for code, unicode in _GLYPH.findall(spelled)
    }
    return Font(
        letters,
        {chr(code): advances[code] for code in letters},
        {letter: advances[code] for code, letter in letters.items()},
    )


def _advances(value: Value) -> Iterator[tuple[int, float]]:
    """The advances in ``[first last advance …]``, typst's one way of writing /W."""
    flat = numbers(value, "letters")
    for first, last, advance in zip(*[iter(flat)] * 3, strict=True):
        yield from ((code, advance) for code in range(int(first), int(last) + 1))
