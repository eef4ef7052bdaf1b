"""Budgets, breakers and caps: how often an authority is asked, a key used."""

import threading
from datetime import timedelta

import pytest

from chassis.clock import utc_now
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.governor import (
    Authority,
    BreakerState,
    NoAnswerError,
    RequestLimits,
    WaitsError,
)
from signing.adapters.authorities.rate_budget import RateBudget
from signing.adapters.key_caps import KeyCaps
from signing.settings import TsaSettings
from support import build

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self):
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


class BadError(NoAnswerError):
    pass


def failing(**what):
    def work():
        raise BadError("no", **what)

    return work


def fail(authority, **what):
    with pytest.raises(BadError):
        authority.ask(failing(**what))


def test_no_period_ever_holds_more_than_the_budget(clock):
    """20 in 20 minutes: whatever the moment, counted backwards over a day."""
    budget, uses = RateBudget(20, 20 * MINUTE), []
    for step in range(24 * 60):
        clock.pass_by(60 if step % 7 else 1)
        while budget.left(clock()) > 0:
            budget.take(clock())
            uses.append(clock())
    for first, after in zip(uses, uses[20:], strict=False):
        assert after - first >= 20 * MINUTE
    assert len(uses) > 20 * 60


def test_a_budget_says_when_so_many_places_are_free(clock):
    budget, start = RateBudget(3, MINUTE), clock()
    for _ in range(3):
        budget.take(clock())
        clock.pass_by(10)
    assert budget.wait(clock(), 1) == start + MINUTE - clock()
    assert budget.wait(clock(), 2) == start + MINUTE - clock() + timedelta(seconds=10)
    assert budget.wait(clock(), 4) == MINUTE
    clock.pass_by(30)
    assert budget.wait(clock()) == timedelta(0)


@pytest.mark.parametrize("limits", [{"requests": 3}, {"limits": {"http://a": (3, 60)}}])
def test_a_budget_too_small_for_a_copy_stops_the_start(limits):
    """A probe and three timestamps: B-LTA would never come out."""
    with pytest.raises(ValueError, match="a copy takes up to 4 requests"):
        TsaSettings(urls=("http://a",), **limits)
    assert TsaSettings(urls=("http://a",), requests=4)


def test_a_failure_opens_a_probe_closes(clock):
    """Open: not asked. After the pause one at a time; an answer closes."""
    authority = Authority("a", RequestLimits(first_pause=timedelta(seconds=5)), clock)
    fail(authority)
    assert authority.state is BreakerState.OPEN
    with pytest.raises(WaitsError):
        authority.ask(lambda: "never called")
    assert authority.wait() == timedelta(seconds=5)
    clock.pass_by(5)
    assert authority.state is BreakerState.HALF_OPEN

    def probe():
        with pytest.raises(WaitsError, match="being tried"):
            authority.ask(lambda: "a second one beside the probe")
        return "good"

    assert authority.ask(probe) == "good"
    assert authority.state is BreakerState.CLOSED


def test_the_pause_doubles_to_its_limit_and_starts_anew(clock):
    limits = RequestLimits(
        first_pause=timedelta(seconds=5), longest_pause=timedelta(seconds=30)
    )
    authority, pauses = Authority("a", limits, clock), []
    for _ in range(5):
        fail(authority)
        pauses.append(authority.wait().total_seconds())
        clock.pass_by(pauses[-1])
    assert pauses == [5, 10, 20, 30, 30]
    authority.ask(lambda: "good")
    fail(authority)
    assert authority.wait() == timedelta(seconds=5)


@pytest.mark.parametrize(("asked", "kept"), [(120.0, 120), (0.0, 5), (1e8, 24 * 3600)])
def test_retry_after_is_kept_to(clock, asked, kept):
    """At least the pause, at most a day."""
    authority = Authority("a", RequestLimits(), clock)
    fail(authority, kind="busy", retry_after=asked)
    assert authority.wait() == timedelta(seconds=kept)


def test_an_answer_from_before_does_not_end_a_rest(clock):
    """Asked together: the 429 came first, the good answer after it."""
    authority = Authority("a", RequestLimits(), clock)

    def slow():
        fail(authority, kind="busy", retry_after=120.0)
        clock.pass_by(1)
        return "good"

    assert authority.ask(slow) == "good"
    assert authority.state is BreakerState.OPEN
    assert authority.wait() == timedelta(seconds=119)
    clock.pass_by(119)
    assert authority.ask(lambda: "probe") == "probe"
    assert authority.state is BreakerState.CLOSED


def test_a_rest_is_never_shortened(clock):
    """A later Retry-After of less, and a failure of before, change nothing."""
    authority = Authority("a", RequestLimits(), clock)

    def slow(**later):
        def work():
            fail(authority, kind="busy", retry_after=120.0)
            clock.pass_by(1)
            raise BadError("no", **later)

        return work

    for later, left in (({"retry_after": 10.0}, 119), ({}, 119)):
        with pytest.raises(BadError):
            authority.ask(slow(**later))
        assert authority.wait() == timedelta(seconds=left)
        clock.pass_by(left)
        authority.ask(lambda: "probe")


def test_a_late_failure_lets_no_second_probe_in(clock):
    """One at a time, whatever was asked before the breaker opened."""
    authority = Authority("a", RequestLimits(), clock)
    asked, ends = threading.Event(), threading.Event()

    def slow():
        asked.set()
        ends.wait(10)
        raise BadError("no")

    def asks():
        with pytest.raises(BadError):
            authority.ask(slow)

    late = threading.Thread(target=asks)
    late.start()
    asked.wait(10)
    fail(authority)
    clock.pass_by(5)

    def probe():
        ends.set()
        late.join()
        with pytest.raises(WaitsError, match="being tried"):
            authority.ask(lambda: "a second one")
        return "good"

    assert authority.ask(probe) == "good"
    assert authority.state is BreakerState.CLOSED


def test_requests_that_fail_together_open_once(clock):
    """Eight threads in one timeout are one failure to the breaker."""
    authority = Authority("a", RequestLimits(first_pause=timedelta(seconds=5)), clock)
    together = threading.Barrier(8)

    def work():
        together.wait(10)
        raise BadError("no")

    def asks():
        with pytest.raises(BadError):
            authority.ask(work)

    threads = [threading.Thread(target=asks) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert authority.wait() == timedelta(seconds=5)


def test_a_fault_of_ours_does_not_jam_the_probe(clock):
    """Whatever the probe raises, the next one may be made."""
    authority = Authority("a", RequestLimits(), clock)
    fail(authority)
    clock.pass_by(10)
    with pytest.raises(ZeroDivisionError):
        authority.ask(lambda: 1 / 0)
    assert authority.ask(lambda: "good") == "good"


def test_what_an_operator_reads(clock):
    """Requests, failures by kind, state, budget, latency; labels escaped."""
    authority = Authority('tsa.example/"a"', RequestLimits(requests=5), clock)

    def slow():
        clock.pass_by(0.3)
        return "good"

    authority.ask(slow)
    fail(authority, kind="nonce")
    measures = dict(authority.measures("tsa", "tsa"))
    label = r'tsa="tsa.example/\"a\""'
    assert measures[f"tsa_requests_total{{{label}}}"] == 2
    assert measures[f'tsa_failures_total{{{label},kind="nonce"}}'] == 1
    assert measures[f"tsa_breaker_state{{{label}}}"] == BreakerState.OPEN
    assert measures[f"tsa_budget_left{{{label}}}"] == 3
    assert measures[f'tsa_seconds_bucket{{{label},le="0.25"}}'] == 1
    assert measures[f'tsa_seconds_bucket{{{label},le="0.5"}}'] == 2
    assert measures[f"tsa_seconds_count{{{label}}}"] == 2


def test_a_key_is_not_used_beyond_its_hour(clock):
    """Both keys or none; the trouble says when; a restart does not forget."""
    caps = KeyCaps(2, clock)
    caps.use(("officer", "seal"))
    clock.pass_by(600)
    caps.use(("officer", "seal"))
    with pytest.raises(Trouble) as caught:
        caps.use(("other", "seal"))
    assert caught.value.hindrance is Hindrance.RATE_CAP
    assert caught.value.again_in == timedelta(seconds=3000)
    caps.check(("other",))
    after = KeyCaps(2, clock)
    after.restore([("seal", clock() - MINUTE), ("seal", clock())])
    with pytest.raises(Trouble):
        after.check(("seal",))
    clock.pass_by(3600)
    after.check(("seal",))


def test_one_key_at_its_cap_stops_them_both(clock):
    """A copy takes the officer's and the seal's: the one that waits longest decides."""
    caps = KeyCaps(1, clock)
    caps.use(("officer",))
    clock.pass_by(600)
    caps.use(("seal",))
    for keys in (("seal", "officer"), ("officer", "seal"), ("officer", "new")):
        with pytest.raises(Trouble) as caught:
            caps.check(keys)
        longest = 3600 if "seal" in keys else 3000
        assert caught.value.again_in == timedelta(seconds=longest)
    caps.use(("new",))
    with pytest.raises(Trouble):
        caps.use(("new", "newer"))
    caps.use(("newer",))


def test_no_cap_is_no_cap(clock):
    caps = KeyCaps(0, clock)
    for _ in range(1000):
        caps.use((build.ENTRY,))
    assert list(caps.measures()) == []
