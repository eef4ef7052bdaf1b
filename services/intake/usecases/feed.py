"""What happens to the cases of an agency, for programs that follow them."""

from dataclasses import dataclass
from typing import Final

from intake.domain.people import Actor
from intake.domain.records import CaseEvent
from intake.ports import CaseEvents

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Feed:
    """The lines of the audit that are about cases, with the port that they take."""

    events: CaseEvents

    async def after(self, seq: int, by: Actor) -> tuple[CaseEvent, ...]:
        """Those of the agency behind *seq*, oldest first, at most ``MOST``."""
        return await self.events.after(by.agency, seq, MOST)
