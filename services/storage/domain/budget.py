"""What the search of one stranger's file may cost: steps, whatever the file holds.

A step is about ten nanoseconds of a usual server. Work is charged before it is done, by
the bytes that it touches and by what each hit in them costs, never by items whose size
a stranger chooses.
"""

from dataclasses import dataclass
from typing import Final

STEPS: Final = 80_000_000
"""What one file may cost. A changed copy of 2,000 pages takes a tenth of it."""


class SpentError(Exception):
    """The budget is spent: the file was not looked at in full."""


@dataclass(slots=True)
class SearchBudget:
    """The steps that are left of one file's, shared by all that searches it."""

    left: int = STEPS

    def spend(self, steps: int) -> None:
        """Raises SpentError instead of letting work begin that it cannot pay."""
        if steps > self.left:
            self.left = 0
            raise SpentError
        self.left -= steps
