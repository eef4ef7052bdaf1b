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


class FiguresReported(AgencyEvent):
    """The first figures of one agency and month, up to a midnight that has passed."""

    subject = "ecopy.figures.reported.v1"

    name: str
    """What the agency is called, for whoever reads the figures."""
    year: int
    month: int = Field(ge=1, le=12)
    figures: CaseFigures | None
    """None for a month with fewer cases than may be counted in public."""
