"""One try to make a copy, as the seal journal knows it."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from ecopy.events import SignatureSummary
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from signing.domain.signatories import Signatories


@dataclass(frozen=True, slots=True)
class Attempt:
    """Written down before a key is used: what for, with which keys."""

    id: UUID
    entry: EntryId
    revision: int
    original_sha256: Sha256
    signatories: Signatories


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """What a try has made; written down before its bytes are stored."""

    attempt: UUID
    entry: EntryId
    revision: int
    copy_ref: ObjectRef
    signatures: tuple[SignatureSummary, SignatureSummary]


class Fate(Enum):
    """What the journal holds of an outcome, decided in one transaction: two processes
    that ask get the same answer.
    """

    COPY = "copy"
    """It is the entry's copy, for ever."""
    BEATEN = "beaten"
    """The entry has another copy; these bytes are to be destroyed."""
    LOST = "lost"
    """Written off while the entry had no copy; these bytes are to be destroyed."""


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """What the journal knows of an entry when an order comes."""

    revision: int
    """The highest that was seen; 0 if none was."""
    copy: AttemptOutcome | None
    """It wins for ever."""
    loose: tuple[AttemptOutcome, ...]
    """Copies made whose fate is not decided yet."""
    lost: tuple[AttemptOutcome, ...] = ()
    """Written off; a crash may have left their bytes."""

    @property
    def sealed(self) -> bool:
        return self.copy is not None
