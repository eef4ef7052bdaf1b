"""The pass of a browser that has answered: of one link, for an hour, made here only."""

from datetime import timedelta

import pytest

from storage.domain.factors import PASS_LIFE, made_pass, pass_holds
from support import build

KEY, LINK, OTHER = b"key", "0" * 64, "1" * 64
MADE = made_pass(KEY, LINK, build.NOON)


def test_a_pass_holds_for_its_link_and_its_time():
    """The service's own key makes it: another one is no pass."""
    assert pass_holds(KEY, LINK, MADE, build.NOON)
    assert not pass_holds(KEY, LINK, MADE, build.NOON + PASS_LIFE)
    assert not pass_holds(KEY, OTHER, MADE, build.NOON)
    assert not pass_holds(b"other", LINK, MADE, build.NOON)


@pytest.mark.parametrize(
    "value", ["", ".", "x", "9999999999.", "-1.0", "²." + MADE.partition(".")[2]]
)
def test_what_is_no_pass_opens_nothing(value):
    """Whatever somebody puts into the cookie."""
    assert not pass_holds(KEY, LINK, value, build.NOON - timedelta(days=1))


def test_a_longer_time_is_no_pass():
    """The time is signed."""
    until, _, mac = MADE.partition(".")
    assert not pass_holds(KEY, LINK, f"{int(until) + 1}.{mac}", build.NOON)
