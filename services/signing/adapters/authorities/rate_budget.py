"""How many uses of something are left in any period. Knows no clock and takes no lock:
both belong to whoever counts with it.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

UNLIMITED: Final = 1 << 30
"""How many uses are left where nothing limits them."""
AT_ONCE: Final = timedelta(0)
"""The wait when there is none."""
UNORDERED: Final = timedelta(seconds=1)
"""How far the times of threads that count at once may be out of order."""


class RateBudget:
    """At most so many uses in any period; a place comes back a period after its use.

    A bucket refilled bit by bit would let nearly twice as many through in one period.
    """

    def __init__(self, uses: int, period: timedelta) -> None:
        """A budget of *uses* in any *period*; 0 uses stand for no limit."""
        self._most, self._period = uses, period
        self._uses: deque[datetime] = deque()

    @property
    def limited(self) -> bool:
        return self._most > 0

    def left(self, now: datetime) -> int:
        """How many uses are free *now*; what is older than a period is forgotten.

        A use that lies ahead is of a clock that was set back since. It counts as made
        now, so it is never forgotten too early, nor for ever in the way.
        """
        if not self.limited:
            return UNLIMITED
        if self._uses and self._uses[-1] > now + UNORDERED:
            self._uses = deque(min(use, now) for use in self._uses)
        while self._uses and self._uses[0] <= now - self._period:
            self._uses.popleft()
        return self._most - len(self._uses)

    def take(self, now: datetime) -> None:
        """Count a use. Does not ask whether one was left: the caller does."""
        if self.limited:
            self._uses.append(now)

    def wait(self, now: datetime, uses: int = 1) -> timedelta:
        """The time until so many uses are free; a whole period if they never are."""
        missing = uses - self.left(now)
        if missing <= 0:
            return AT_ONCE
        if missing > len(self._uses):
            return self._period
        return self._uses[missing - 1] + self._period - now
