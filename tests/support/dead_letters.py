"""``ports.DeadLetters`` in memory, with the promises of the one on the bus."""

from dataclasses import dataclass, field
from datetime import datetime

from ecopy.dead_letter import BusAway, DeadLetter
from intake.domain.system import BusState
from support import build


def letter(number: int = 1, **changes: object) -> DeadLetter:
    event = build.ordered()
    values: dict[str, object] = {
        "number": number,
        "consumer": "signing-ordered",
        "reason": "no such field",
        "parked_at": event.at,
        "body": event.encode("intake"),
        "subject": event.subject,
        "signature": "intake x",
        "publisher": "intake",
    }
    return DeadLetter(**{**values, **changes})


@dataclass
class DeadLettersInMemory:
    letters: list[DeadLetter] = field(default_factory=list)
    away: bool = False
    away_after_reading: bool = False
    """The bus goes away between reading a letter and replaying it."""
    replayed: dict[str, DeadLetter] = field(default_factory=dict)
    """By act: a second replay of the same act is dropped."""

    def state(self) -> BusState:
        return BusState(connected=not self.away)

    async def all(self) -> tuple[DeadLetter, ...]:
        self._check()
        return tuple(self.letters)

    async def find(self, number: int) -> DeadLetter | None:
        self._check()
        return next((each for each in self.letters if each.number == number), None)

    async def replay(self, letter: DeadLetter, act: str) -> None:
        if self.away_after_reading:
            raise BusAway
        self._check()
        self.replayed.setdefault(act, letter)

    def lose(self, at: datetime) -> None:
        """The stream was lost and begins at one again."""
        self.letters = [letter(1, parked_at=at)]

    def _check(self) -> None:
        if self.away:
            raise BusAway
