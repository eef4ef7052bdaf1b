"""How often one address may ask: a leaky bucket per key (GCRA), bounded in memory."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """``tries`` at once, given back evenly over ``window``."""

    tries: int
    window: timedelta

    @property
    def interval(self) -> timedelta:
        return self.window / self.tries


class Throttle:
    """Counts per key; forgets the key that was quiet the longest beyond ``keys``.

    One moment per key says it all: when its bucket would be empty again. A try moves it
    one interval on, and a key may try while that lies less than a window ahead. So a
    flood costs one number for each address, and no list of hours.

    In this process only: with n replicas an address has n times the tries.
    """

    def __init__(self, rate: Rate, *, keys: int = 100_000) -> None:
        self._rate = rate
        self._most = keys
        self._full_until: OrderedDict[str, datetime] = OrderedDict()

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long *key* must wait before its next try; zero if it may go on."""
        due = self._due(key, now)
        earliest = due + self._rate.interval - self._rate.window
        return max(timedelta(), earliest - now)

    def used(self, key: str, now: datetime) -> float:
        """Which part of its tries *key* has used: 0 for none, 1 for all."""
        return (self._due(key, now) - now) / self._rate.window

    def charge(self, key: str, now: datetime) -> None:
        """Count one try of *key*."""
        due = max(self._due(key, now), now)
        self._full_until.pop(key, None)
        self._full_until[key] = due + self._rate.interval
        # Re-entered at the end above, so the first is the one that was quiet the
        # longest.
        while len(self._full_until) > self._most:
            self._full_until.popitem(last=False)

    def _due(self, key: str, now: datetime) -> datetime:
        """When the bucket of *key* is empty again: a window from now at the latest. A
        later moment is of a clock that was set back since, and would keep everybody
        waiting for as long as it had been ahead.
        """
        return min(self._full_until.get(key, now), now + self._rate.window)
