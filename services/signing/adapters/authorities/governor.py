"""How often an authority is asked, and when it is left alone (docs/decisions/0016).

A budget that holds in any period, a circuit breaker, and what an operator reads of
both. Knows no network; shared by many threads.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, TypeVar

from chassis.clock import Clock

T = TypeVar("T")
Measure = tuple[str, float]
"""Name with its labels in Prometheus' text form, and its value."""

UNLIMITED: Final = 1 << 30
BUCKETS_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONGEST_PATIENCE: Final = timedelta(hours=24)
"""A Retry-After is believed up to here."""
AT_ONCE: Final = timedelta(0)
OF_A_COPY: Final = 3
"""Timestamps that one copy takes at most."""


class NoAnswerError(Exception):
    """An authority was asked and gave nothing that counts; ``kind`` is a slug."""

    opens: bool = True
    """Whether it speaks against the authority as a whole."""

    def __init__(
        self, what: str, kind: str = "answer", retry_after: float | None = None
    ) -> None:
        super().__init__(what)
        self.kind = kind
        self.retry_after = retry_after


class WaitsError(NoAnswerError):
    """It was not asked: it rests, or its budget is spent."""

    opens = False


class State(IntEnum):
    """Of a circuit breaker; the number is what ``/metrics`` says."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What one authority is asked at most, and how long it rests after a failure."""

    requests: int = 0
    """In any period; 0: as many as there are."""
    period: timedelta = timedelta(minutes=20)
    first_pause: timedelta = timedelta(seconds=5)
    """Doubled at each failure of a probe."""
    longest_pause: timedelta = timedelta(seconds=30)
    """Orders that wait come again when it ends, so an authority that answers again is
    noticed so soon.
    """

    def slowest(self) -> timedelta:
        """The pause that tries of a dead authority grow to. Where a budget holds they
        are spread over its period, so that they never use up what a copy takes.
        """
        if self.requests == 0:
            return self.longest_pause
        spare = max(1, self.requests - OF_A_COPY)
        return max(self.longest_pause, self.period / spare)


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A request under way."""

    started: datetime
    probe: bool
    openings: int
    """Of the breaker, before it."""


class Budget:
    """At most so many uses in any period; a place comes back a period after its use.

    A bucket refilled bit by bit would let nearly twice as many through in one period.
    """

    def __init__(self, requests: int, period: timedelta) -> None:
        self._requests, self._period = requests, period
        self._uses: deque[datetime] = deque()

    @property
    def limited(self) -> bool:
        return self._requests > 0

    def left(self, now: datetime) -> int:
        if not self.limited:
            return UNLIMITED
        while self._uses and self._uses[0] <= now - self._period:
            self._uses.popleft()
        return self._requests - len(self._uses)

    def take(self, now: datetime) -> None:
        if self.limited:
            self._uses.append(now)

    def wait(self, now: datetime, uses: int = 1) -> timedelta:
        """Until so many places are free; a whole period if there never are."""
        missing = uses - self.left(now)
        if missing <= 0:
            return AT_ONCE
        if missing > len(self._uses):
            return self._period
        return self._uses[missing - 1] + self._period - now


class Latency:
    """A histogram: cumulative counts by upper limit, sum, count."""

    def __init__(self) -> None:
        self._counts = [0] * len(BUCKETS_SECONDS)
        self._sum, self._count = 0.0, 0

    def add(self, seconds: float) -> None:
        self._sum, self._count = self._sum + seconds, self._count + 1
        for at, limit in enumerate(BUCKETS_SECONDS):
            self._counts[at] += seconds <= limit

    def measures(self, name: str, labels: str) -> Iterable[Measure]:
        for limit, count in zip(BUCKETS_SECONDS, self._counts, strict=True):
            yield f'{name}_bucket{{{labels},le="{limit:g}"}}', count
        yield f'{name}_bucket{{{labels},le="+Inf"}}', self._count
        yield f"{name}_sum{{{labels}}}", self._sum
        yield f"{name}_count{{{labels}}}", self._count


class Authority:
    """One that is asked over the network, as seen from here.

    One failure opens the breaker: a doubtful authority costs a probe, never a key
    use. After the pause one request at a time is let through; an answer closes it,
    unless it was asked for before the breaker opened.
    """

    def __init__(self, name: str, limits: Limits, clock: Clock) -> None:
        self.name = name
        self._limits, self._clock = limits, clock
        self._budget = Budget(limits.requests, limits.period)
        self._rests_until: datetime | None = None
        self._pause = limits.first_pause
        self._probing = False
        self._openings = 0
        self._requests, self._failures = 0, Counter[str]()
        self._latency = Latency()
        self._lock = threading.Lock()

    @property
    def state(self) -> State:
        if self._rests_until is None:
            return State.CLOSED
        return State.OPEN if self._clock() < self._rests_until else State.HALF_OPEN

    def left(self) -> int:
        """Requests that it may get now."""
        if self.state is State.OPEN:
            return 0
        with self._lock:
            return self._budget.left(self._clock())

    def wait(self, requests: int = 1) -> timedelta:
        """Until it may be asked so often."""
        now, rests = self._clock(), self._rests_until
        pause = AT_ONCE if rests is None else rests - now
        with self._lock:
            return max(AT_ONCE, pause, self._budget.wait(now, requests))

    def ask(self, work: Callable[[], T]) -> T:
        """One request: *work* is called at most once, what comes of it is counted.

        Raises WaitsError without a call, or the NoAnswerError of *work*, which MUST
        call ``again`` before it sends its request a second time.
        """
        request = self._admitted()
        try:
            answer = work()
        except NoAnswerError as error:
            self._failed(error, request)
            raise
        except BaseException:
            self._ended(request)
            raise
        self._answered(request)
        return answer

    def again(self) -> None:
        """One request more, of work under way. Raises WaitsError."""
        with self._lock:
            self._spend(self._clock())

    def rest(self, kind: str, pause: timedelta | None = None) -> None:
        """Its answer was good, but can not be used: found out after it was given.

        *pause*: not before; None: nobody said.
        """
        pause = self._limits.slowest() if pause is None else pause
        with self._lock:
            self._failures[kind] += 1
            self._rest(self._clock(), pause)

    def _admitted(self) -> _Admitted:
        now = self._clock()
        with self._lock:
            state = self.state
            if state is State.OPEN:
                raise WaitsError(f"{self.name}: rests until {self._rests_until}")
            if state is State.HALF_OPEN and self._probing:
                raise WaitsError(f"{self.name}: is being tried")
            self._spend(now)
            probe = state is State.HALF_OPEN
            self._probing = self._probing or probe
            return _Admitted(now, probe, self._openings)

    def _spend(self, now: datetime) -> None:
        if self._budget.left(now) < 1:
            raise WaitsError(f"{self.name}: its budget is spent", "budget")
        self._budget.take(now)
        self._requests += 1

    def _answered(self, request: _Admitted) -> None:
        """An answer from before the breaker opened does not close it."""
        with self._lock:
            self._ended(request)
            self._latency.add((self._clock() - request.started).total_seconds())
            if request.openings == self._openings:
                self._rests_until, self._pause = None, self._limits.first_pause

    def _failed(self, error: NoAnswerError, request: _Admitted) -> None:
        """Requests that fail together open once; a Retry-After is always heard."""
        now, patience = self._clock(), error.retry_after
        with self._lock:
            self._ended(request)
            self._latency.add((now - request.started).total_seconds())
            self._failures[error.kind] += 1
            if error.opens and patience is not None:
                self._rest(now, timedelta(seconds=patience))
            elif error.opens and request.openings == self._openings:
                self._rest(now, self._pause)
                self._pause = min(2 * self._pause, self._limits.slowest())

    def _ended(self, request: _Admitted) -> None:
        if request.probe:
            self._probing = False

    def _rest(self, now: datetime, pause: timedelta) -> None:
        """At least so long; never less than was asked for before."""
        pause = max(min(pause, LONGEST_PATIENCE), self._limits.first_pause)
        until = now + pause
        self._rests_until = max(self._rests_until or until, until)
        self._openings += 1

    def measures(self, family: str, label: str) -> Iterable[Measure]:
        labels = f'{label}="{escaped(self.name)}"'
        yield f"{family}_requests_total{{{labels}}}", self._requests
        for kind, count in sorted(self._failures.items()):
            yield f'{family}_failures_total{{{labels},kind="{kind}"}}', count
        yield f"{family}_breaker_state{{{labels}}}", self.state
        if self._budget.limited:
            with self._lock:
                left = self._budget.left(self._clock())
            yield f"{family}_budget_left{{{labels}}}", left
        yield from self._latency.measures(f"{family}_seconds", labels)


def escaped(label: str) -> str:
    """A label's value in Prometheus' text form."""
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
