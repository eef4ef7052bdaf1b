"""Words by which a case is found, and what a person who searches has typed.

Both go through the same folding, so that ``nguyen`` meets ``Nguyễn`` and a code is the
same with its dots and dashes or without. Start at ``words`` and ``sought``
(docs/decisions/0125).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from intake.domain import text
from intake.domain.records import CaseDocument, Paper

MOST_SOUGHT: Final = 8
"""Words of one search; each costs a look."""
WORD_CHARACTERS: Final = 40
"""A longer word is found by its beginning."""
MOST_OF_PAGES: Final = 4000
"""Different words that are kept of the pages of one paper; A4 in print has some 400."""
LEAST_NUMBER: Final = 9
"""Digits of a telephone or identity number: so many, typed in groups, are one word."""
_ORDINALS: Final = 10_000_000
"""More than one agency's cases of a day (``numbers.LAST_CASE_OF_DAY``)."""
_PARTS: Final = re.compile(r"[^\W_]+")
_JOINED: Final = re.compile(r"[^\w/]|_")
_SHOWN_WORD: Final = re.compile(r"[^\s,;()]+")
"""A word as ``words`` takes it out of a text, with the dots and dashes of a number."""
_WITHIN: Final = frozenset(".-_–")
_ABROAD: Final = re.compile(r"^\+84")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of hits has ended: the row of the index that was looked at last."""

    driver: int
    """The sought word whose rows are walked, by its position in the query."""
    word: str
    rank: int
    source: int

    def __str__(self) -> str:
        return f"{self.driver}.{self.rank}.{self.source}.{self.word}"


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found."""

    codes: tuple[str, ...]
    after: Place | None
    """From where to go on; None where nothing is left."""


def rank(day: date, ordinal: int) -> int:
    """A case's place among those of its agency, the newest first: the lower, the later.
    15 digits, so it fits 64 bits.
    """
    return -(int(f"{day:%Y%m%d}") * _ORDINALS + ordinal)


def day_and_ordinal(rank: int) -> tuple[date, int]:
    """What ``rank`` was made of."""
    day, ordinal = divmod(-rank, _ORDINALS)
    return date.fromisoformat(str(day)), ordinal


def words(*texts: str) -> frozenset[str]:
    """Each word of the texts, folded. One with digits, such as ``12/HĐ-UBND``, also as
    it is joined together; the parts of it are words, too.
    """
    return frozenset(
        word[:WORD_CHARACTERS]
        for typed in texts
        for chunk in text.folded(text.line(typed)).split()
        for word in (*_PARTS.findall(chunk), *_joined(chunk))
        if word
    )


def found_by(document: CaseDocument) -> tuple[Paper, str | None]:
    """What of a paper its case is found by; while it is equal, so are the words."""
    certified = document.certification
    return document.paper, certified.order.clause.number if certified else None


def number_words(*numbers: str) -> frozenset[str]:
    """Numbers, each one word without its blanks, dots and dashes."""
    joined = (_number(text.folded(text.line(number))) for number in numbers)
    return frozenset(word[:WORD_CHARACTERS] for word in joined if word)


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a text; *hit* where it is the beginning of a word that is sought."""

    text: str
    hit: bool = False


def parts(shown: str, sought: tuple[str, ...]) -> tuple[TextPart, ...]:
    """The text as it is shown, in stretches: what of it was sought, and the rest."""
    found: list[TextPart] = []
    at = 0
    for word in _SHOWN_WORD.finditer(shown):
        length = max((_beginning(word.group(), each) for each in sought), default=0)
        if length:
            found.append(TextPart(shown[at : word.start()]))
            found.append(TextPart(word.group()[:length], hit=True))
            at = word.start() + length
    found.append(TextPart(shown[at:]))
    return tuple(each for each in found if each.text)


def _beginning(word: str, sought: str) -> int:
    """How many letters of *word* say *sought*; 0 where it does not begin so. A longer
    folded word than what is sought begins with it; marks belong to their letter.
    """
    folded = ""
    for at, letter in enumerate(word):
        if folded == sought and text.folded(letter).strip():
            return at
        folded += "" if letter in _WITHIN else text.folded(letter).strip()
        if not sought.startswith(folded):
            return 0
    return len(word) if folded == sought else 0


def page_words(folded: Iterable[str]) -> frozenset[str]:
    """The words of pages; where there are too many, those that come first."""
    found: dict[str, None] = {}
    for page in folded:
        for line in page.split("\n"):
            found.update(dict.fromkeys(sorted(words(line))))
    return frozenset(tuple(found)[:MOST_OF_PAGES])


def sought(query: str, agency: str) -> tuple[str, ...]:
    """The beginnings of words that a case must have, all of them. The agency's own code
    before that of a case goes without saying.
    """
    own = _number(text.folded(agency))
    chunks = _with_numbers_joined(text.folded(text.line(query)).split())
    found: list[str] = []
    for chunk in chunks:
        if not any(letter.isdigit() for letter in chunk):
            found += _PARTS.findall(chunk)
            continue
        word = _number(chunk)
        rest = word.removeprefix(own)
        found.append(rest or word)
    cut = dict.fromkeys(word[:WORD_CHARACTERS] for word in found if word)
    # "n nguyen": whatever begins with the longer one has the shorter one, too
    return tuple(
        word for word in cut if not any(o != word and o.startswith(word) for o in cut)
    )[:MOST_SOUGHT]


def place(written: str, sought: tuple[str, ...]) -> Place | None:
    """A place as its text says; None for one that is none of this search."""
    parts = written.split(".", 3)
    try:
        driver, rank, source = map(int, parts[:3])
        known = Place(driver, parts[3], rank, source)
    except (ValueError, IndexError):
        return None
    if not 0 <= driver < len(sought) or abs(rank) >= 2**62 or abs(source) >= 2**15:
        return None
    return known if known.word.startswith(sought[driver]) else None


def _joined(chunk: str) -> Iterator[str]:
    if any(letter.isdigit() for letter in chunk):
        yield _number(chunk)


def _number(folded: str) -> str:
    return _JOINED.sub("", _ABROAD.sub("0", folded.strip()))


def _with_numbers_joined(chunks: list[str]) -> list[str]:
    """``0912 345 678`` as one chunk; fewer digits than a telephone's stay apart."""
    joined: list[str] = []
    run: list[str] = []
    for chunk in [*chunks, ""]:
        if chunk and _ABROAD.sub("0", chunk).isdecimal():
            run.append(chunk)
            continue
        whole = "".join(run)
        joined += [whole] if len(whole) >= LEAST_NUMBER else run
        joined += [chunk] if chunk else []
        run = []
    return joined
