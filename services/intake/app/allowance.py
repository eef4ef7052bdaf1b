"""How often a program may ask, and how often a place may try tokens that nobody knows.

A whole minute is counted at a time and then forgotten, so memory holds a minute's
senders and no more. Each replica counts for itself. Start at ``Allowance.count``.
"""

from collections import Counter
from typing import Final

from chassis.clock import Clock

REQUESTS_PER_MINUTE: Final = 600
"""The most of one program: ten a second, as long as it likes."""
STRANGERS_PER_MINUTE: Final = 20
"""Unknown tokens from one network. A token has 256 bits, so this spares the database
rather than the secret."""
MINUTE: Final = 60


class TooOften(Exception):
    """Answered with 429: ask again in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Allowance:
    """The requests of this minute, by program and by network of strangers."""

    def __init__(
        self,
        clock: Clock,
        *,
        requests: int = REQUESTS_PER_MINUTE,
        strangers: int = STRANGERS_PER_MINUTE,
    ) -> None:
        self._clock = clock
        self._requests, self._strangers = requests, strangers
        self._minute = 0
        self._asked: Counter[str] = Counter()
        self._before: frozenset[str] = frozenset()
        self._unknown: Counter[str] = Counter()

    def count(self, program: str) -> None:
        """Raises TooOften beyond the allowance."""
        left = self._left()
        self._asked[program] += 1
        if self._asked[program] > self._requests:
            raise TooOften(left)

    def check_strangers(self, network: str, program: str) -> None:
        """Raises TooOften where too many unknown tokens came from there. A program that
        was at work within this minute or the one before is let through all the same:
        its neighbours cannot shut it out.
        """
        left = self._left()
        if program in self._asked or program in self._before:
            return
        if self._unknown[network] >= self._strangers:
            raise TooOften(left)

    def count_stranger(self, network: str) -> None:
        self._left()
        self._unknown[network] += 1

    def _left(self) -> int:
        """The seconds that are left of this minute."""
        now = int(self._clock().timestamp())
        if now // MINUTE != self._minute:
            follows = now // MINUTE == self._minute + 1
            self._before = frozenset(self._asked) if follows else frozenset()
            self._minute = now // MINUTE
            self._asked.clear()
            self._unknown.clear()
        return MINUTE - now % MINUTE
