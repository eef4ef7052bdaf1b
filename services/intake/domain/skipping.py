"""Lines of the register that are lost: named by an operator, never filled again.

A register that was put back from an older backup lacks lines whose copies people have.
Where no newer backup exists, an operator names them, with the reason, and numbering
goes on behind them (docs/decisions/0089). Start at ``skipped``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecopy.marks import YearBook
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from intake.domain.text import PROSE_CHARACTERS, prose

MOST_LINES: Final = 1000
"""A day has some hundred lines: many more at once are a slip of the finger, and a lost
line cannot be taken back. Who means it says it in steps."""


@dataclass(frozen=True, slots=True)
class LostLines:
    """Numbers *first* to *last* of a book, which this register will never have."""

    book: YearBook
    first: int
    last: int
    reason: str
    by: str
    at: datetime

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def skipped(
    book: YearBook, highest: int, *, through: int, reason: str, by: str, at: datetime
) -> tuple[LostLines, Note]:
    """The lines behind *highest*, the register's last, up to *through*, and the act's
    line of audit. Raises NotAllowed.
    """
    lines = LostLines(book, highest + 1, through, _worded(reason), by, at)
    if lines.count < 1:
        raise NotAllowed("error.skip-below", number=highest, through=through)
    if lines.count > MOST_LINES:
        most = highest + MOST_LINES
        raise NotAllowed("error.skip-many", n=lines.count, most=most)
    return lines, Note(
        at=at,
        actor="",
        actor_name=by,
        agency=book.agency,
        action="lines-lost",
        values={
            "book": str(book),
            "first": lines.first,
            "last": lines.last,
            "reason": lines.reason,
        },
    )


def _worded(text: str) -> str:
    try:
        words = prose(text)
    except ValueError as error:
        raise NotAllowed("error.text-long", most=PROSE_CHARACTERS) from error
    if not words:
        raise NotAllowed("error.text")
    return words
