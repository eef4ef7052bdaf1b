"""What one address may ask for, and what is left to the others."""

import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from storage.app.throttling import Admission, PublicRule, TooOftenError
from storage.ports import BusyError
from support.build import NOON

PROXY = "10.0.0.1"
GUESSER, READER = "192.0.2.66", "198.51.100.7"
LIMITS = {
    "files_in_hand": 6,
    "files_at_once_per_address": 3,
    "window_minutes": 15,
    "codes_per_window": 3,
    "wrong_links_per_window": 4,
    "files_per_window": 5,
    "requests_per_second": 1000,
}


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def admission(clock, **limits):
    made = SimpleNamespace(**LIMITS | limits)
    return Admission(made, clock, trusted_proxies=[f"{PROXY}/32"])


def asked_by(address, forwarded=None):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (address, 40000), "headers": headers})


def ask(counts, rule, address):
    with counts.admit(rule, asked_by(address)):
        pass


def went_through(counts, rule, address, times=100):
    """How many of so many requests were admitted before the first that must wait."""
    for done in range(times):
        try:
            ask(counts, rule, address)
        except TooOftenError:
            return done
    return times


@pytest.mark.parametrize(
    ("rule", "most"), [(PublicRule.CODES, 3), (PublicRule.FILES, 5)]
)
def test_each_kind_has_its_own_number_for_each_address(clock, rule, most):
    """Codes and files are counted apart; another address has its own number."""
    counts = admission(clock)
    assert went_through(counts, rule, GUESSER) == most
    assert went_through(counts, rule, READER) == most
    (other,) = {PublicRule.CODES, PublicRule.FILES} - {rule}
    ask(counts, other, GUESSER)


def test_a_file_and_a_digest_are_counted_together(clock):
    """Both ask for a verdict; what looks nothing up is free."""
    counts = admission(clock)
    assert went_through(counts, PublicRule.UPLOADS, GUESSER, 2) == 2
    assert went_through(counts, PublicRule.FILES, GUESSER) == 3
    assert went_through(counts, PublicRule.FREE, GUESSER) == 100


def test_who_waited_long_enough_may_ask_again(clock):
    """A third of a quarter of an hour gives one of three look-ups back, no sooner."""
    counts = admission(clock)
    went_through(counts, PublicRule.CODES, GUESSER)
    with pytest.raises(TooOftenError) as refused:
        ask(counts, PublicRule.CODES, GUESSER)
    assert refused.value.again_at == NOON + timedelta(minutes=5)
    assert str(refused.value) == "again at 05:05:00"
    clock.now += timedelta(minutes=5)
    assert went_through(counts, PublicRule.CODES, GUESSER) == 1


def test_only_links_that_open_nothing_are_counted_as_wrong(clock):
    """The fifth wrong one of an address is not answered any more; another address
    still has its four.
    """
    counts = admission(clock)
    assert went_through(counts, PublicRule.LINKS, READER) == 100
    for address in (GUESSER, READER):
        for _ in range(4):
            counts.count_wrong_link(asked_by(address))
        with pytest.raises(TooOftenError) as refused:
            counts.count_wrong_link(asked_by(address))
        assert refused.value.again_at == NOON + timedelta(minutes=15) / 4


def test_who_guessed_links_too_often_spends_nothing_of_the_others(clock):
    """Their right links still open, out of a quarter that all guessers share."""
    counts = admission(clock, requests_per_second=16)
    guessers = [f"203.0.113.{n}" for n in range(4)]
    for address in guessers:
        for _ in range(4):
            counts.count_wrong_link(asked_by(address))
    opened = [
        went_through(counts, PublicRule.LINKS, address, 3) for address in guessers
    ]
    assert sum(opened) == 4
    readers = [f"198.51.100.{n}" for n in range(3)]
    assert [went_through(counts, PublicRule.LINKS, one, 4) for one in readers] == [
        4,
        4,
        4,
    ]


def test_one_address_gets_a_quarter_of_what_everybody_has(clock):
    """Of 40 a second, 10 for one address, whatever it asks for."""
    counts = admission(clock, requests_per_second=40, codes_per_window=100)
    assert went_through(counts, PublicRule.CODES, GUESSER) == 10
    clock.now += timedelta(seconds=1)
    assert went_through(counts, PublicRule.CODES, GUESSER) == 10


def test_a_quarter_is_left_to_those_that_ask_seldom(clock):
    """Many greedy addresses use up three quarters; quiet ones still get ten more."""
    counts = admission(clock, requests_per_second=40, codes_per_window=100)
    greedy = [
        went_through(counts, PublicRule.CODES, f"203.0.113.{n}") for n in range(4)
    ]
    quiet = [
        went_through(counts, PublicRule.CODES, f"198.51.100.{n}", 1) for n in range(20)
    ]
    assert greedy[:3] == [10, 10, 10]
    # The fourth comes when three quarters are gone: it is quiet for two requests, for
    # which it has used no more than a tenth of its share.
    assert greedy[3] == 2
    assert sum(quiet) == 8


def test_who_must_wait_costs_nobody_anything(clock):
    """A blocked address goes on asking; everybody's budget does not shrink."""
    counts = admission(clock, requests_per_second=16, codes_per_window=100)
    assert went_through(counts, PublicRule.CODES, GUESSER) == 4
    for _ in range(50):
        with contextlib.suppress(TooOftenError):
            ask(counts, PublicRule.CODES, GUESSER)
    assert [
        went_through(counts, PublicRule.CODES, f"203.0.113.{n}", 4) for n in range(2)
    ] == [4, 4]


def test_the_smallest_house_still_answers(clock):
    """One request a second: a share is never less than one."""
    counts = admission(clock, requests_per_second=1)
    assert went_through(counts, PublicRule.CODES, READER) == 1


def test_files_in_hand_are_bounded_for_one_address_and_for_all(clock):
    """Three of one address while the house is empty; six of all; each gives its place
    back when it is done, also when judging it failed.
    """
    counts = admission(clock, files_per_window=100)
    with contextlib.ExitStack() as open_files:

        def take(address):
            open_files.enter_context(
                counts.admit(PublicRule.UPLOADS, asked_by(address))
            )

        for _ in range(3):
            take(GUESSER)
        with pytest.raises(BusyError):
            take(GUESSER)
        take("203.0.113.1")
        # From the half on an address that has one gets no second.
        with pytest.raises(BusyError):
            take("203.0.113.1")
        take("203.0.113.2")
        take("203.0.113.3")
        with pytest.raises(BusyError):
            take("203.0.113.4")
    assert not counts._on_their_way
    with (
        pytest.raises(ValueError, match="broken"),
        counts.admit(PublicRule.UPLOADS, asked_by(GUESSER)),
    ):
        raise ValueError("broken")
    assert not counts._on_their_way


def test_one_address_may_have_one_below_the_half(clock):
    """Two of six are in hand: the address that has one of them gets its second."""
    counts = admission(clock, files_at_once_per_address=2)
    with (
        counts.admit(PublicRule.UPLOADS, asked_by(READER)),
        counts.admit(PublicRule.UPLOADS, asked_by(GUESSER)),
        counts.admit(PublicRule.UPLOADS, asked_by(GUESSER)),
        pytest.raises(BusyError),
        counts.admit(PublicRule.UPLOADS, asked_by(GUESSER)),
    ):
        pass


def test_behind_our_proxy_each_client_is_counted_as_itself(clock):
    """The proxy's word counts, a stranger's does not; an IPv6 /64 is one address."""
    counts = admission(clock)
    assert counts.sender(asked_by(PROXY, READER)) == READER
    assert counts.sender(asked_by(GUESSER, READER)) == GUESSER
    assert counts.address(asked_by(PROXY, "2001:db8::7")) == "2001:db8::7"
    one, other = (counts.sender(asked_by(PROXY, f"2001:db8::{n}")) for n in (7, 8))
    assert one == other
