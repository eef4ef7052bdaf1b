"""Clause page and footers, typeset once for what stays, filled in for what changes.

Number, code and digest differ in each copy; agency, officer, statement, book, day and
page sizes seldom do. So the third copy of a kind is not typeset: its glyphs are put
where the first had its own. Proof, per kind and not by trust: the first and the second
are both typeset, and the first, filled in with the second's facts, must be the second,
byte by byte. Else that kind is typeset each time (decision 0017).
"""

import json
import re
import threading
from binascii import hexlify
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import pikepdf
from pikepdf import Dictionary

from signing.adapters.pdf.groups import Group, compiled
from signing.adapters.pdf.named_files import named
from signing.domain.rope import Held

KINDS_KEPT: Final = 32
CHROMA: Final = {"/ColorSpace", "/Font"}
LEAST_WIDTH: Final = 540.0
"""Points; on narrower pages the code's own width may change the size of the line."""
_DIGIT: Final = re.compile(r"\d")
_GLYPH: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>\n")
_LITERAL_PART: Final = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED: Final = dict(zip(b"nrtbf", b"\n\r\t\b\f", strict=True))
_SHOWN: Final = re.compile(rb"/(f\d+) [\d.]+ Tf|<([0-9A-F]*)>")
_UNKNOWN: Final = "\ufffd"


class Typesetter(Protocol):
    def typeset(self, facts: Mapping[str, Any]) -> bytes:
        """A PDF: spare glyphs, the clause page, the footers."""
        ...


Font = Mapping[str, bytes]
"""A character, and its glyph in hex."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """The clause page, then the footers; a first page of spare glyphs is left out."""

    drawings: tuple[bytes, ...]
    """What is drawn on each, decoded."""
    shared: Group
    """The output intent, the resources, and all they refer to: fonts, profiles."""
    resources: tuple[int, ...]
    """Of each page, which object of the group."""


@dataclass(frozen=True, slots=True)
class _Slot:
    page: int
    start: int
    end: int
    word: int
    font: Font


@dataclass(slots=True)
class _Kind:
    """The first of its kind, and what was proved of filling it in."""

    first: Typeset
    words: tuple[str, ...]
    slots: tuple[_Slot, ...]
    proved: set[int] = field(default_factory=set)
    """Words that differed, and the page came out right."""
    refuted: bool = False

    def answers(self, words: Sequence[str]) -> bool:
        """Whether filling it in with these is proved."""
        return not self.refuted and all(at in self.proved for at in self._others(words))

    def compare(self, words: Sequence[str], typeset: Typeset) -> None:
        """Learn from one that was typeset."""
        if self.filled(words) == typeset:
            self.proved |= self._others(words)
            return
        self.refuted = True

    def _others(self, words: Sequence[str]) -> set[int]:
        pairs = enumerate(zip(self.words, words, strict=True))
        return {at for at, (own, other) in pairs if own != other}

    def filled(self, words: Sequence[str]) -> Typeset:
        """Raises KeyError for a character that the fonts do not hold."""
        pages: list[list[bytes]] = [[] for _ in self.first.drawings]
        ends = [0] * len(pages)
        for slot in self.slots:
            drawing = self.first.drawings[slot.page]
            glyphs = b"".join(slot.font[char] for char in words[slot.word])
            pages[slot.page] += (drawing[ends[slot.page] : slot.start], glyphs)
            ends[slot.page] = slot.end
        for page, drawing in enumerate(self.first.drawings):
            pages[page].append(drawing[ends[page] :])
        return replace(self.first, drawings=tuple(map(b"".join, pages)))


@dataclass(slots=True)
class ClausePages:
    """Of one layout; for many threads."""

    template: Typesetter
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def typeset(self, facts: Mapping[str, Any]) -> Typeset:
        """Raises Refusal(CLAUSE_DOES_NOT_FIT) naming the part that is too long."""
        if min(facts["widths"]) < LEAST_WIDTH:
            return _read(self.template.typeset(facts))[0]
        name, words = _kind_of(facts), _words(facts)
        with self._lock:
            kind = self._kinds.get(name)
        if kind is not None and kind.answers(words):
            return kind.filled(words)
        typeset, fonts = _read(self.template.typeset(facts))
        with self._lock:
            if kind is None:
                self._keep(name, typeset, tuple(_slots(typeset, fonts, words)), words)
            elif not kind.refuted:
                kind.compare(words, typeset)
        return typeset

    def _keep(
        self,
        name: str,
        typeset: Typeset,
        slots: tuple[_Slot, ...],
        words: tuple[str, ...],
    ) -> None:
        if len(self._kinds) >= KINDS_KEPT:
            self._kinds.clear()
        self._kinds[name] = _Kind(typeset, words, slots)


def _words(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return (facts["number"], facts["code"], *facts["digest_lines"])


def _kind_of(facts: Mapping[str, Any]) -> str:
    """Everything but the words; of those, the shape."""
    shapes = {
        "number": _DIGIT.sub("0", facts["number"]),
        "code": len(facts["code"]),
        "digest_lines": [len(line) for line in facts["digest_lines"]],
    }
    return json.dumps({**facts, **shapes}, ensure_ascii=False)


def _read(content: bytes) -> tuple[Typeset, list[dict[str, Font]]]:
    """What typst wrote, strings in hex, and the fonts of each page."""
    with named(Held(content)) as path, pikepdf.open(path) as pdf:
        pages = [page.obj for page in pdf.pages[1:]]
        drawings = tuple(_in_hex(page.Contents.read_bytes()) for page in pages)
        return Typeset(drawings, *_shared(pdf, pages)), [_fonts(page) for page in pages]


def _shared(
    pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]
) -> tuple[Group, tuple[int, ...]]:
    """Footers of one typesetting have the same resources: written once."""
    (intent,) = pdf.Root.OutputIntents
    clause, *footers = (page.Resources for page in pages)
    each = [Dictionary(dict(clause.items())), *map(_chroma, footers)]
    texts = [resources.unparse() for resources in each]
    unique = dict(zip(texts, each, strict=True))
    entries = (pdf.make_indirect(entry) for entry in (intent, *unique.values()))
    index = {text: at for at, text in enumerate(unique, 1)}
    return compiled(*entries), tuple(index[text] for text in texts)


def _chroma(resources: pikepdf.Object) -> Dictionary:
    """Of a footer: fonts and colours (docs/dialect.md section 2.2)."""
    return Dictionary({k: v for k, v in resources.items() if k in CHROMA})


def _in_hex(drawing: bytes) -> bytes:
    """One way to write a string (ISO 32000-1, 7.3.4.2 and 3): brackets may nest."""
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
    """A later glyph for the same character is an alternate: a Q before a u."""
    return {
        name[1:]: {
            chr(int(unicode, 16)): glyph
            for glyph, unicode in reversed(_GLYPH.findall(font.ToUnicode.read_bytes()))
        }
        for name, font in page.Resources.Font.items()
    }


def _slots(
    typeset: Typeset, fonts: Sequence[Mapping[str, Font]], words: Sequence[str]
) -> Iterator[_Slot]:
    """Where the words stand; in order, none over another."""
    for page, drawing in enumerate(typeset.drawings):
        font: Font = {}
        for shown in _SHOWN.finditer(drawing):
            if shown[1] is not None:
                font = fonts[page][shown[1].decode()]
                continue
            text = _text(shown[2], font)
            for at, word in _found(text, words):
                start = shown.start(2) + 4 * at
                end = start + 4 * len(words[word])
                yield _Slot(page, start, end, word, font)


def _text(glyphs: bytes, font: Font) -> str:
    """One character a glyph."""
    named = {glyph: char for char, glyph in font.items()}
    return "".join(
        named.get(glyphs[i : i + 4], _UNKNOWN) for i in range(0, len(glyphs), 4)
    )


def _found(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Place and index of each word, from left to right; an empty one is nowhere."""
    at, sought = 0, [(k, word) for k, word in enumerate(words) if word]
    while at < len(text):
        word = next((k for k, w in sought if text.startswith(w, at)), None)
        if word is not None:
            yield at, word
        at += 1 if word is None else len(words[word])
