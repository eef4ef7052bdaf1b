"""How a link stands, for every pair of a link and the newest one of its copy."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.domain.copies import Link
from storage.domain.links import LinkStanding, standing
from support import build

NOW = build.NOON
OPEN = Link("0" * 64, build.ENTRY, 2, NOW + timedelta(days=1))
ENDED = replace(OPEN, expires_at=NOW)
CLOSED = replace(OPEN, revoked_at=NOW)

NEWEST = {
    "open": (OPEN, LinkStanding.OPENS, LinkStanding.REPLACED, LinkStanding.REPLACED),
    "ended": (ENDED, LinkStanding.ENDED, LinkStanding.ENDED, LinkStanding.REVOKED),
    "closed": (CLOSED, LinkStanding.REVOKED, LinkStanding.ENDED, LinkStanding.REVOKED),
}
"""The newest link; how it stands; how an older one stands that was not closed, and one
that was."""


@pytest.mark.parametrize("kind", NEWEST)
def test_only_the_newest_opens_and_of_it_is_spoken_only_while_it_does(kind):
    """An older link opens nothing, whatever its day."""
    newest, own, older, older_closed = NEWEST[kind]
    old = replace(OPEN, generation=1)
    assert standing(newest, newest, NOW) is own
    assert standing(old, newest, NOW) is older
    assert standing(replace(old, revoked_at=NOW), newest, NOW) is older_closed
