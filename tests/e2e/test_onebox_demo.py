"""``make demo`` as a newcomer runs it, once: from a scan to a verified copy.

What becomes of a house that stays up is in ``tests/faults/test_onebox_house.py``.
"""

import pytest

from support.houses import demo_once

LINES = ("copy", "trust", "link", "verify", "verdict", "desk")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return demo_once(tmp_path_factory.mktemp("onebox") / "var")


def test_once_ends_after_the_story(once):
    """Exit status 0, every line said, nothing of it listening any more."""
    assert once.done.returncode == 0, once.done.stdout + once.done.stderr
    words = {line.partition(": ")[0] for line in once.done.stdout.splitlines()}
    assert words >= {*LINES, "sign-in"}
    assert "verdict: GENUINE" in once.done.stdout
    assert "number 1/" in once.done.stdout
    assert "Ctrl-C" not in once.done.stdout


def test_nothing_is_open_to_others(once):
    """No other account of the machine reads a file of it."""
    assert once.open_after == []
