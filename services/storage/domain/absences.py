"""Sealed copies that were looked for and are not there: when is one lost?"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MOST: Final = 1000
"""How many are remembered; an older one is then counted from the beginning."""


@dataclass(slots=True)
class Absences:
    """What one process has seen; a restart begins anew.

    A copy is lost when it was missed so often, over so long a time: a store that comes
    back piece by piece, or a clock that jumps, must not cost a copy that is there.
    """

    tries: int = 4
    age: timedelta = timedelta(minutes=1)
    _seen: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """Key → when it was first missed, and how often since."""

    def lost(self, key: str, now: datetime) -> bool:
        """Count one more look at *now* that found nothing; whether that is enough."""
        first, looks = self._seen.pop(key, (now, 0))
        if len(self._seen) >= MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = (min(first, now), looks + 1)
        return looks + 1 >= self.tries and now - first >= self.age

    def forget(self, key: str) -> None:
        """It is there after all, or nobody looks for it any more."""
        self._seen.pop(key, None)
