"""How often an authority is asked, and when it is left alone (docs/decisions/0016).

A budget that holds in any period (``rate_budget.py``), a circuit breaker, and what an
operator reads of both. It knows no network and is shared by many threads. Start at
``Authority.ask``.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, TypeVar

from chassis.clock import Clock
from chassis.measures import Latency, Measure, escaped
from signing.adapters.authorities.rate_budget import (
    AT_ONCE,
    RateBudget,
)
from signing.adapters.authorities.rests import Rest

T = TypeVar("T")

LONGEST_PATIENCE: Final = timedelta(hours=24)
"""The longest Retry-After that is believed."""
STAMPS_OF_A_COPY: Final = 3
"""How many timestamps one copy takes at most: level B-LTA."""


class NoAnswerError(Exception):
    """An authority was asked and gave nothing that counts; ``kind`` is a slug."""

    opens: bool = True
    """Whether it speaks against the authority as a whole."""

    def __init__(
        self, what: str, kind: str = "answer", retry_after: float | None = None
    ) -> None:
        """The *kind* is counted in ``/metrics``; *retry_after* is for how many seconds
        the authority asks to be left alone.
        """
        super().__init__(what)
        self.kind = kind
        self.retry_after = retry_after


class WaitsError(NoAnswerError):
    """An authority was not asked: it rests, or its budget is spent."""

    opens = False


class BreakerState(IntEnum):
    """The state of a circuit breaker; the number is what ``/metrics`` shows."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one authority is asked at most, and how long it rests after a failure."""

    requests: int = 0
    """How many requests it gets in any period; 0: as many as there are."""
    period: timedelta = timedelta(minutes=20)
    first_pause: timedelta = timedelta(seconds=5)
    """The rest after a first failure; it doubles each time a probe fails."""
    longest_pause: timedelta = timedelta(seconds=30)
    """The longest rest. Orders that wait come again when it ends, so an authority that
    works again is noticed this soon.
    """

    def slowest(self) -> timedelta:
        """The rest that probes of a dead authority grow to. Where a budget holds they
        are spread over its period, so that they never use up what a copy takes.
        """
        if self.requests == 0:
            return self.longest_pause
        spare = max(1, self.requests - STAMPS_OF_A_COPY)
        return max(self.longest_pause, self.period / spare)


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A request that was admitted and is under way."""

    started: datetime
    probe: bool
    """Whether it is the one request that a half-open breaker lets through."""
    openings: int
    """How often the breaker had opened when this request was admitted. An answer to an
    older opening does not close it.
    """


class Authority:
    """One party that is asked over the network, as seen from here.

    One failure opens the breaker: a doubtful authority costs a probe, never a key
    use. After the rest one request at a time is let through; an answer closes the
    breaker, unless it was asked for before the breaker opened.
    """

    def __init__(self, name: str, limits: RequestLimits, clock: Clock) -> None:
        self.name = name
        self._limits, self._clock = limits, clock
        self._budget = RateBudget(limits.requests, limits.period)
        self._rest: Rest | None = None
        self._pause = limits.first_pause
        self._probing = False
        self._openings = 0
        self._requests, self._failures = 0, Counter[str]()
        self._latency = Latency()
        # Guards everything above. Held for the admission of a request and for counting
        # what came of it, never while the network is waited for. ``state`` and ``wait``
        # read _rest without it: it is one reference, replaced as a whole, and
        # who acts on it asks again under the lock (``_admit``).
        self._lock = threading.Lock()

    @property
    def state(self) -> BreakerState:
        rest = self._rest
        if rest is None:
            return BreakerState.CLOSED
        left = rest.left(self._clock())
        return BreakerState.OPEN if left > AT_ONCE else BreakerState.HALF_OPEN

    def left(self) -> int:
        """How many requests it may get now."""
        if self.state is BreakerState.OPEN:
            return 0
        with self._lock:
            return self._budget.left(self._clock())

    def wait(self, requests: int = 1) -> timedelta:
        """The time until it may be asked so often."""
        now, rest = self._clock(), self._rest
        pause = AT_ONCE if rest is None else rest.left(now)
        with self._lock:
            return max(pause, self._budget.wait(now, requests))

    def ask(self, work: Callable[[], T]) -> T:
        """Make one request: *work* is called at most once, and what comes of it is
        counted.

        Raises WaitsError without a call, or the NoAnswerError of *work*, which MUST
        call ``again`` before it sends its request a second time.
        """
        request = self._admit()
        try:
            answer = work()
        except NoAnswerError as error:
            self._record_failure(error, request)
            raise
        except BaseException:  # a fault of ours says nothing about the authority
            with self._lock:
                self._end_probe(request)
            raise
        self._record_answer(request)
        return answer

    def again(self) -> None:
        """Count one request more, of work under way. Raises WaitsError."""
        with self._lock:
            self._spend(self._clock())

    def rest(self, kind: str, pause: timedelta | None = None) -> None:
        """Open the breaker although the authority answered: the certificate behind its
        answer proved unusable later. *pause*: the least rest; None: nobody knows one.
        """
        pause = self._limits.slowest() if pause is None else pause
        with self._lock:
            self._failures[kind] += 1
            self._open(self._clock(), pause)

    def measures(self, family: str, label: str) -> Iterable[Measure]:
        labels = f'{label}="{escaped(self.name)}"'
        with self._lock:
            requests, failures = self._requests, sorted(self._failures.items())
            left = self._budget.left(self._clock())
            seconds = [*self._latency.measures(f"{family}_seconds", labels)]
        yield f"{family}_requests_total{{{labels}}}", requests
        for kind, count in failures:
            yield f'{family}_failures_total{{{labels},kind="{kind}"}}', count
        yield f"{family}_breaker_state{{{labels}}}", self.state
        if self._budget.limited:
            yield f"{family}_budget_left{{{labels}}}", left
        yield from seconds

    def _admit(self) -> _Admitted:
        """Take a place in the budget, and the probe's if the breaker is half open."""
        now = self._clock()
        with self._lock:
            state = self.state
            if state is BreakerState.OPEN:
                raise WaitsError(f"{self.name}: rests until {self._rest}")
            if state is BreakerState.HALF_OPEN and self._probing:
                raise WaitsError(f"{self.name}: is being tried")
            self._spend(now)
            probe = state is BreakerState.HALF_OPEN
            self._probing = self._probing or probe
            return _Admitted(now, probe, self._openings)

    # What follows is called with the lock, or takes it where it says so.

    def _spend(self, now: datetime) -> None:
        if self._budget.left(now) < 1:
            raise WaitsError(f"{self.name}: its budget is spent", "budget")
        self._budget.take(now)
        self._requests += 1

    def _record_answer(self, request: _Admitted) -> None:
        """Takes the lock. An answer to an older opening does not close the breaker."""
        with self._lock:
            self._end_probe(request)
            self._latency.add((self._clock() - request.started).total_seconds())
            if request.openings == self._openings:
                self._rest, self._pause = None, self._limits.first_pause

    def _record_failure(self, error: NoAnswerError, request: _Admitted) -> None:
        """Takes the lock. Requests that fail together open the breaker once; a
        Retry-After always counts.
        """
        now, patience = self._clock(), error.retry_after
        with self._lock:
            self._end_probe(request)
            self._latency.add((now - request.started).total_seconds())
            self._failures[error.kind] += 1
            if error.opens and patience is not None:
                self._open(now, timedelta(seconds=patience))
            elif error.opens and request.openings == self._openings:
                self._open(now, self._pause)
                self._pause = min(2 * self._pause, self._limits.slowest())

    def _end_probe(self, request: _Admitted) -> None:
        if request.probe:
            self._probing = False

    def _open(self, now: datetime, pause: timedelta) -> None:
        """Rest at least *pause*, and never less than was asked for before."""
        pause = max(min(pause, LONGEST_PATIENCE), self._limits.first_pause)
        rest = Rest(now, now + pause)
        if self._rest is None or self._rest.left(now) < pause:
            self._rest = rest
        self._openings += 1
