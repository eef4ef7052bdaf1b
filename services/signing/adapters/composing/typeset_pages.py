"""Reads what typst wrote: what each page draws, its fonts, and what the pages share.

Strings are brought to one way of writing, hexadecimal glyph numbers, so that
``clause_pages.py`` can exchange a glyph by its place. Start at ``read_typeset``.
"""

import re
from binascii import hexlify
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pikepdf
from pikepdf import Dictionary

from signing.adapters.composing.drawings import in_dialect
from signing.adapters.composing.letters import (
    INTENT,
    RESOURCES,
    Font,
    Letters,
    plain_name,
    read_letters,
)
from signing.adapters.pdf.groups import Group, compiled
from signing.adapters.pdf.named_files import open_named
from signing.domain.rope import MemoryOctets

CHROMA: Final = {"/ColorSpace", "/Font"}
"""What a footer's resources may hold (docs/dialect.md section 2.2)."""
_GLYPH: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>\n")
_LITERAL_PART: Final = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED: Final = dict(zip(b"nrtbf", b"\n\r\t\b\f", strict=True))


@dataclass(frozen=True, slots=True)
class Typeset:
    """The clause page, then the footers. The first page that typst wrote is left out:
    it shows each letter once, so that the fonts hold the glyphs of any later copy.
    """

    drawings: tuple[bytes, ...]
    """What each page draws: its content stream, decoded."""
    shared: Group
    """The output intent, the resources, and all they refer to: fonts, profiles."""
    resources: tuple[int, ...]
    """Which object of ``shared`` holds the resources of each page."""


Reader = Callable[[bytes], tuple[Typeset, Sequence[Mapping[str, Font]]]]


def read_lettered(content: bytes) -> tuple[Typeset, Sequence[Mapping[str, Font]]]:
    """The pages of typst's PDF written anew with the letters of every copy, and the
    fonts of each: dialect 2. Raises Refusal(CLAUSE_DOES_NOT_FIT).
    """
    letters = read_letters()
    with open_named(MemoryOctets(content)) as path, pikepdf.open(path) as pdf:
        drawings = tuple(_lettered(page.obj, letters) for page in pdf.pages[1:])
    resources = (RESOURCES - INTENT,) * len(drawings)
    return Typeset(drawings, letters.group, resources), [letters.fonts] * len(drawings)


def _lettered(page: pikepdf.Object, letters: Letters) -> bytes:
    fonts = {name[1:]: font for name, font in page.Resources.Font.items()}
    return in_dialect(
        _in_hex(page.Contents.read_bytes()),
        {name: letters.names[plain_name(font)] for name, font in fonts.items()},
        {name: _letters_by_glyph(font) for name, font in fonts.items()},
        letters,
    )


def _letters_by_glyph(font: pikepdf.Object) -> dict[bytes, str]:
    found = _GLYPH.findall(font.ToUnicode.read_bytes())
    return {glyph: chr(int(unicode, 16)) for glyph, unicode in found}


def read_typeset(content: bytes) -> tuple[Typeset, Sequence[Mapping[str, Font]]]:
    """The pages of typst's PDF, with strings in hexadecimal, and the fonts of each:
    dialect 1, with fonts of the copy's own.
    """
    with open_named(MemoryOctets(content)) as path, pikepdf.open(path) as pdf:
        pages = [page.obj for page in pdf.pages[1:]]
        drawings = tuple(_in_hex(page.Contents.read_bytes()) for page in pages)
        return Typeset(drawings, *_shared(pdf, pages)), [_fonts(page) for page in pages]


def _shared(
    pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]
) -> tuple[Group, tuple[int, ...]]:
    """The group of output intent and resources, and which resources each page has.
    Footers of one typesetting have the same ones, which are written once.
    """
    (intent,) = pdf.Root.OutputIntents
    clause, *footers = (page.Resources for page in pages)
    each = [Dictionary(dict(clause.items())), *map(_chroma, footers)]
    texts = [resources.unparse() for resources in each]
    unique = dict(zip(texts, each, strict=True))
    entries = (pdf.make_indirect(entry) for entry in (intent, *unique.values()))
    index = {text: at for at, text in enumerate(unique, 1)}
    return compiled(*entries), tuple(index[text] for text in texts)


def _chroma(resources: pikepdf.Object) -> Dictionary:
    return Dictionary({k: v for k, v in resources.items() if k in CHROMA})


def _in_hex(drawing: bytes) -> bytes:
    """*drawing* with every literal string written in hexadecimal (ISO 32000-1, 7.3.4.2
    and 7.3.4.3). Brackets may nest in a literal.
    """
    made, depth, end = [], 0, 0
    for part in _LITERAL_PART.finditer(drawing):
        if part[0] == b"(":
            depth += 1
            if depth == 1:
                made.append(drawing[end : part.start()])
                end = part.end()
        elif part[0] == b")":
            depth -= 1
            if depth == 0:
                octets = _ESCAPE.sub(_octet, drawing[end : part.start()])
                made.append(b"<%b>" % hexlify(octets).upper())
                end = part.end()
    return b"".join((*made, drawing[end:]))


def _octet(escape: re.Match[bytes]) -> bytes:
    text = escape[1]
    if text.isdigit():
        return bytes((int(text, 8),))
    return bytes((_NAMED.get(text[0], text[0]),))


def _fonts(page: pikepdf.Object) -> dict[str, Font]:
    """The fonts of a page by name. A later glyph for the same character is an alternate
    (a Q before a u), so the first one counts.
    """
    return {
        name[1:]: {
            chr(int(unicode, 16)): glyph
            for glyph, unicode in reversed(_GLYPH.findall(font.ToUnicode.read_bytes()))
        }
        for name, font in page.Resources.Font.items()
    }
