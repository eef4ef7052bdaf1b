"""How a result goes out: the citizen's link, and what was handed over.

Start at ``HandOverView``.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ecopy.events import LinkVisits


@dataclass(frozen=True, slots=True)
class LinkView:
    url: str
    """The citizen's address; also the QR's text."""
    qr_url: str
    """SVG of it, our own origin."""


@dataclass(frozen=True, slots=True)
class LinkActView:
    """Who gave or closed a link, when and why."""

    ground: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOverView:
    """One line of how a result went out."""

    nth: int
    """Its place among the paper's lines, from 1: what a mistake names."""
    way: str
    by: str
    at: datetime
    earlier: bool
    """It was the hand-over of a link that opens nothing any more."""
    mistaken_by: str = ""
    mistaken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkFateView:
    """What became of the link of now."""

    last_day: date | None
    """The last day on which it opens the copy; None where nobody has said."""
    over: bool
    """That day is past."""
    pending: bool
    """The public face has not answered yet what a person did last with it."""
    asks: str = ""
    """What is asked before it opens: ``phone``, ``id`` or nothing."""
    locked_at: datetime | None = None
    """When that was answered wrong too often."""
    opened: LinkVisits | None = None
    fetched: LinkVisits | None = None
    renewed: LinkActView | None = None
    """How it came to be given, where it is not the first."""
    closed: LinkActView | None = None
    earlier_fetched: LinkVisits | None = None
    """When the copy was fetched by a link of before, where none fetched it since."""
