"""How often an address may ask."""

from datetime import timedelta

from chassis.addresses import network_of
from storage.domain.throttle import Rate, Throttle
from support.build import NOON

RATE = Rate(tries=30, window=timedelta(minutes=15))


def spend(throttle, key, tries, now=NOON):
    for _ in range(tries):
        assert not throttle.wait(key, now)
        throttle.charge(key, now)


def test_tries_up_to_the_limit_go_through_and_the_next_waits():
    """30 tries at once, then one for each 30 seconds that pass."""
    throttle = Throttle(RATE)
    spend(throttle, "a", 30)
    assert throttle.wait("a", NOON) == timedelta(seconds=30)
    spend(throttle, "a", 1, NOON + timedelta(seconds=30))
    assert throttle.wait("a", NOON + timedelta(seconds=30)) == timedelta(seconds=30)


def test_a_quiet_window_gives_all_tries_back():
    """After 15 quiet minutes the address starts anew."""
    throttle = Throttle(RATE)
    spend(throttle, "a", 30)
    spend(throttle, "a", 30, NOON + timedelta(minutes=15))


def test_addresses_do_not_share_tries():
    """One address that guesses does not stop another."""
    throttle = Throttle(RATE)
    spend(throttle, "a", 30)
    assert not throttle.wait("b", NOON)


def test_memory_is_bounded():
    """A flood of addresses forgets the quietest instead of growing."""
    throttle = Throttle(RATE, keys=100)
    for number in range(1000):
        throttle.charge(str(number), NOON)
    assert len(throttle._full_until) == 100


def test_who_asked_last_is_remembered_longest():
    """A guesser that goes on is not forgotten for newcomers: the quietest is."""
    throttle = Throttle(RATE, keys=2)
    spend(throttle, "guesser", 29)
    spend(throttle, "quiet", 30)
    spend(throttle, "guesser", 1)
    spend(throttle, "new", 1)
    assert throttle.wait("guesser", NOON)
    assert not throttle.wait("quiet", NOON)


def test_used_is_the_part_that_is_not_given_back_yet():
    """From nothing to all, and less with each moment that passes."""
    throttle = Throttle(RATE)
    assert throttle.used("a", NOON) == 0
    spend(throttle, "a", 15)
    assert throttle.used("a", NOON) == 0.5
    spend(throttle, "a", 15)
    assert throttle.used("a", NOON) == 1
    assert throttle.used("a", NOON + timedelta(minutes=12)) == 0.2


def test_a_waiting_client_is_not_charged():
    """Asking how long to wait costs nothing."""
    throttle = Throttle(RATE)
    spend(throttle, "a", 30)
    before = throttle.wait("a", NOON)
    assert throttle.wait("a", NOON) == before


def test_an_ipv6_household_is_one_address():
    """A /64 counts as one, a mapped IPv4 address as that IPv4 address."""
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("unix:") == "unix:"


def test_a_clock_that_is_set_back_keeps_nobody_waiting():
    """It ran 14 days ahead: the bucket is full at most, and one try comes back after
    one interval, as ever.
    """
    throttle = Throttle(RATE)
    ahead = NOON + timedelta(days=14)
    spend(throttle, "a", 30, ahead)
    assert throttle.wait("a", NOON) == timedelta(seconds=30)
    assert throttle.used("a", NOON) == 1
    spend(throttle, "b", 1, ahead)
    throttle.charge("b", NOON)
    spend(throttle, "b", 1, NOON + timedelta(minutes=1))
