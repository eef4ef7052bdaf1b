"""How many passwords may still be tried, and from when on again."""

from datetime import timedelta

import pytest

from intake.domain.guesses import Failures, Try, WrongPassword, check
from support.build import NOON

MINUTE = timedelta(minutes=1)


def minutes_ago(*minutes):
    return tuple(NOON - minute * MINUTE for minute in minutes)


def test_five_for_an_account_and_thirty_for_an_address():
    """The scarcer of the two counts, and there are never fewer than none."""
    assert Failures((), ()).left == 5
    assert Failures(minutes_ago(3, 2), minutes_ago(3, 2)).left == 3
    assert Failures(minutes_ago(3), minutes_ago(*range(28, 0, -1))).left == 2
    assert Failures(minutes_ago(*range(7, 0, -1)), ()).left == 0


def test_a_locked_account_opens_when_enough_failures_are_a_quarter_old():
    """Of seven, the third: then four are left, one below five."""
    failures = Failures(minutes_ago(9, 8, 7, 6, 5, 4, 3), ())
    assert failures.until == NOON - 7 * MINUTE + 15 * MINUTE


def test_the_later_of_two_locks_holds():
    """The account opens in ten minutes, the address in fourteen."""
    account = minutes_ago(5, 4, 3, 2, 1)
    address = minutes_ago(*[14] * 5, *[1] * 30)
    assert Failures(account, ()).until == NOON + 10 * MINUTE
    assert Failures(account, address).until == NOON + 14 * MINUTE


@pytest.mark.parametrize(("before", "left"), [(0, 4), (3, 1)])
def test_a_wrong_password_says_how_many_tries_are_left(before, left):
    """The one that was wrong is among those that count."""
    failures = Failures(minutes_ago(*[2] * before), minutes_ago(*[2] * before))
    wrong = Try(1, "account", "192.0.2.66", failures, NOON).wrong()
    assert (wrong.tries_left, wrong.locked_until) == (left, None)


def test_the_last_wrong_password_says_until_when():
    """Fifteen minutes after the oldest of the five."""
    failures = Failures(minutes_ago(4, 3, 2, 1), minutes_ago(4, 3, 2, 1))
    wrong = Try(1, "account", "192.0.2.66", failures, NOON).wrong()
    assert (wrong.tries_left, wrong.locked_until) == (0, NOON + 11 * MINUTE)


def test_who_is_locked_is_not_compared_at_all():
    """The check raises before a digest is looked at; with one try left it does not."""
    check(Failures(minutes_ago(4, 3, 2, 1), ()))
    with pytest.raises(WrongPassword) as locked:
        check(Failures(minutes_ago(5, 4, 3, 2, 1), ()))
    assert (locked.value.tries_left, locked.value.locked_until) == (
        0,
        NOON + 10 * MINUTE,
    )
