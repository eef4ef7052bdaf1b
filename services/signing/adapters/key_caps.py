"""Limits how often a key is used in an hour, so that a stolen desk or a fault does not
sign all night.

A use counts from its intent on, whatever becomes of it.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.measures import Measure, escaped
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.rate_budget import AT_ONCE, RateBudget

HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class KeyCaps:
    """The caps of one process; ``restore`` brings back the uses that the journal
    recorded in the last hour.
    """

    uses_per_hour: int
    """How often each key is used in any hour; 0: no cap."""
    clock: Clock
    _keys: dict[str, RateBudget] = field(default_factory=dict)
    # Guards the budgets. Held from asking whether every key of a copy is free until all
    # are counted, so that no copy gets one key and is stopped at the other.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, keys: Iterable[str]) -> None:
        """Raises Trouble(RATE_CAP) if one of them may not be used now."""
        with self._lock:
            self._check(tuple(keys))

    def use(self, keys: Iterable[str]) -> None:
        """Count a use of each key; or count none and raise Trouble(RATE_CAP)."""
        named = tuple(keys)
        with self._lock:
            self._check(named)
            for key in named:
                self._budget(key).take(self.clock())

    def restore(self, uses: Iterable[tuple[str, datetime]]) -> None:
        """Count *uses* of before the start: key and time, oldest first."""
        with self._lock:
            for key, at in uses:
                self._budget(key).take(at)

    def measures(self) -> Iterable[Measure]:
        with self._lock:
            kept = [(k, b.left(self.clock())) for k, b in self._keys.items()]
        if self.uses_per_hour:
            for key, left in kept:
                yield f'ecopy_signing_key_uses_left{{key="{escaped(key)}"}}', left

    def _check(self, keys: Iterable[str]) -> None:
        waits = {key: self._budget(key).wait(self.clock()) for key in keys}
        key = max(waits, key=lambda key: waits[key])
        if waits[key] > AT_ONCE:
            what = f"{key}: {self.uses_per_hour} uses in an hour are used up"
            raise Trouble(Hindrance.RATE_CAP, what, waits[key])

    def _budget(self, key: str) -> RateBudget:
        return self._keys.setdefault(key, RateBudget(self.uses_per_hour, HOUR))
