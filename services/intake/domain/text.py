"""Texts that people send: made safe to keep and to show, never trusted as a path."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

NAME_CHARACTERS: Final = 120
LINE_CHARACTERS: Final = 500
PASSAGE_CHARACTERS: Final = 2000
"""Of a reason in a few sentences; the form counts the same way."""
_DAY: Final = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidi overrides, zero widths), surrogates, private, separators."""


def file_name(sent: str) -> str:
    """A file's name as text: no directory, no control or bidi character, not endless.

    The end, where the type stands, is kept; the middle is cut.
    """
    last = re.split(r"[/\\]", _visible(sent))[-1].strip(" .")
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


def passage(sent: str) -> str:
    """Lines of text, each as ``line`` makes it, without empty ones around them."""
    return "\n".join(map(line, sent.splitlines())).strip()


def day(sent: str) -> date | None:
    """``2003-05-09`` or ``09/05/2003``; None if empty; ValueError for anything else."""
    text = sent.strip()
    if not text:
        return None
    match = _DAY.match(text)
    if match is None:
        return date.fromisoformat(text)
    return date(int(match[3]), int(match[2]), int(match[1]))


def _visible(sent: str) -> str:
    composed = unicodedata.normalize("NFC", sent)
    spaced = re.sub(r"[\t\r\n]", " ", composed)
    return "".join(c for c in spaced if unicodedata.category(c) not in _HIDDEN)
