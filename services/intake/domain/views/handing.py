"""How a result goes out: the citizen's link, and what was handed over.

Start at ``HandOverView``.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LinkView:
    url: str
    """The citizen's address; also the QR's text."""
    qr_url: str
    """SVG of it, our own origin."""


@dataclass(frozen=True, slots=True)
class HandOverView:
    """One line of how a result went out."""

    nth: int
    """Its place among the paper's lines, from 1: what a mistake names."""
    way: str
    by: str
    at: datetime
    earlier: bool
    """Of a link that opens nothing any more."""
    mistaken_by: str = ""
    mistaken_at: datetime | None = None
