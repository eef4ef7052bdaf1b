"""One timestamp authority as signing remembers it: how often it may be asked, and what
its last tokens were like. Which one is asked is decided in ``timestamps.py``.

Several threads use one; its attributes are replaced as a whole, and a deque's append is
one step, so it takes no lock of its own.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from chassis.clock import Clock
from signing.adapters.authorities.governor import (
    Authority,
    BreakerState,
    RequestLimits,
)
from signing.adapters.authorities.timestamp_tokens import TimestampToken

PROBE_AGE: Final = timedelta(minutes=10)
"""How old a token may be and still show that a stamp can be had."""
SPARE_ROOM: Final = 1024
"""Octets kept over the largest token seen: serials and names vary by a few of them."""
LEAST_ROOM: Final = 4096
REMEMBERED: Final = 32
"""How many tokens' sizes count: one freak does not swell every later copy."""


class StampingAuthority:
    """One authority, and what its last tokens were like."""

    def __init__(self, url: str, limits: RequestLimits, clock: Clock) -> None:
        self.url = url
        self.authority = Authority(url.partition("://")[2], limits, clock)
        self._sizes: deque[int] = deque(maxlen=REMEMBERED)
        self._latest: TimestampToken | None = None
        self.doubted = False
        """Whether its tokens are of no use until one is proved good again."""

    @property
    def room(self) -> int:
        """How many octets its next token may take; 0 before the first one."""
        if not self._sizes:
            return 0
        return max(LEAST_ROOM, max(tuple(self._sizes)) + SPARE_ROOM)

    def learn(self, token: TimestampToken) -> None:
        """Remember what the authority's newest token is like."""
        self._sizes.append(len(token.der))
        self._latest = token

    def stands_on(self, certificate: x509.Certificate) -> bool:
        """Whether its last token rests on *certificate*."""
        token = self._latest
        if token is None:
            return False
        return certificate in (token.certificate, *token.chain.authorities)

    def recent(self, now: datetime) -> TimestampToken | None:
        """Its last token, if that is young and the authority may be asked again."""
        token, authority = self._latest, self.authority
        # A token that lies ahead by more than that is of a clock that was set back: it
        # would be "recent" until that time comes.
        if token is None or abs(now - token.time) >= PROBE_AGE:
            return None
        works = authority.state is BreakerState.CLOSED and authority.left() > 0
        return token if works else None
