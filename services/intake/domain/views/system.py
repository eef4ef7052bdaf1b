"""The administrator's page of the system, and the page of one dead letter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.domain.reconciling import Reconciliation
from intake.domain.system import Growing

Tone = Literal["good", "warn", "stop"]


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of the house: ``system.part.<slug>``, and what is seen of it."""

    slug: str
    tone: Tone
    says: str
    """The sentence's key below ``system.sees``."""
    values: dict[str, str | int]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingView:
    state: str
    papers: int
    since: datetime
    minutes: int
    case: str
    """The case's code, as short as the board shows it."""


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    number: int
    consumer: str
    entry: str
    reason: str
    parked_at: datetime
    size: int
    signed: bool
    standing: str
    """``new``, or the last act and its step: ``letter.standing.<slug>``."""
    replay_of: int | None

    @property
    def new(self) -> bool:
        return self.standing == "new"


@dataclass(frozen=True, slots=True)
class DeadLetterActView:
    slug: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class DeadLetterView:
    """One letter with its first bytes."""

    row: DeadLetterRow
    subject: str
    message_id: str
    published_at: datetime | None
    publisher: str
    start: str
    cut: bool
    """There is more than the first bytes."""
    acts: tuple[DeadLetterActView, ...]
    most_why: int
    now: datetime


@dataclass(frozen=True, slots=True)
class SystemView:
    now: datetime
    parts: tuple[PartView, ...]
    numbers: Reconciliation
    """What the register of this whole house came to; looked through each minute."""
    waiting: tuple[WaitingView, ...]
    growing: tuple[Growing, ...]
    letters: tuple[DeadLetterRow, ...] | None
    """Newest first; None while the bus does not answer, so nothing is known of them."""
    letters_in_all: int

    @property
    def worst(self) -> Tone:
        tones = {part.tone for part in self.parts}
        return "stop" if "stop" in tones else "warn" if "warn" in tones else "good"

    @property
    def troubled(self) -> tuple[PartView, ...]:
        return tuple(part for part in self.parts if part.tone != "good")

    @property
    def new_letters(self) -> int:
        return sum(row.new for row in self.letters or ())
