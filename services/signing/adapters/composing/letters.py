"""The letters of every copy: five subsets of fonts, the same bytes in each. The gate's
``words/letters.py`` is its mirror.

A font decides what a reader sees for a code, so none is made for a copy: a committed
file has them (``make_letters.py``), and the gate knows its digest (docs/dialect.md 10).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Dictionary

from signing.adapters.pdf.groups import Group, compiled

FILE: Final = Path(__file__).with_name("templates") / "letters.pdf"
INTENT: Final = 0
RESOURCES: Final = 1
"""The places in the group of what a file refers to."""
_GLYPH: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>\n")

Font = Mapping[str, bytes]
"""Each character of one font, and its glyph number in four hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The fonts as one piece of any file, and how to write with them."""

    group: Group
    fonts: Mapping[str, Font]
    """The glyphs by the name that a drawing uses: f0 to f4."""
    names: Mapping[str, str]
    """That name by the font's own, without the tag of its subset."""


@cache
def read_letters() -> Letters:
    """The committed letters, read once a process."""
    with pikepdf.open(FILE) as pdf:
        (intent,) = pdf.Root.OutputIntents
        fonts = dict(pdf.pages[0].Resources.Font.items())
        entries = (
            pdf.make_indirect(Dictionary(dict(intent.items()))),
            pdf.make_indirect(Dictionary(Font=Dictionary(fonts))),
        )
        return Letters(
            compiled(*entries),
            {name[1:]: _glyphs(font) for name, font in fonts.items()},
            {plain_name(font): name[1:] for name, font in fonts.items()},
        )


def plain_name(font: pikepdf.Object) -> str:
    """A font's own name: a subset has six letters and a plus before it (ISO 32000-1
    section 9.6.4).
    """
    return str(font.BaseFont).partition("+")[2]


def _glyphs(font: pikepdf.Object) -> Font:
    return {
        chr(int(unicode, 16)): glyph
        for glyph, unicode in _GLYPH.findall(font.ToUnicode.read_bytes())
    }
