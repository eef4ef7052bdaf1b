"""One try to make a copy, as the seal journal knows it."""

from dataclasses import dataclass
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
class Outcome:
    """What a try has made; written down before its bytes are stored."""

    attempt: UUID
    entry: EntryId
    revision: int
    copy_ref: ObjectRef
    signatures: tuple[SignatureSummary, SignatureSummary]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal knows of an entry when an order comes."""

    revision: int
    """The highest that was seen; 0 if none was."""
    sealed: bool
    """A copy exists; it wins for ever."""
    loose: tuple[Outcome, ...]
    """Copies made that did not become the entry's copy, nor were destroyed."""
