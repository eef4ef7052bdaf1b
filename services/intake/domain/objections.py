"""What a certifier finds wrong with one page of a paper that is sent back.

Values only; how they are typed and shown is in ``objecting``.
"""

from dataclasses import dataclass
from enum import StrEnum

from intake.domain.arranging import PageId


class Wrong(StrEnum):
    """The list to choose from; its words are ``wrong.<slug>`` in the catalogues."""

    CUT = "cut"
    BLURRED = "blurred"
    TURNED = "turned"
    ORDER = "order"
    MISSING_AFTER = "missing-after"
    DIFFERS = "differs"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Objection:
    """One page with its reason, bound to the page and not to its place."""

    page: PageId
    digest: str
    """The page's digest as the certifier saw it: a turn changes it."""
    number: int
    """Its number when it was sent back."""
    wrong: Wrong
    words: str = ""
    """Where on the page, for whoever scans it anew; may be empty."""
