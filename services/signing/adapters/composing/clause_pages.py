"""Clause page and footers, typeset once for what stays, filled in for what changes.

Number, code and digest differ in each copy; agency, officer, statement, book, day and
page sizes seldom do. So the third copy of a kind is not typeset: its glyphs are put
where the first had its own. That this is right is proved for each kind: the first and
the second are both typeset, and the first, filled in with the second's facts, must be
the second, byte by byte. Else that kind is typeset each time (decision 0017).
Start at ``ClausePages.typeset``.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from signing.adapters.composing.letters import Font
from signing.adapters.composing.typeset_pages import Reader, Typeset

# An agency has a few kinds a day (its officers, its page sizes); more are forgotten
# together, which costs two typesettings each.
KINDS_CACHED: Final = 32
LEAST_WIDTH: Final = 540.0
"""The narrowest page, in points, whose footer is filled in. On a narrower one the width
of the code itself may change the size of the line."""
_DIGIT: Final = re.compile(r"\d")
_SHOWN: Final = re.compile(rb"/(f\d+) [\d.]+ Tf|<([0-9A-F]*)>")
_UNKNOWN: Final = "\ufffd"


class Typesetter(Protocol):
    def typeset(self, facts: Mapping[str, Any]) -> bytes:
        """MUST give a PDF of spare glyphs, the clause page and the footers. Raises
        Refusal(CLAUSE_DOES_NOT_FIT).
        """
        ...


@dataclass(frozen=True, slots=True)
class _Slot:
    """The place of one changing word in a drawing, and the font it is shown in."""

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
    """The indices of words that differed once, while the page came out right."""
    refuted: bool = False

    def answers(self, words: Sequence[str]) -> bool:
        """Whether filling it in with *words* is proved to be right."""
        return not self.refuted and all(at in self.proved for at in self._others(words))

    def compare(self, words: Sequence[str], typeset: Typeset) -> None:
        """Learn from a page that was typeset with *words*."""
        if self.filled(words) == typeset:
            self.proved |= self._others(words)
            return
        self.refuted = True

    def _others(self, words: Sequence[str]) -> set[int]:
        pairs = enumerate(zip(self.words, words, strict=True))
        return {at for at, (own, other) in pairs if own != other}

    def filled(self, words: Sequence[str]) -> Typeset:
        """The first of the kind with *words* in place of its own. Raises KeyError for a
        character that the fonts do not hold.
        """
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
    """The pages of one layout; the signing threads share it."""

    template: Typesetter
    read: Reader
    """What reads typst's pages, by the dialect: with the letters of every copy, or with
    fonts of their own."""
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    # Guards _kinds and what a kind learns (proved, refuted); held for dictionary work
    # and one comparison, never while typst runs. Two threads may therefore both typeset
    # the first of a kind: the later one replaces the earlier, and either is whole.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def typeset(self, facts: Mapping[str, Any]) -> Typeset:
        """Clause page and footers with *facts* on them. Raises
        Refusal(CLAUSE_DOES_NOT_FIT) naming the part that is too long.
        """
        if min(facts["widths"]) < LEAST_WIDTH:
            return self.read(self.template.typeset(facts))[0]
        name, words = _kind_of(facts), _words(facts)
        with self._lock:
            kind = self._kinds.get(name)
        if kind is not None and kind.answers(words):
            return kind.filled(words)
        typeset, fonts = self.read(self.template.typeset(facts))
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
        if len(self._kinds) >= KINDS_CACHED:
            self._kinds.clear()
        self._kinds[name] = _Kind(typeset, words, slots)


def _words(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return (facts["number"], facts["code"], *facts["digest_lines"])


def _kind_of(facts: Mapping[str, Any]) -> str:
    """A text that is equal for facts of one kind: everything but the changing words,
    and the shape of those.
    """
    shapes = {
        "number": _DIGIT.sub("0", facts["number"]),
        "code": len(facts["code"]),
        "digest_lines": [len(line) for line in facts["digest_lines"]],
    }
    return json.dumps({**facts, **shapes}, ensure_ascii=False)


def _slots(
    typeset: Typeset, fonts: Sequence[Mapping[str, Font]], words: Sequence[str]
) -> Iterator[_Slot]:
    """The places where the words stand, in order, none over another."""
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
    """The text that *glyphs* show: a character for each four hexadecimal digits."""
    named = {glyph: char for char, glyph in font.items()}
    return "".join(
        named.get(glyphs[i : i + 4], _UNKNOWN) for i in range(0, len(glyphs), 4)
    )


def _found(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The place and index of each word in *text*, from left to right. An empty word is
    nowhere.
    """
    at, sought = 0, [(k, word) for k, word in enumerate(words) if word]
    while at < len(text):
        word = next((k for k, w in sought if text.startswith(w, at)), None)
        if word is not None:
            yield at, word
        at += 1 if word is None else len(words[word])
