"""Whoever asks again is found by the number of their identity paper."""

from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from intake.domain import recognising
from intake.domain.people import Actor
from intake.domain.recognising import Earlier
from intake.ports import Cases, Closings

MOST_CASES: Final = 50
"""Cases that are looked at, the newest first: what was given last is offered."""


@dataclass(frozen=True, slots=True)
class Recognising:
    """Requesters of before, with the ports that this takes."""

    cases: Cases
    audit: Closings
    clock: Clock

    async def earlier(self, number: str, by: Actor) -> tuple[Earlier, ...]:
        """Requesters of this agency with that number. What was shown of them is a line
        of the audit; nothing found is none.
        """
        if not recognising.long_enough(number):
            return ()
        wanted = recognising.plain(number)
        cases = await self.cases.sought(by.agency, wanted, MOST_CASES)
        found = recognising.earlier(cases, number)
        if found:
            # Before the answer: a line that nobody needed is harmless, a look that
            # nobody knows of is not.
            line = recognising.looked_up(len(found), by, self.clock())
            await self.audit.record(line)
        return found
