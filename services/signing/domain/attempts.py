"""Attempts to make a copy, as the seal journal records them.

An attempt is an intent, then an outcome (its signatures exist) or a failure; an outcome
becomes the entry's copy or is written off (``Fate``). A copy that storage has rejected
is withdrawn, and the entry has none again. The journal keeps all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from enum import Enum
from hashlib import sha256
from uuid import UUID

from ecopy.events import CertificationOrdered, SignatureSummary
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
    order_sha256: Sha256 | None = None
    """The ``order_digest`` of the order; None in rows that were written before the
    journal noted it."""


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """What an attempt has made; written down before its bytes are stored."""

    attempt: UUID
    entry: EntryId
    revision: int
    copy_ref: ObjectRef
    signatures: tuple[SignatureSummary, SignatureSummary]
    order_sha256: Sha256 | None = None
    """The ``order_digest`` of the order that the copy was made from; None in rows that
    were written before the journal noted it."""
    order: UUID | None = None
    """The event id of that order: the same order delivered again asks for nothing
    more. None in rows that were written before the journal noted it."""

    def answers(self, order: CertificationOrdered) -> bool:
        """Whether *order* asks, word for word, for the copy that this outcome is."""
        return self.order_sha256 == order_digest(order)

    def belies(self, order: CertificationOrdered) -> bool:
        """Whether the outcome was made for another order of the same revision."""
        if self.order_sha256 is None or self.revision != order.revision:
            return False
        return not self.answers(order)


class Fate(Enum):
    """What becomes of an outcome. The journal decides it in one transaction, so two
    processes that ask get the same answer.
    """

    COPY = "copy"
    """It is the entry's copy, until storage rejects it."""
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
    """The outcome that is the entry's copy now."""
    undecided: tuple[AttemptOutcome, ...]
    """Outcomes without a fate: their maker died, or is still at work."""
    written_off: tuple[AttemptOutcome, ...] = ()
    """Outcomes that will never be the copy, those among them that were withdrawn; a
    crash may have left their bytes."""
    archived: Sha256 | None = None
    """The digest of the copy that storage has archived, as far as signing has heard."""
    closed: bool = False
    """The number ends without a copy: nothing is made for it any more."""
    orders: Mapping[int, Sha256] = field(default_factory=dict)
    """The ``order_digest`` of each revision for which a key was to be used."""

    @property
    def sealed(self) -> bool:
        return self.copy is not None

    @property
    def settled(self) -> bool:
        """Whether no order makes another copy of this entry."""
        return self.sealed or self.closed or self.archived is not None

    def contradicts(self, order: CertificationOrdered) -> bool:
        """Whether the same revision of this entry was another order before."""
        before = self.orders.get(order.revision)
        return before is not None and before != order_digest(order)


def order_digest(order: CertificationOrdered) -> Sha256:
    """SHA-256 of all that an order asks for: two orders with one digest ask for the
    same pages, words, persons and keys, and differ in event id, time, revision, the
    copy that they replace and the moment of the seal's release only.
    """
    # Fields at their defaults are left out: an optional field that a later version adds
    # must not change the digest of an order that was written before it.
    moment = {"approved_at": order.approved_at.astimezone(UTC)}
    asked = order.model_copy(update=moment).model_dump_json(
        exclude={"id", "at", "revision", "replaces", "released_at"},
        exclude_defaults=True,
    )
    return sha256(asked.encode()).hexdigest()
