"""Programs of others, their answers, and what happens that they ask for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from intake.domain.answering import KeptAnswer, KeyedRequest, KeyRow
from intake.domain.programs import Program, ProgramChange
from intake.domain.records import CaseEvent


class Programs(Protocol):
    async def of(self, agency: str) -> tuple[Program, ...]:
        """In the order in which they were made."""
        ...

    async def find(self, prefix: str) -> Program | None:
        """Whatever agency it is of."""
        ...

    async def issue(
        self, agency: str, decide: Callable[[Sequence[Program]], ProgramChange]
    ) -> Program:
        """MUST hold the agency's programs from reading to commit."""
        ...

    async def revoke(
        self,
        agency: str,
        prefix: str,
        decide: Callable[[Program], ProgramChange | None],
    ) -> Program:
        """None changes nothing. Raises NotFound, also for one of another agency."""
        ...

    async def touch(self, prefix: str, at: datetime) -> None:
        """It was used."""
        ...


class Answers(Protocol):
    """Requests under a key, and what they were answered."""

    async def claim(self, asked: KeyedRequest) -> KeyRow | None:
        """The row of an earlier request, or None where the key is this one's from now
        on. MUST give a key to one of two at once, in this process or another.
        """
        ...

    async def keep(self, asked: KeyedRequest, answer: KeptAnswer) -> None: ...
    async def release(self, asked: KeyedRequest) -> None:
        """Forget the key, unless it has an answer."""
        ...


class CaseEvents(Protocol):
    """What happened to cases, in the order in which it was recorded."""

    async def after(self, agency: str, seq: int, most: int) -> tuple[CaseEvent, ...]:
        """MUST be found by an index, and MUST NOT pass over what commits later with a
        lower number.
        """
        ...
