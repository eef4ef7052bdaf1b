"""What a case remembers of itself beside its audit: which typed words were corrected.

Frozen values that ``records.Case`` holds. The audit names the fields alone and is kept
for ever; the words are a citizen's and stay with the case.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of what was typed, as it was and as it is from then on."""

    at: datetime
    by: str
    """The name of whoever corrected it."""
    document: int | None
    """Ordinal of the paper; None for the requester and the channel."""
    field: str
    """The key of its label in the catalogues, ``paper.pages``."""
    before: str
    after: str
