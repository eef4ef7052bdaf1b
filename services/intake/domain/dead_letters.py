"""What an administrator or operator did about a dead letter.

The letter itself is on the bus and is never changed (``ecopy.dead_letter``). Start at
``DeadLetterAct``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ecopy.dead_letter import DeadLetter

Act = Literal["replay", "dismiss"]
Step = Literal["asked", "sent", "gone", "noted"]
"""``asked``: written down, not on the bus yet. ``sent``: the bus has it. ``gone``: the
letter had left the bus before it could be sent. ``noted``: there was nothing to send.
"""
MOST_WHY: Final = 300
"""Characters of what was mended, or why nothing is to be done."""
NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class DeadLetterAct:
    id: int
    letter: int
    parked_at: datetime
    """With the number it names one letter: a stream that was lost begins at one again.
    """
    act: Act
    step: Step
    at: datetime
    by: str
    """Name of the administrator, or of the operator's account on the machine."""
    why: str = ""

    @property
    def slug(self) -> str:
        """The act with its step, as pages and the command name it."""
        return f"{self.act}-{self.step}"


def acts_on(
    letter: DeadLetter, acts: Iterable[DeadLetterAct]
) -> tuple[DeadLetterAct, ...]:
    """The acts that were about this very letter, oldest first."""
    return tuple(
        act
        for act in acts
        if (act.letter, act.parked_at) == (letter.number, letter.parked_at)
    )


def standing(acts: Iterable[DeadLetterAct]) -> str:
    """Slug of what became of a letter: ``new``, or its last act with its step."""
    last = NEW
    for act in acts:
        last = act.slug
    return last
