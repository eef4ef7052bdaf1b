"""Timestamp authorities in order: the first that answers well is used.

RFC 3161 section 3.4 (HTTP). One that asks for patience (429, Retry-After) is left
alone until then. Never a signature without a timestamp: else Trouble(TSA).
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from chassis.clock import Clock
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.tokens import Asked, RefusedTokenError, Token, TokenRules, ask
from signing.adapters.web import Call, UnreachableError

log = structlog.get_logger()

QUERY: Final = "application/timestamp-query"
PAUSE: Final = timedelta(seconds=10)
"""After a failure the next authority gets the work meanwhile."""
PROBE_AGE: Final = timedelta(minutes=10)
"""A token younger than this proves that a key use is worth its while."""
SPARE_ROOM: Final = 1024
"""Over the largest token seen: serials and names vary by a few octets."""
LEAST_ROOM: Final = 4096

Fetch = Callable[[Call], bytes]


@dataclass(slots=True)
class _State:
    paused_until: datetime | None = None
    last_good: datetime | None = None


@dataclass(slots=True)
class Timestamps:
    """Obtains checked tokens; shared by the signing threads."""

    urls: Sequence[str]
    rules: TokenRules
    fetch: Fetch
    clock: Clock
    chance: Callable[[int], bytes] = os.urandom
    _states: dict[str, _State] = field(default_factory=dict)
    _largest: int = 0
    _latest: Token | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> Token:
        """A recent token of an authority that works, asked for if there is none.

        MUST be called before a key is used: it shows that a timestamp can be had,
        under which certificate, and how much room it takes. Raises Trouble(TSA).
        """
        with self._lock:
            latest = self._latest
        if latest is not None and self.clock() - latest.time < PROBE_AGE:
            return latest
        return self.stamp(self.chance(32))

    @property
    def room(self) -> int:
        """Octets to keep free for a token."""
        return max(LEAST_ROOM, self._largest + SPARE_ROOM)

    def stamp(self, content: bytes) -> Token:
        """A token over *content* (a signature value). Raises Trouble(TSA)."""
        failures: list[str] = []
        for url in self.urls:
            state = self._states.setdefault(url, _State())
            if state.paused_until is not None and self.clock() < state.paused_until:
                failures.append(f"{url}: waits until {state.paused_until:%H:%M:%S}")
                continue
            token = self._try(url, state, ask(content, self.chance(8)), failures)
            if token is not None:
                return token
        with self._lock:
            self._latest = None
        raise Trouble(Hindrance.TSA, "; ".join(failures) or "no authority is set")

    def _try(
        self, url: str, state: _State, asked: Asked, failures: list[str]
    ) -> Token | None:
        try:
            answer = self.fetch(Call(url, asked.query(), QUERY))
            token = self.rules.check(answer, asked, self.clock())
        except (UnreachableError, RefusedTokenError) as error:
            wait = getattr(error, "retry_after", None)
            pause = timedelta(seconds=wait) if wait else PAUSE
            state.paused_until = self.clock() + pause
            failures.append(f"{url}: {error}")
            log.warning("timestamp_refused", tsa=url, reason=str(error))
            return None
        with self._lock:
            state.paused_until, state.last_good = None, token.time
            self._latest, self._largest = token, max(self._largest, len(token.der))
        return token
