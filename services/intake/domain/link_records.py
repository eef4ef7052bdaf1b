"""What intake keeps of a copy's link: what people did with it, and what became of it.

Frozen values; the moves are in ``linking``. Start at ``LinkAct``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ecopy.events import LinkReported, LinkVisits
from ecopy.link_events import FactorKind


class RenewalGround(StrEnum):
    """Why another link is given."""

    LOST = "lost"
    EXPIRED = "expired"
    LEAKED = "leaked"
    """Somebody else may have it."""
    CLOSED = "closed"
    """It was closed, and the requester needs one again."""
    GUARDED = "guarded"
    """Something is to be asked before it opens."""


class ClosingGround(StrEnum):
    """Why a link is closed with none in its place."""

    LEAKED = "leaked"
    WRONG_PERSON = "wrong-person"
    ASKED = "asked"
    """The requester wants none."""


@dataclass(frozen=True, slots=True)
class LinkAct:
    """A person gave another link, or closed the one of then."""

    generation: int
    """The generation of the link that was given, or that was closed."""
    ground: str
    by: str
    by_name: str
    at: datetime
    expires_at: datetime | None = None
    """When the link that was given ends; None where it was closed."""
    factor: FactorKind | None = None
    """What is asked before it opens."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What storage has said of one generation; it only grows."""

    generation: int
    expires_at: datetime
    revoked_at: datetime | None = None
    locked_at: datetime | None = None
    opened: LinkVisits | None = None
    fetched: LinkVisits | None = None


LinkActs = tuple[LinkAct, ...]
LinkReports = tuple[LinkReport, ...]


def report_of(fact: LinkReported) -> LinkReport:
    return LinkReport(
        fact.generation,
        fact.expires_at,
        fact.revoked_at,
        fact.locked_at,
        fact.opened,
        fact.fetched,
    )


def joined(one: LinkReport, other: LinkReport) -> LinkReport:
    """The larger of two reports of one generation, whichever came first."""
    return replace(
        one,
        revoked_at=one.revoked_at or other.revoked_at,
        locked_at=one.locked_at or other.locked_at,
        opened=_more(one.opened, other.opened),
        fetched=_more(one.fetched, other.fetched),
    )


def _more(one: LinkVisits | None, other: LinkVisits | None) -> LinkVisits | None:
    if one is None or other is None:
        return one or other
    return LinkVisits(
        count=max(one.count, other.count),
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )
