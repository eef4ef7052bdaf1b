"""A clock that jumps 14 days ahead and back leaves nothing stuck in signing."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from chassis.clock import utc_now
from ecopy.refusals import Hindrance, Trouble
from onebox.pki_server import PkiAnswers
from signing.adapters.authorities.governor import (
    Authority,
    BreakerState,
    NoAnswerError,
    RequestLimits,
)
from signing.adapters.authorities.http_client import UnreachableError
from signing.adapters.authorities.security_stores import Holder, SecurityStores
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.adapters.key_caps import HOUR, KeyCaps
from signing.domain.copies import SealedCopy
from signing.domain.rope import MemoryOctets, Rope
from signing.domain.signatories import check_times
from support import build
from support.storage import summary

JUMP = timedelta(days=14)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Clock:
    """Our clock, and the one of an authority in the same room."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def refusing():
    raise NoAnswerError("no")


def test_a_rest_from_the_future_is_over(clock):
    """The breaker opened under the wrong clock: a probe is let in, not in 14 days."""
    authority = Authority("tsa", RequestLimits(), clock)
    clock.now += JUMP
    with pytest.raises(NoAnswerError):
        authority.ask(refusing)
    clock.now -= JUMP
    assert authority.wait() == timedelta(0)
    assert authority.state is BreakerState.HALF_OPEN
    with pytest.raises(NoAnswerError):
        authority.ask(refusing)
    assert authority.state is BreakerState.OPEN
    assert authority.wait() <= MINUTE


def test_requests_of_the_future_are_free_again_after_one_period(clock):
    """They count as made now, so no period holds more than the budget either."""
    authority = Authority("tsa", RequestLimits(2, MINUTE), clock)
    clock.now += JUMP
    for _ in range(2):
        authority.ask(lambda: None)
    clock.now -= JUMP
    assert authority.left() == 0
    assert authority.wait() == MINUTE
    clock.now += MINUTE
    assert authority.left() == 2


def test_uses_of_a_key_from_the_future_cost_one_hour_at_most(clock):
    """Counted in this process, or restored from the journal after a restart."""
    caps, restarted = KeyCaps(1, clock), KeyCaps(1, clock)
    clock.now += JUMP
    caps.use(["seal"])
    restarted.restore([("seal", clock.now)])
    clock.now -= JUMP
    for each in (caps, restarted):
        with pytest.raises(Trouble) as refused:
            each.check(["seal"])
        assert refused.value.again_in == HOUR
    clock.now += HOUR
    caps.check(["seal"])
    restarted.check(["seal"])


@pytest.fixture
def room(pki, clock):
    """The authority in the same room: its clock jumps with ours."""
    answers = PkiAnswers(pki.folder, clock=clock)

    def fetch(call):
        path = urlsplit(call.url).path
        answer = answers.post(path, call.body) if call.body else answers.get(path)
        return answer[1]

    return fetch


def holders(pki):
    (chain,) = certificate_chains.parsed(pki.trust.signers)
    return [Holder(pki.certificate(name), chain) for name in ("officer", "seal")]


def stated(stores):
    """The ages of the answers that are kept, in seconds."""
    return [age for name, age in stores.measures() if "_age_seconds{" in name]


def test_answers_of_the_future_are_fetched_anew(pki, room, clock):
    """They would be "fresh" for 14 days, and the gate would refuse each copy."""
    stores = SecurityStores(room, clock)
    clock.now += JUMP
    first = stores.store(holders(pki))
    clock.now -= JUMP
    assert stores.store(holders(pki), [clock.now]) is not first
    assert all(0 <= age < MINUTE.total_seconds() for age in stated(stores))


def test_lists_of_the_future_are_fetched_anew(pki, room, clock):
    """No responder, one list for all: the list is not believed either."""

    def lists_only(call):
        if "/ocsp" in call.url:
            raise UnreachableError("cut", "connection")
        return room(call)

    stores = SecurityStores(lists_only, clock)
    clock.now += JUMP
    first = stores.store(holders(pki))
    clock.now -= JUMP
    assert stores.store(holders(pki), [clock.now]) is not first
    assert all(0 <= age < MINUTE.total_seconds() for age in stated(stores))


def test_an_answer_of_the_future_outlives_no_silence(pki, room, clock):
    """What is not believed is not used because nobody answers, either."""
    silent = False

    def fetch(call):
        if silent:
            raise UnreachableError("cut", "connection")
        return room(call)

    stores = SecurityStores(fetch, clock)
    clock.now += JUMP
    stores.store(holders(pki))
    clock.now -= JUMP
    silent = True
    with pytest.raises(Trouble):
        stores.store(holders(pki))


def test_a_pause_that_began_in_the_future_is_over(pki, room, clock):
    """A kept answer outlived a silence ahead of the time; set back, it is asked for
    again, not when that time comes.
    """
    silent, asked = False, []

    def fetch(call):
        asked.append(call.url)
        if silent:
            raise UnreachableError("cut", "connection")
        return room(call)

    stores = SecurityStores(fetch, clock)
    stores.store(holders(pki))
    silent = True
    clock.now += 10 * HOUR
    stores.store(holders(pki))
    clock.now -= 8 * HOUR
    silent = False
    asked.clear()
    stores.store(holders(pki))
    assert asked != []


@pytest.mark.parametrize("jump", [JUMP, -JUMP])
def test_answers_must_reach_the_time_of_the_stamp(pki, room, clock, jump):
    """The clock jumps between the timestamps and their proofs, ahead or back."""
    stores, stamped = SecurityStores(room, clock), clock.now
    clock.now += jump + HOUR
    with pytest.raises(Trouble) as caught:
        stores.store(holders(pki), [stamped])
    assert caught.value.hindrance is Hindrance.REVOCATION
    clock.now -= jump
    stores.store(holders(pki), [clock.now])


def test_a_token_of_the_future_proves_no_working_authority(pki, room, clock):
    """It would stay "recent" for 14 days: the authority is asked again."""
    rules = TokenRules(certificate_chains.parsed(pki.trust.timestamps))
    stamps = Timestamps((pki.tsa_url,), rules, room, clock)
    clock.now += JUMP
    ahead = stamps.ready()
    clock.now -= JUMP
    assert stamps.ready().time < ahead.time


def sealed(officer, seal, signed_at):
    """A copy with these times; nothing else of it is looked at."""
    stamped = [
        summary(role).model_copy(update={"signed_at": at})
        for role, at in (("officer", officer), ("seal", seal))
    ]
    return SealedCopy(
        Rope([MemoryOctets(b"")]), build.digest(), tuple(stamped), signed_at
    )


NOON = build.NOON
LATE = NOON + timedelta(hours=72)
FIVE, SIX = 5 * MINUTE, 6 * MINUTE


@pytest.mark.parametrize(
    ("officer", "seal", "signed_at", "now"),
    [
        (NOON, NOON, NOON, NOON),
        (NOON - FIVE, NOON, NOON, NOON),
        (NOON + FIVE, NOON, NOON, NOON),
        (LATE, LATE, LATE, LATE),
        (NOON, NOON, NOON, NOON + JUMP),
    ],
)
def test_times_that_the_archive_takes_are_recorded(officer, seal, signed_at, now):
    """Also where the clock jumps ahead only after the copy was sealed."""
    check_times(sealed(officer, seal, signed_at), build.ordered(), now)


@pytest.mark.parametrize(
    ("officer", "seal", "signed_at", "now"),
    [
        (NOON + JUMP, NOON + JUMP, NOON + JUMP, NOON + JUMP),
        (NOON + JUMP, NOON + JUMP, NOON + JUMP, NOON),
        (NOON + HOUR, NOON + HOUR, NOON + HOUR, NOON),
        (NOON - SIX, NOON, NOON, NOON),
        (NOON, NOON + SIX, NOON, NOON + SIX),
        (NOON - SIX, NOON - SIX, NOON - SIX, NOON),
        (LATE + SECOND, LATE + SECOND, LATE, LATE),
        (NOON + SIX, NOON, NOON + 3 * MINUTE, NOON + SIX),
    ],
)
def test_times_that_the_archive_refuses_are_tried_again(officer, seal, signed_at, now):
    """Trouble, not a halt, and before the outcome: the number does not die of it."""
    with pytest.raises(Trouble) as caught:
        check_times(sealed(officer, seal, signed_at), build.ordered(), now)
    assert caught.value.hindrance is Hindrance.TSA
