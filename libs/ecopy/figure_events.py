"""What an office is measured by, as far as everybody may know it (docs/decisions/0154).

Counts of a month, never a case; the last report of a month holds.
"""

from typing import Final

from pydantic import Field

from ecopy.envelopes import AgencyEvent
from ecopy.ordered import Model

LEAST_CASES: Final = 10
"""A month with fewer cases is not counted in public: of one or two cases a neighbour
could tell whose they were. The number is our own; no law names one."""


class CaseFigures(Model):
    """Counts of one month, of ``LEAST_CASES`` or more cases."""

    cases: int = Field(ge=LEAST_CASES)
    """Cases whose last paper ended in the month, with a copy."""
    on_time: int = Field(ge=0)
    """Those of them that ended by their due hour."""
    copies: int = Field(ge=0)
    """Certified copies that were issued."""
    numbered: int = Field(ge=0)
    """Numbers that ended in the month: copies, and numbers that became none."""
    middle_minutes: int = Field(ge=0)
    """What half of the cases did not exceed, from the complete receipt to the end."""


LEAST_RATINGS: Final = 5
"""A month of fewer ratings is not told: of one or two, a clerk who handed the results
out could tell whose they were."""
MOST_WORDS: Final = 200
"""In one report: with ``WORDS_CHARACTERS`` far below what a message may have."""
WORDS_CHARACTERS: Final = 500
StarCounts = tuple[int, int, int, int, int]


class CitizensWords(Model):
    """What somebody wrote beside their rating; it has no name and no time."""

    stars: int = Field(ge=1, le=5)
    text: str = Field(max_length=WORDS_CHARACTERS)


class RatingsReported(AgencyEvent):
    """How satisfied citizens were with an agency in a month, of days that are over."""

    subject = "ecopy.ratings.reported.v1"

    year: int
    month: int = Field(ge=1, le=12)
    stars: StarCounts
    """How many chose 1, 2, 3, 4 and 5; together ``LEAST_RATINGS`` or more."""
    words: tuple[CitizensWords, ...] = Field(default=(), max_length=MOST_WORDS)


class FiguresReported(AgencyEvent):
    """The first figures of one agency and month, up to a midnight that has passed."""

    subject = "ecopy.figures.reported.v1"

    name: str
    """What the agency is called, for whoever reads the figures."""
    year: int
    month: int = Field(ge=1, le=12)
    figures: CaseFigures | None
    """None for a month with fewer cases than may be counted in public."""
