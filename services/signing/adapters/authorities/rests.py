"""A time for which an authority is left alone, on a clock that may be set."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.adapters.authorities.rate_budget import AT_ONCE, UNORDERED


@dataclass(frozen=True, slots=True)
class Rest:
    """A time for which an authority is left alone."""

    since: datetime
    until: datetime

    def left(self, now: datetime) -> timedelta:
        """How much of it is left. None of it if it began in what is the future now: the
        clock was set back, and the rest would last as long as it had been ahead.
        """
        if now < self.since - UNORDERED:
            return AT_ONCE
        return max(AT_ONCE, self.until - now)

    def __str__(self) -> str:
        return str(self.until)
