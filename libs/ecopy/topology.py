"""Who says what and who listens: the whole event graph on one screen.

``python -m chassis.provision`` makes the stream look like this; services bind to
these consumers and never create one.
"""

from dataclasses import dataclass
from typing import Final

from ecopy.events import (
    CertificationClosed,
    CertificationDelayed,
    CertificationHalted,
    CertificationOrdered,
    CertificationVoided,
    CopyArchived,
    CopyRejected,
    CopySealed,
    Event,
    FiguresReported,
    LinkGranted,
    LinkReported,
    LinkRevoked,
    RatingsReported,
)

STREAM: Final = "ECOPY"
DEAD_STREAM: Final = "ECOPY_DEAD"
"""The stream of dead letters: in a stream of their own they cannot crowd out events."""
DEAD: Final = "ecopy.dead"
"""Prefix: a consumer parks poison on ``ecopy.dead.<durable>``."""
MARKS_STREAM: Final = "ECOPY_MARKS"
"""The stream of high-water marks: the last one of each service, for ever."""
MARKS: Final = "ecopy.marks"
"""Prefix: a service says its marks on ``ecopy.marks.<service>``."""
REPLAY: Final = "ecopy.replay"
"""Prefix: a dead letter is given to its own consumer again on
``ecopy.replay.<durable>``, and to no other (docs/decisions/0093)."""
INBOX: Final = "_INBOX"
"""Prefix: a service is answered on ``_INBOX.<service>.…``, which no other may hear."""

PUBLISHERS: Final[dict[str, frozenset[str]]] = {
    CertificationOrdered.subject: frozenset({"intake"}),
    CopySealed.subject: frozenset({"signing"}),
    CopyArchived.subject: frozenset({"storage"}),
    CertificationDelayed.subject: frozenset({"signing", "storage"}),
    CertificationHalted.subject: frozenset({"signing", "storage"}),
    CopyRejected.subject: frozenset({"storage"}),
    CertificationVoided.subject: frozenset({"intake"}),
    CertificationClosed.subject: frozenset({"storage"}),
    LinkGranted.subject: frozenset({"intake"}),
    LinkRevoked.subject: frozenset({"intake"}),
    LinkReported.subject: frozenset({"storage"}),
    FiguresReported.subject: frozenset({"intake"}),
    RatingsReported.subject: frozenset({"storage"}),
}
"""Allow-list: whose Ed25519 signature makes an event of this subject true."""
SUBJECTS: Final = tuple(sorted(PUBLISHERS))
"""The subjects of the stream of facts, each by its name."""
MARKERS: Final = ("signing", "storage")
"""Services that publish high-water marks (``ecopy.marks``), each only its own."""
MARK_PUBLISHERS: Final[dict[str, frozenset[str]]] = {
    f"{MARKS}.{service}": frozenset({service}) for service in MARKERS
}
"""Allow-list, as ``PUBLISHERS``, of the subjects of the marks."""


@dataclass(frozen=True, slots=True)
class Consumer:
    durable: str
    event: type[Event]
    # Short, because it is what a person waits for after a service was killed; work that
    # takes longer is reported as going on every third of it (``chassis.consumer``).
    ack_wait_seconds: float = 15.0
    """Seconds after which an event that nobody has acknowledged is delivered again."""

    @property
    def replay(self) -> str:
        """The subject on which it hears its own dead letters again."""
        return f"{REPLAY}.{self.durable}"


# A service has a consumer for each kind of event: what waits of one kind never stands
# in the way of another.
SIGNING_ORDERED: Final = Consumer("signing-ordered", CertificationOrdered)
SIGNING_ARCHIVED: Final = Consumer("signing-archived", CopyArchived)
SIGNING_REJECTED: Final = Consumer("signing-rejected", CopyRejected)
SIGNING_CLOSED: Final = Consumer("signing-closed", CertificationClosed)
STORAGE_ORDERED: Final = Consumer("storage-ordered", CertificationOrdered)
STORAGE_SEALED: Final = Consumer("storage-sealed", CopySealed)
STORAGE_VOIDED: Final = Consumer("storage-voided", CertificationVoided)
STORAGE_GRANTED: Final = Consumer("storage-granted", LinkGranted)
STORAGE_REVOKED: Final = Consumer("storage-revoked", LinkRevoked)
STORAGE_FIGURES: Final = Consumer("storage-figures", FiguresReported)
INTAKE_SEALED: Final = Consumer("intake-sealed", CopySealed)
INTAKE_ARCHIVED: Final = Consumer("intake-archived", CopyArchived)
INTAKE_DELAYED: Final = Consumer("intake-delayed", CertificationDelayed)
INTAKE_HALTED: Final = Consumer("intake-halted", CertificationHalted)
INTAKE_CLOSED: Final = Consumer("intake-closed", CertificationClosed)
INTAKE_REPORTED: Final = Consumer("intake-reported", LinkReported)
INTAKE_RATED: Final = Consumer("intake-rated", RatingsReported)

HEAR_ORDERS: Final = (SIGNING_ORDERED, STORAGE_ORDERED)
"""Who hears intake's orders: as long as one of them has messages before it, an order of
before may still be among them."""
HEAR_VOIDS: Final = (STORAGE_VOIDED,)
"""Who hears that a number is void. Whatever the others have before them says nothing of
it."""
CONSUMERS: Final = (
    SIGNING_ORDERED,
    SIGNING_ARCHIVED,
    SIGNING_REJECTED,
    SIGNING_CLOSED,
    STORAGE_ORDERED,
    STORAGE_SEALED,
    STORAGE_VOIDED,
    STORAGE_GRANTED,
    STORAGE_REVOKED,
    STORAGE_FIGURES,
    INTAKE_SEALED,
    INTAKE_ARCHIVED,
    INTAKE_DELAYED,
    INTAKE_HALTED,
    INTAKE_CLOSED,
    INTAKE_REPORTED,
    INTAKE_RATED,
)
