"""A copy on its way, one type per stage: ``OrderedOriginal → Draft → SealedCopy``.

A function takes one stage and returns the next, so an unsealed draft cannot be
stored as a copy, and a copy cannot be sealed twice.
"""

from dataclasses import dataclass
from datetime import datetime

from ecopy.events import Level, SignatureSummary
from ecopy.identifiers import Sha256
from signing.domain.rope import Octets, Rope


@dataclass(frozen=True, slots=True)
class OrderedOriginal:
    """The normalised original: exactly the bytes that were ordered, left where they
    are stored. They can be read as long as whoever opened them keeps them open.
    """

    content: Octets
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Draft:
    """Pages, margins and clause, composed here; no key has touched it.

    ``content`` is a PDF of the dialect's section 2 (docs/dialect.md); its page images
    are stretches of the original.
    """

    content: Rope
    pages: int
    level: Level = "B-LT"
    """The level that the order asks for; the draft has the fields of that level."""


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """Officer's signature, agency's seal and security store: final bytes."""

    content: Rope
    sha256: Sha256
    signatures: tuple[SignatureSummary, SignatureSummary]
    signed_at: datetime
    """The time of both signatures, /M in their dictionaries."""
