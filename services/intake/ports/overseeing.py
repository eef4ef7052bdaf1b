"""What the administrator's page reads and does."""

from datetime import datetime
from typing import Protocol

from ecopy.dead_letter import DeadLetter
from intake.domain.dead_letters import DeadLetterAct, Step
from intake.domain.records import Note
from intake.domain.system import Backlog, BusState, Growing


class DeadLetterStore(Protocol):
    """The bus's dead letters. Every method raises BusAway, at once where the bus is
    away.
    """

    async def all(self) -> tuple[DeadLetter, ...]:
        """Oldest first."""
        ...

    async def find(self, number: int) -> DeadLetter | None: ...
    async def replay(self, letter: DeadLetter, act: str) -> None:
        """MUST hand it to the consumer that parked it and to no other, once for one
        *act*.
        """
        ...


class DeadLetterActs(Protocol):
    """What was done about dead letters."""

    async def all(self) -> tuple[DeadLetterAct, ...]:
        """Oldest first."""
        ...

    async def add(self, act: DeadLetterAct, note: Note) -> DeadLetterAct:
        """MUST write the act and its line of audit in one transaction; what is returned
        has its id.
        """
        ...

    async def unsent(self) -> tuple[DeadLetterAct, ...]: ...
    async def settle(self, act: int, step: Step) -> None: ...
    async def note(self, note: Note) -> None: ...


class Gauges(Protocol):
    """What the system's page measures in intake's own database."""

    async def backlog(self, agency: str) -> Backlog: ...
    async def growing(self, now: datetime) -> tuple[Growing, ...]: ...


class BusGauge(Protocol):
    def state(self) -> BusState: ...
