"""The facts that an office is measured by, and the figures that come of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ecopy.events import CitizensWords
from intake.domain.spans import Slot
from intake.domain.states import State

Step = Literal["desk", "approval", "release", "sealing", "archiving"]
STEPS: Final[tuple[Step, ...]] = (
    *("desk", "approval", "release", "sealing", "archiving"),
)
"""From the receipt to the last submission, from there to the approval, where the seal
has a keeper to the release, to both signatures, and to the archive's answer."""


@dataclass(frozen=True, slots=True)
class MeasuredPaper:
    """A paper with the instants of its way; *ended_at* is None while it has no end."""

    case: str
    ordinal: int
    kind: str
    state: State
    complete_at: datetime
    """When the office had everything that it needed."""
    due_at: datetime
    ended_at: datetime | None
    submitted_at: datetime | None = None
    submitted_by: str = ""
    """The name of whoever submitted it last before its approval."""
    approved_at: datetime | None = None
    approved_by: str = ""
    released_at: datetime | None = None
    """When the seal keeper released it; None where no person releases the seal."""
    released_by: str = ""
    sealed_at: datetime | None = None
    sent_back: int = 0
    """How often a certifier sent it back to be scanned again."""


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper that somebody has to work on now."""

    state: State
    due_at: datetime
    since: datetime
    received_by: str
    """The name of the clerk who received its case."""
    stuck: bool


@dataclass(frozen=True, slots=True)
class EndedCase:
    """A case whose papers have all ended, one of them with a copy."""

    code: str
    complete_at: datetime
    due_at: datetime
    at: datetime

    @property
    def late(self) -> bool:
        return self.at > self.due_at


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; whoever shows it decides what none of none means."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some durations, and what nine of ten did not exceed."""

    count: int
    middle: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What citizens have said after their download; nobody knows who did."""

    counts: tuple[int, ...]
    """How many chose 1, 2, 3, 4 and 5."""
    words: tuple[CitizensWords, ...] = ()
    """The least satisfied first."""

    @property
    def given(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """The mean of all ratings. There MUST be one at least."""
        return sum(n * count for n, count in enumerate(self.counts, 1)) / self.given


@dataclass(frozen=True, slots=True)
class SlotCount:
    """The cases that ended in a week or a month."""

    slot: Slot
    on_time: int
    late: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """The papers of one kind that ended; *kind* is empty for the sum of all."""

    kind: str
    copies: int
    on_time: Share
    sent_back: int
    refused: int


@dataclass(frozen=True, slots=True)
class PersonCount:
    """What one person has done in the span, and holds now."""

    name: str
    step: Step
    holds: int
    done: Spread | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one agency and one span."""

    on_time: Share
    """Cases that ended by their due hour, of all that ended with a copy."""
    electronic: Share
    """Papers that ended with a copy, of all that got a number."""
    took: Spread | None
    """From the complete receipt to the end of the last paper, for each case."""
    slots: tuple[SlotCount, ...]
    steps: Mapping[Step, Spread]
    people: tuple[PersonCount, ...]
    kinds: tuple[KindCount, ...]
    """Most copies first; the last one is the sum."""
    open: int
    stuck: int
    late: int
    """Open papers whose due hour has passed."""
