"""What one address may ask for, and what is left to the others."""

import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from storage.app.throttling import Admission, Rule, TooOftenError
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


def counter(clock, **limits):
    made = SimpleNamespace(**LIMITS | limits)
    return Asked(Admission(made, clock, trusted_proxies=[f"{PROXY}/32"]))


class Asked:
    """Each question that the routes ask of their admission, by a short name."""

    def __init__(self, admission):
        self.admission = admission
        self.sender, self.address = admission.sender, admission.address

    def code(self, request):
        with self.admission.admit(Rule.CODES, request):
            pass

    def file(self, request):
        with self.admission.admit(Rule.FILES, request):
            pass

    def link(self, request):
        """A wrong one."""
        with self.admission.admit(Rule.LINKS, request):
            self.admission.count_wrong_link(request)

    def right_link(self, request):
        with self.admission.admit(Rule.LINKS, request):
            pass

    def in_hand(self, request):
        return self.admission.admit(Rule.UPLOADS, request)


def asked_by(address, forwarded=None):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (address, 40000), "headers": headers})


def went_through(ask, address, times=100):
    """How many of so many requests were admitted before the first that must wait."""
    for done in range(times):
        try:
            ask(asked_by(address))
        except TooOftenError:
            return done
    return times


@pytest.mark.parametrize(("kind", "most"), [("code", 3), ("link", 4), ("file", 5)])
def test_each_kind_has_its_own_number_for_each_address(clock, kind, most):
    """Codes, wrong links and files are counted apart; another address has its own."""
    counts = counter(clock)
    assert went_through(getattr(counts, kind), GUESSER) == most
    assert went_through(getattr(counts, kind), READER) == most
    others = {"code", "link", "file"} - {kind}
    for other in others:
        getattr(counts, other)(asked_by(GUESSER))


def test_who_waited_long_enough_may_ask_again(clock):
    """A third of a quarter of an hour gives one of three look-ups back, no sooner."""
    counts = counter(clock)
    went_through(counts.code, GUESSER)
    with pytest.raises(TooOftenError) as refused:
        counts.code(asked_by(GUESSER))
    assert refused.value.again_at == NOON + timedelta(minutes=5)
    assert str(refused.value) == "again at 05:05:00"
    clock.now += timedelta(minutes=5)
    assert went_through(counts.code, GUESSER) == 1


def test_a_link_that_opened_something_was_no_guess(clock):
    """Right links cost an address nothing, however many it follows."""
    counts = counter(clock)
    for _ in range(20):
        counts.right_link(asked_by(READER))
    assert went_through(counts.link, READER) == 4


def test_one_address_gets_a_quarter_of_what_everybody_has(clock):
    """Of 40 a second, 10 for one address, whatever it asks for."""
    counts = counter(clock, requests_per_second=40, codes_per_window=100)
    assert went_through(counts.code, GUESSER) == 10
    clock.now += timedelta(seconds=1)
    assert went_through(counts.code, GUESSER) == 10


def test_a_quarter_is_left_to_those_that_ask_seldom(clock):
    """Many greedy addresses use up three quarters; quiet ones still get ten more."""
    counts = counter(clock, requests_per_second=40, codes_per_window=100)
    greedy = [went_through(counts.code, f"203.0.113.{n}") for n in range(4)]
    quiet = [went_through(counts.code, f"198.51.100.{n}", 1) for n in range(20)]
    assert greedy[:3] == [10, 10, 10]
    # The fourth comes when three quarters are gone: it is quiet for two requests, for
    # which it has used no more than a tenth of its share.
    assert greedy[3] == 2
    assert sum(quiet) == 8


def test_who_must_wait_costs_nobody_anything(clock):
    """A blocked address goes on asking; everybody's budget does not shrink."""
    counts = counter(clock, requests_per_second=16, codes_per_window=100)
    assert went_through(counts.code, GUESSER) == 4
    for _ in range(50):
        with contextlib.suppress(TooOftenError):
            counts.code(asked_by(GUESSER))
    assert [went_through(counts.code, f"203.0.113.{n}", 4) for n in range(2)] == [4, 4]


def test_the_smallest_house_still_answers(clock):
    """One request a second: a share is never less than one."""
    counts = counter(clock, requests_per_second=1)
    assert went_through(counts.code, READER) == 1


def test_files_in_hand_are_bounded_for_one_address_and_for_all(clock):
    """Three of one address while the house is empty; six of all; each gives its place
    back when it is done, also when judging it failed.
    """
    counts = counter(clock, files_per_window=1000)
    with contextlib.ExitStack() as open_files:

        def take(address):
            open_files.enter_context(counts.in_hand(asked_by(address)))

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
    with contextlib.ExitStack() as again:
        for _ in range(3):
            again.enter_context(counts.in_hand(asked_by(GUESSER)))
    with pytest.raises(ValueError, match="broken"), counts.in_hand(asked_by(GUESSER)):
        raise ValueError("broken")
    with counts.in_hand(asked_by(GUESSER)):
        pass


def test_one_address_may_have_one_below_the_half(clock):
    """Two of six are in hand: the address that has one of them gets its second."""
    counts = counter(clock, files_at_once_per_address=2, files_per_window=1000)
    with (
        counts.in_hand(asked_by(READER)),
        counts.in_hand(asked_by(GUESSER)),
        counts.in_hand(asked_by(GUESSER)),
        pytest.raises(BusyError),
        counts.in_hand(asked_by(GUESSER)),
    ):
        pass


def test_behind_our_proxy_each_client_is_counted_as_itself(clock):
    """The proxy's word counts, a stranger's does not; an IPv6 /64 is one address."""
    counts = counter(clock)
    assert counts.sender(asked_by(PROXY, READER)) == READER
    assert counts.sender(asked_by(GUESSER, READER)) == GUESSER
    assert counts.address(asked_by(PROXY, "2001:db8::7")) == "2001:db8::7"
    one, other = (counts.sender(asked_by(PROXY, f"2001:db8::{n}")) for n in (7, 8))
    assert one == other
