"""Timestamp authorities in order: the first that answers well is used.

How a stamp is obtained: before a key is used ``ready`` makes sure that one may be had
(a recent token, or a probe, whose certificate is proved good), and ``reserve`` keeps
the copy's requests free; then ``stamp`` asks the authorities in order, each under its
governor (docs/decisions/0016), and checks the answer (``timestamp_tokens.py``). Never a
signature without a timestamp: else Trouble(TSA), with the time until one may be had.
RFC 3161 section 3.4 (HTTP). Start at ``Timestamps``.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from cryptography import x509

from chassis.clock import Clock
from chassis.measures import Measure, escaped
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.governor import (
    BreakerState,
    NoAnswerError,
    RequestLimits,
    WaitsError,
)
from signing.adapters.authorities.http_client import HttpRequest
from signing.adapters.authorities.stamping_authority import (
    LEAST_ROOM,
    StampingAuthority,
)
from signing.adapters.authorities.timestamp_tokens import (
    TimestampToken,
    TokenRules,
    timestamp_request,
)

log = structlog.get_logger()

QUERY: Final = "application/timestamp-query"
LARGEST_TOKEN: Final = 64 << 10
"""The most octets of an answer; tokens with their whole chain have 2 to 8 kB."""
SIGNATURES: Final = 2
"""How many timestamps a copy takes at least: one for each signature."""
ROOM_FOR_A_STRANGER: Final = 8192
"""Octets kept for an authority that has not answered yet, and is asked if the one
before it fails in mid-copy."""
Fetch = Callable[[HttpRequest], bytes]


class DoubtedError(Trouble):
    """A token's certificate is revoked, or not proved good now."""


Prove = Callable[[TimestampToken], object]
"""A check that raises DoubtedError if a token's certificate is not proved good."""


def _taken_as_it_is(_token: TimestampToken) -> None:
    """Ask for no proof: the default where nobody needs one."""


@dataclass(slots=True)
class Timestamps:
    """Obtains checked tokens; shared by the signing threads."""

    urls: Sequence[str]
    rules: TokenRules
    fetch: Fetch
    clock: Clock
    chance: Callable[[int], bytes] = os.urandom
    limits: Mapping[str, RequestLimits] = field(default_factory=dict)
    """Limits by URL; an authority that is not named has none."""
    _tsas: tuple[StampingAuthority, ...] = ()
    _promised: int = 0
    """How many requests are reserved for copies under way."""
    # Guards _promised. Held while the budgets are summed and the promise is counted, so
    # that two copies cannot both count on the last places.
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # Held for a whole probe, with its wait for the network: all who come meanwhile
    # wait, then find the token that it brought. No copy holds it once it has used a
    # key.
    _probing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        none = RequestLimits()
        self._tsas = tuple(
            StampingAuthority(url, self.limits.get(url, none), self.clock)
            for url in self.urls
        )

    def ready(
        self, prove: Prove = _taken_as_it_is, stamps: int = SIGNATURES
    ) -> TimestampToken:
        """A recent token of an authority that works; one is asked for if there is none.

        MUST be called before a key is used: it shows that a copy's *stamps* can be
        had, under which certificate, and how much room they take. The next authority
        is asked if *prove* raises DoubtedError. Raises Trouble(TSA).
        """
        now = self.clock()
        probes = all(tsa.recent(now) is None for tsa in self._tsas)
        self._check_left(stamps + probes)
        failures: list[str] = []
        for tsa in self._tsas:
            token = self._probe(tsa, failures)
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
        """Let every authority rest whose tokens stand on *certificate*; returns what to
        raise.
        """
        for tsa in self._tsas:
            if tsa.stands_on(certificate):
                tsa.doubted = True
                tsa.authority.rest(kind, pause)
                log.warning("timestamps_doubted", tsa=tsa.url, kind=kind)
        what = f"{kind}: {certificate.subject.rfc4514_string()}"
        return DoubtedError(Hindrance.TSA, what, self._wait())

    @contextlib.contextmanager
    def reserve(self, stamps: int = SIGNATURES) -> Iterator[None]:
        """Keep so many requests free for one copy while the context lasts, so that
        copies made at once do not eat each other's second timestamp. Raises
        Trouble(TSA) before a key is used.
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
        """How many octets to keep free for a token of any authority that may be
        asked.
        """
        asked = [
            t.room for t in self._tsas if t.authority.state is not BreakerState.OPEN
        ]
        strangers = len(asked) > 1 and 0 in asked
        return max(LEAST_ROOM, *asked, ROOM_FOR_A_STRANGER if strangers else 0)

    def stamp(self, content: bytes) -> TimestampToken:
        """A new token over *content*, a signature value or a document's digest. Raises
        Trouble(TSA).
        """
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

    def _probe(
        self, tsa: StampingAuthority, failures: list[str]
    ) -> TimestampToken | None:
        with self._probing:
            token = tsa.recent(self.clock())
            return token or self._try(tsa, self.chance(32), failures)

    def _try(
        self, tsa: StampingAuthority, content: bytes, failures: list[str]
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
