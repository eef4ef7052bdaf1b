"""How often a key may be used in an hour."""

import threading
from datetime import timedelta

import pytest

from ecopy.refusals import Hindrance, Trouble
from signing.adapters.key_caps import HOUR, KeyCaps
from support.build import NOON

USES_LEFT = "ecopy_signing_key_uses_left"


@pytest.mark.parametrize("spent", ["officer", "seal"])
def test_a_refused_use_counts_for_none_of_its_keys(spent):
    """One of the two is used up: the other keeps its use, whichever is named first."""
    caps = KeyCaps(1, lambda: NOON)
    caps.use([spent])
    with pytest.raises(Trouble) as refused:
        caps.use(["officer", "seal"])
    assert refused.value.hindrance is Hindrance.RATE_CAP
    assert f"{spent}: 1 uses" in str(refused.value)
    assert refused.value.again_in == HOUR == timedelta(hours=1)
    (other,) = {"officer", "seal"} - {spent}
    caps.use([other])


def test_asking_is_not_using():
    """However often it is asked first, a key has its uses."""
    caps = KeyCaps(2, lambda: NOON)
    for _ in range(9):
        caps.check(["seal"])
    caps.use(["seal"])
    caps.use(["seal"])
    with pytest.raises(Trouble):
        caps.check(["seal"])


def test_the_operator_sees_what_is_left_of_each_key():
    """One line a key, its name written so that no quotation mark ends it early."""
    caps = KeyCaps(3, lambda: NOON)
    caps.use(["officer", 'a"b'])
    caps.use(["officer"])
    caps.restore([("seal", NOON)])
    assert dict(caps.measures()) == {
        f'{USES_LEFT}{{key="officer"}}': 1,
        f'{USES_LEFT}{{key="a\\"b"}}': 2,
        f'{USES_LEFT}{{key="seal"}}': 2,
    }


def test_many_threads_together_use_no_more_than_the_cap():
    """Twenty at once with a cap of five: five are let through."""
    caps = KeyCaps(5, lambda: NOON)
    start = threading.Barrier(20)
    used = []

    def use():
        start.wait()
        try:
            caps.use(["officer", "seal"])
        except Trouble:
            return
        used.append(True)

    threads = [threading.Thread(target=use) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(used) == 5
