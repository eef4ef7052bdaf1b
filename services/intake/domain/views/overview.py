"""What the page *Tổng quan* shows: the figures of a span, and their plots drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.domain.figures import Measured, Satisfaction, Spread, Step
from intake.domain.spans import MonthSpan, Slot


@dataclass(frozen=True, slots=True)
class Bar:
    """A week or month: what was on time, and on top of it what was late. Lengths are
    in the units of the plot's own box, from its top left corner.
    """

    slot: Slot
    on_time: int
    late: int
    left: float
    top: float
    height: float
    late_top: float
    late_height: float


@dataclass(frozen=True, slots=True)
class Reach:
    """One step's line: the middle is a dot, nine of ten is where the line ends."""

    step: Step
    spread: Spread
    down: float
    dot: float
    end: float
    longest: bool
    """No other step's middle is longer."""


@dataclass(frozen=True, slots=True)
class StarBar:
    """How many chose one number of stars: a line from the left of the plot."""

    stars: int
    count: int
    down: float
    length: float


@dataclass(frozen=True, slots=True)
class OverviewView:
    agency_name: str
    now: datetime
    span: MonthSpan
    spans: Sequence[MonthSpan]
    figures: Measured
    satisfaction: Satisfaction
    stars: Sequence[StarBar]
    """Five, the best first."""
    bars: Sequence[Bar]
    reaches: Sequence[Reach]
