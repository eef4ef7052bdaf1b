"""Attempts to make a copy, as the seal journal records them.

An attempt is an intent, then an outcome (its signatures exist) or a failure; an outcome
becomes the entry's copy or is written off (``Fate``). The journal keeps all of them.
"""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from ecopy.events import SignatureSummary
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from signing.domain.signatories import Signatories


@dataclass(frozen=True, slots=True)
class Attempt:
    """An intent, written down before a key is used: what for, and with which keys."""

    id: UUID
    entry: EntryId
    revision: int
    original_sha256: Sha256
    signatories: Signatories


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """What an attempt has made; written down before its bytes are stored."""

    attempt: UUID
    entry: EntryId
    revision: int
    copy_ref: ObjectRef
    signatures: tuple[SignatureSummary, SignatureSummary]


class Fate(Enum):
    """What becomes of an outcome. The journal decides it in one transaction, so two
    processes that ask get the same answer.
    """

    COPY = "copy"
    """It is the entry's copy, for ever."""
    BEATEN = "beaten"
    """The entry has another copy; these bytes are to be destroyed."""
    LOST = "lost"
    """Written off while the entry had no copy; these bytes are to be destroyed."""


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """What the journal has recorded of an entry before an order comes."""

    revision: int
    """The highest revision of an order that was seen; 0 if none was."""
    copy: AttemptOutcome | None
    """The outcome that became the entry's copy; it stays that for ever."""
    undecided: tuple[AttemptOutcome, ...]
    """Outcomes without a fate: their maker died, or is still at work."""
    written_off: tuple[AttemptOutcome, ...] = ()
    """Outcomes that will never be the copy; a crash may have left their bytes."""

    @property
    def sealed(self) -> bool:
        return self.copy is not None
