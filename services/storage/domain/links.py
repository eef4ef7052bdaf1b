"""What a link that somebody brought opens, or what may be said of it.

Start at ``standing``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ecopy.events import LinkReported, LinkVisits
from ecopy.identifiers import EntryId
from storage.domain.copies import Link

REPORT_EVERY: Final = timedelta(hours=1)
"""What is done through a link after the first time is reported this often at most."""


class LinkStanding(StrEnum):
    """How a link stands that the office has really given."""

    OPENS = "opens"
    REPLACED = "replaced"
    """A newer one opens the copy."""
    REVOKED = "revoked"
    """The office has closed it."""
    ENDED = "ended"
    """Its time is over, and there is no newer one that opens."""


def standing(link: Link, newest: Link, now: datetime) -> LinkStanding:
    """How *link* stands, *newest* being the newest link of the same copy. Only the
    newest one opens anything, and of a newer one is spoken only while it opens.
    """
    if newest.opens(now):
        same = link.generation == newest.generation
        return LinkStanding.OPENS if same else LinkStanding.REPLACED
    return LinkStanding.ENDED if link.revoked_at is None else LinkStanding.REVOKED


@dataclass(frozen=True, slots=True)
class LinkUse:
    """What was done through one link."""

    opened: LinkVisits | None = None
    fetched: LinkVisits | None = None
    locked_at: datetime | None = None


def report(entry: EntryId, newest: Link, use: LinkUse, now: datetime) -> LinkReported:
    return LinkReported(
        at=now,
        entry=entry,
        generation=newest.generation,
        expires_at=newest.expires_at,
        revoked_at=newest.revoked_at,
        locked_at=use.locked_at,
        opened=use.opened,
        fetched=use.fetched,
    )
