"""What the machine has read of a page: words with their places, as lines.

An offer to the clerk and an index for whoever searches, never a fact of the copy
(docs/decisions/0112). What is made of the lines is in ``proposing``. Start at
``PageText``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

from intake.domain import text
from intake.domain.arranging import PageId

MOST_WORDS: Final = 4000
"""A page of A3 in the smallest print has no more words."""
MOST_CHARACTERS: Final = 80
"""A word has no more letters; what is longer is a line that was taken for one."""
_COLUMN: Final = 1.6
"""Heights of a line: a wider gap parts two columns. Between words lies a third of one,
in a justified line up to one."""
_MOTTOS: Final = ("cong hoa xa hoi", "doc lap - tu do", "doc lap – tu do")
_PARTS_OF_MOTTO: Final = ("hoa xa hoi chu nghia", "- hanh phuc", "– hanh phuc")
"""A motto whose first letters a seal or the light has taken still has one of these."""
_ENGLISH_MOTTOS: Final = ("socialist republic of", "independence - freedom")


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word, how sure the engine is of it (0 to 100), and where it stands: distances
    from the top left corner, in thousandths of the page's longer side.
    """

    text: str
    sure: int
    left: int
    top: int
    right: int
    bottom: int


ReadLine = tuple[ReadWord, ...]
PageState = Literal["waiting", "read", "failed"]
Why = Literal["", "too-much-work", "damaged", "picture"]
"""The reason why a page could not be read; *picture* says that its picture is not there
any more, and the empty one stands with every other page."""


@dataclass(frozen=True, slots=True)
class PageProgress:
    """How far the reading of one page is, and why it could not be read."""

    state: PageState
    why: Why = ""


@dataclass(frozen=True, slots=True)
class PageText:
    """One page, waiting to be read, read, or not readable."""

    page: PageId
    document: str
    state: PageState = "waiting"
    lines: tuple[ReadLine, ...] = ()
    why: Why = ""
    engine: str = ""
    at: datetime | None = None

    @property
    def text(self) -> str:
        return "\n".join(" ".join(word.text for word in line) for line in self.lines)

    @property
    def sure(self) -> int:
        """The mean sureness of its words, 0 to 100; 0 where there are none."""
        words = [word.sure for line in self.lines for word in line]
        return round(sum(words) / len(words)) if words else 0


@dataclass(frozen=True, slots=True)
class TextRun:
    """Words of one line and one column, with the text that they make together."""

    words: ReadLine

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def plain(self) -> str:
        """``text`` without marks and capitals, as long as it, letter for letter."""
        return text.folded(self.text)

    @property
    def left(self) -> int:
        return self.words[0].left

    @property
    def right(self) -> int:
        return self.words[-1].right

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    @property
    def top(self) -> int:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> int:
        return max(word.bottom for word in self.words)

    @property
    def height(self) -> float:
        return _height(self.words)

    @property
    def is_motto(self) -> bool:
        known = (*_MOTTOS, *_PARTS_OF_MOTTO, *_ENGLISH_MOTTOS)
        return any(motto in self.plain for motto in known)

    @property
    def capitals(self) -> float:
        """The share of capitals among its letters."""
        letters = [c for c in self.text if c.isalpha()]
        return sum(c.isupper() for c in letters) / len(letters) if letters else 0.0

    def sure_of(self, start: int, end: int) -> int:
        """How sure the engine is of these letters of ``text``: between the mean and the
        least of their words, because one wrong word makes a wrong value.
        """
        found, at = [], 0
        for word in self.words:
            if at < end and at + len(word.text) > start:
                found.append(word.sure)
            at += len(word.text) + 1
        if not found:
            return 0
        return round((sum(found) / len(found) + min(found)) / 2)


def text_runs(lines: Iterable[ReadLine]) -> tuple[TextRun, ...]:
    """The lines as runs, each line parted where another column begins."""
    return tuple(TextRun(words) for line in lines for words in _columns(line))


def _columns(line: ReadLine) -> Iterator[ReadLine]:
    if not line:
        return
    wide, start = _COLUMN * _height(line), 0
    for at, (word, following) in enumerate(pairwise(line), start=1):
        apart = following.left - word.right > wide
        if apart or (at > start and _begins_motto(line[at:])):
            yield line[start:at]
            start = at
    yield line[start:]


def _begins_motto(words: ReadLine) -> bool:
    """A long name of a body comes close to the motto beside it."""
    known = (*_MOTTOS, *_ENGLISH_MOTTOS)
    start = text.folded(" ".join(word.text for word in words[:6]))
    behind = start.partition(" ")[2]
    return start.startswith(known) or behind.startswith(_PARTS_OF_MOTTO[0])


def _height(words: ReadLine) -> float:
    """The middle one: a bracket or a speck is as high as it likes."""
    heights = sorted(word.bottom - word.top for word in words)
    return max(1, heights[len(heights) // 2])
