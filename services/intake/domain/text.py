"""Texts that people send: made safe to keep and to show, never trusted as a path."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final
from unicodedata import category

NAME_CHARACTERS: Final = 120
LINE_CHARACTERS: Final = 500
PROSE_CHARACTERS: Final = 2000
"""The longest reason in words; the forms' ``maxlength`` says the same."""
NUMBER_DIGITS: Final = 9
"""Fits PostgreSQL's integer. Python refuses to read more than 4,300 digits."""
_DAY: Final = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidi overrides, zero widths), surrogates, private, separators."""


def file_name(sent: str) -> str:
    """A file's name as text: no directory, no control or bidi character, not endless.

    The end, where the type stands, is kept; the middle is cut.
    """
    # What browsers write for a quotation mark inside a quoted name:
    # https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
    last = re.split(r"[/\\]", _visible(sent.replace("%22", '"')))[-1].strip(" .")
    if not last:
        return "?"
    if len(last) <= NAME_CHARACTERS:
        return last
    half = NAME_CHARACTERS // 2
    return f"{last[:half]}…{last[-half + 1 :]}"


def told_apart(names: Iterable[str]) -> tuple[str, ...]:
    """The same names, the later of equal ones with their count: ``scan.pdf (2)``."""
    shown: dict[str, None] = {}
    for name in names:
        count, unlike = 1, name
        while unlike in shown:
            count += 1
            unlike = f"{name} ({count})"
        shown[unlike] = None
    return tuple(shown)


def line(sent: str) -> str:
    """One line of text: visible, composed (NFC), single spaces."""
    return " ".join(_visible(sent).split())


def clean(sent: str) -> str:
    """The text without what nobody sees: controls, bidi overrides, zero widths, halves
    of surrogate pairs. Lines stay lines.
    """
    lines = sent.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(
        line if line.isprintable() else _without_hidden(line) for line in lines
    )


def prose(sent: str) -> str:
    """Words of several lines: visible and composed. ValueError when too long: what a
    person is told as the reason must not lose its end.
    """
    words = unicodedata.normalize("NFC", clean(sent)).strip()
    if len(words) > PROSE_CHARACTERS:
        raise ValueError("too long")
    return words


def whole_number(sent: str) -> int:
    """Digits of ASCII, nine at most; ValueError for anything else."""
    if not (sent.isascii() and sent.isdecimal()) or len(sent) > NUMBER_DIGITS:
        raise ValueError("not a whole number")
    return int(sent)


def day(sent: str) -> date | None:
    """``2003-05-09`` or ``09/05/2003``; None if empty; ValueError for anything else."""
    text = sent.strip()
    if not text:
        return None
    match = _DAY.match(text)
    if match is None:
        return date.fromisoformat(text)
    return date(int(match[3]), int(match[2]), int(match[1]))


def folded(words: str) -> str:
    """The words as somebody types who cannot find the marks: small letters without
    them. As long as *words* in its composed form, letter for letter.
    """
    composed = unicodedata.normalize("NFC", words)
    return "".join(map(_bare, composed))


def _bare(letter: str) -> str:
    small = letter.lower()
    base = "d" if small == "đ" else unicodedata.normalize("NFD", small)[:1]
    return base or letter


def _without_hidden(line: str) -> str:
    return "".join(c for c in line if c == "\t" or category(c) not in _HIDDEN)


def _visible(sent: str) -> str:
    composed = unicodedata.normalize("NFC", sent)
    spaced = re.sub(r"[\t\r\n]", " ", composed)
    return "".join(c for c in spaced if category(c) not in _HIDDEN)
