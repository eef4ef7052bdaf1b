"""Timestamp authorities in order: the first that answers well is used.

RFC 3161 section 3.4 (HTTP), under the governor (docs/decisions/0016). Never a
signature without a timestamp: else Trouble(TSA), with the time until one may be had.
"""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from cryptography import x509

from chassis.clock import Clock
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.governor import (
    Authority,
    BreakerState,
    NoAnswerError,
    RequestLimits,
    WaitsError,
)
from signing.adapters.authorities.http_client import HttpRequest
from signing.adapters.authorities.timestamp_tokens import (
    TimestampToken,
    TokenRules,
    timestamp_request,
)
from signing.adapters.measures import Measure, escaped

log = structlog.get_logger()

QUERY: Final = "application/timestamp-query"
LARGEST_TOKEN: Final = 64 << 10
"""Tokens with their whole chain have 2 to 8 kB."""
PROBE_AGE: Final = timedelta(minutes=10)
"""A token younger than this proves that a key use is worth its while."""
SIGNATURES: Final = 2
"""Of one copy: it takes at least so many timestamps."""
SPARE_ROOM: Final = 1024
"""Over the largest token seen: serials and names vary by a few octets."""
LEAST_ROOM: Final = 4096
ROOM_FOR_A_STRANGER: Final = 8192
"""For an authority not heard yet, asked if the one before fails in mid-copy."""
REMEMBERED: Final = 32
"""Tokens whose size counts: one freak does not swell every later copy."""

Fetch = Callable[[HttpRequest], bytes]


class DoubtedError(Trouble):
    """A token's certificate is revoked, or not proved good now."""


Prove = Callable[[TimestampToken], object]
"""Raises DoubtedError if a token's certificate is not proved good."""


def _taken_as_it_is(_token: TimestampToken) -> None:
    """For who needs no proof."""


class _Tsa:
    """One authority, and what its last tokens were like."""

    def __init__(self, url: str, limits: RequestLimits, clock: Clock) -> None:
        self.url = url
        self.authority = Authority(url.partition("://")[2], limits, clock)
        self._sizes: deque[int] = deque(maxlen=REMEMBERED)
        self._latest: TimestampToken | None = None
        self.doubted = False
        """Its tokens are of no use until one is proved again."""

    @property
    def room(self) -> int:
        """Octets that its next token may take."""
        if not self._sizes:
            return 0
        return max(LEAST_ROOM, max(tuple(self._sizes)) + SPARE_ROOM)

    def learn(self, token: TimestampToken) -> None:
        self._sizes.append(len(token.der))
        self._latest = token

    def stands_on(self, certificate: x509.Certificate) -> bool:
        token = self._latest
        if token is None:
            return False
        return certificate in (token.certificate, *token.chain.authorities)

    def recent(self, now: datetime) -> TimestampToken | None:
        """Its last token, if it will be asked again and that one is young."""
        token, authority = self._latest, self.authority
        if token is None or now - token.time >= PROBE_AGE:
            return None
        works = authority.state is BreakerState.CLOSED and authority.left() > 0
        return token if works else None


@dataclass(slots=True)
class Timestamps:
    """Obtains checked tokens; shared by the signing threads."""

    urls: Sequence[str]
    rules: TokenRules
    fetch: Fetch
    clock: Clock
    chance: Callable[[int], bytes] = os.urandom
    limits: Mapping[str, RequestLimits] = field(default_factory=dict)
    """By URL; others have none."""
    _tsas: tuple[_Tsa, ...] = ()
    _promised: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _probing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        none = RequestLimits()
        self._tsas = tuple(
            _Tsa(url, self.limits.get(url, none), self.clock) for url in self.urls
        )

    def ready(
        self, prove: Prove = _taken_as_it_is, stamps: int = SIGNATURES
    ) -> TimestampToken:
        """A recent token of an authority that works, asked for if there is none.

        MUST be called before a key is used: it shows that a copy's *stamps* can be
        had, under which certificate, and how much room they take. The next authority
        is asked if *prove* raises DoubtedError. Raises Trouble(TSA).
        """
        now = self.clock()
        probes = all(tsa.recent(now) is None for tsa in self._tsas)
        self._check_left(stamps + probes)
        failures: list[str] = []
        for tsa in self._tsas:
            token = self._probed(tsa, failures)
            if token is None:
                continue
            try:
                prove(token)
            except DoubtedError as error:
                failures.append(f"{tsa.url}: {error.detail}")
                continue
            tsa.doubted = False
            return token
        raise self._trouble("; ".join(failures))

    def doubt(
        self, certificate: x509.Certificate, kind: str, pause: timedelta | None = None
    ) -> DoubtedError:
        """Every authority whose tokens stand on *certificate* rests: what to raise."""
        for tsa in self._tsas:
            if tsa.stands_on(certificate):
                tsa.doubted = True
                tsa.authority.rest(kind, pause)
                log.warning("timestamps_doubted", tsa=tsa.url, kind=kind)
        what = f"{kind}: {certificate.subject.rfc4514_string()}"
        return DoubtedError(Hindrance.TSA, what, self._wait())

    @contextlib.contextmanager
    def reserved(self, stamps: int = SIGNATURES) -> Iterator[None]:
        """So many requests are kept for one copy, so that copies made at once do not
        eat each other's second timestamp. Raises Trouble(TSA) before a key is used.
        """
        with self._lock:
            self._check_left(stamps)
            self._promised += stamps
        try:
            yield
        finally:
            with self._lock:
                self._promised -= stamps

    @property
    def room(self) -> int:
        """Octets to keep free for a token of any authority that may be asked."""
        asked = [
            t.room for t in self._tsas if t.authority.state is not BreakerState.OPEN
        ]
        strangers = len(asked) > 1 and 0 in asked
        return max(LEAST_ROOM, *asked, ROOM_FOR_A_STRANGER if strangers else 0)

    def stamp(self, content: bytes) -> TimestampToken:
        """A token over *content* (a signature value). Raises Trouble(TSA)."""
        useful = (tsa for tsa in self._tsas if not tsa.doubted)
        order = sorted(useful, key=lambda tsa: tsa.authority.state)
        failures: list[str] = []
        tries = (self._try(tsa, content, failures) for tsa in order)
        token = next((token for token in tries if token is not None), None)
        if token is None:
            raise self._trouble("; ".join(failures))
        return token

    def measures(self) -> Iterable[Measure]:
        for tsa in self._tsas:
            yield from tsa.authority.measures("ecopy_signing_tsa", "tsa")
            label = f'tsa="{escaped(tsa.authority.name)}"'
            yield f"ecopy_signing_tsa_room_bytes{{{label}}}", tsa.room

    def _probed(self, tsa: _Tsa, failures: list[str]) -> TimestampToken | None:
        with self._probing:  # one probe serves all who wait for it
            token = tsa.recent(self.clock())
            return token or self._try(tsa, self.chance(32), failures)

    def _try(
        self, tsa: _Tsa, content: bytes, failures: list[str]
    ) -> TimestampToken | None:
        asked = timestamp_request(content, self.chance(8))

        def exchange() -> TimestampToken:
            again = tsa.authority.again
            call = HttpRequest(tsa.url, asked.query(), QUERY, LARGEST_TOKEN, again)
            return self.rules.check(self.fetch(call), asked, self.clock())

        try:
            token = tsa.authority.ask(exchange)
        except NoAnswerError as error:
            failures.append(f"{tsa.url}: {error}")
            if not isinstance(error, WaitsError):
                kind = error.kind
                log.warning("timestamp_refused", tsa=tsa.url, kind=kind, why=str(error))
            return None
        tsa.learn(token)
        return token

    def _check_left(self, stamps: int = SIGNATURES) -> None:
        left = sum(tsa.authority.left() for tsa in self._tsas)
        if left < stamps + self._promised:
            raise self._trouble("no timestamp is to be had now", stamps)

    def _trouble(self, why: str, stamps: int = 1) -> Trouble:
        why = why or "no authority is set, or none is proved good"
        return Trouble(Hindrance.TSA, why, self._wait(stamps))

    def _wait(self, stamps: int = 1) -> timedelta | None:
        waits = (tsa.authority.wait(stamps) for tsa in self._tsas)
        return min(waits, default=None)
