"""One try to make a copy, as the seal journal knows it."""

from dataclasses import dataclass
from datetime import UTC
from enum import Enum
from hashlib import sha256
from uuid import UUID

from ecopy.events import CertificationOrdered, SignatureSummary
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
    order_sha256: Sha256 | None = None
    """The ``order_digest`` of the order that the copy was made from; None in rows that
    were written before the journal noted it."""

    def answers(self, order: CertificationOrdered) -> bool:
        """Whether *order* asks, word for word, for the copy that this outcome is."""
        return self.order_sha256 == order_digest(order)


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


def order_digest(order: CertificationOrdered) -> Sha256:
    """SHA-256 of all that an order asks for: two orders with one digest ask for the
    same pages, words, persons and keys, and differ in event id, time and revision only.
    """
    # Fields at their defaults are left out: an optional field that a later version adds
    # must not change the digest of an order that was written before it.
    moment = {"approved_at": order.approved_at.astimezone(UTC)}
    asked = order.model_copy(update=moment).model_dump_json(
        exclude={"id", "at", "revision"}, exclude_defaults=True
    )
    return sha256(asked.encode()).hexdigest()
