"""What is decided about a number under the catalogue's lock: pure functions of how it
stands, which say what is written and announced with it.

A copy is archived, or its bytes are rejected for ever, or the number is closed; no two
of these can come true for one copy, since each is decided here in one transaction
(docs/decisions/0084). Start at ``on_order``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from ecopy.events import (
    CertificationClosed,
    CertificationHalted,
    CertificationOrdered,
    CertificationVoided,
    CopyArchived,
    CopyRejected,
    CopySealed,
    EntryEvent,
)
from ecopy.identifiers import ObjectRef, Sha256
from ecopy.refusals import Reason, Refusal, cause_of
from storage.domain.copies import ArchivedCopy, archive_key

HALTED: Final = UUID("0b6f2c52-7c39-4d0e-9f6e-5d2d1f1a7c11")
"""Namespace: one halt per sealed copy and reason, however often it is delivered."""
ANSWERED: Final = UUID("7b1d0f1c-52a4-4c1d-8a53-3a0a6d1c2e90")
"""Namespace: one answer to each event of each kind, however often it is delivered."""
REPLACED: Final = "replaced"
"""Why a copy is rejected that an order replaces."""
MEDIA_TYPE: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class EntryStanding:
    """All that the catalogue has of one number."""

    copy: ArchivedCopy | None = None
    order: CertificationOrdered | None = None
    rejected: Mapping[Sha256, str] = field(default_factory=dict)
    """Digests of the sealed copies that are never archived under it, and why."""
    closed: bool = False
    """It has ended without a copy."""

    def bars(self, copy: Sha256) -> bool:
        """Whether these bytes are never archived under this number."""
        return self.closed or copy in self.rejected


@dataclass(frozen=True, slots=True)
class Rejection:
    """Bytes that are never archived under their number."""

    copy: Sha256
    reason: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is written in one transaction; nothing where nothing changes."""

    order: CertificationOrdered | None = None
    rejection: Rejection | None = None
    closed_at_revision: int | None = None
    """The revision of the declaration that the number is void."""
    events: tuple[EntryEvent, ...] = ()


def on_order(
    standing: EntryStanding, order: CertificationOrdered, at: datetime
) -> Ruling:
    """Record the order, and answer it if it is a repeat of one that has its answer."""
    if standing.copy is not None:
        return Ruling(events=_archived_again(standing.copy, standing, order, at))
    if standing.closed:
        return Ruling(events=(closed_answer(order, order.revision, at),))
    if order.replaces is None:
        return Ruling(order=order)
    # Signing waits for this word before it makes another copy, so it is repeated for
    # each order: the first one may have been lost with the stream.
    reason = standing.rejected.get(order.replaces)
    rejection = Rejection(order.replaces, REPLACED) if reason is None else None
    answer = rejected_answer(order, order.replaces, reason or REPLACED, at)
    return Ruling(order=order, rejection=rejection, events=(answer,))


def on_refused(
    standing: EntryStanding, sealed: CopySealed, refusal: Refusal, at: datetime
) -> Ruling:
    """Reject a copy that the gate refused or that is lost, once; signing withdraws it,
    and the desk orders another.
    """
    digest = sealed.copy_ref.sha256
    if standing.copy is not None and standing.copy.sha256 == digest:
        return Ruling()  # another delivery of the same event has archived it meanwhile
    if standing.bars(digest):
        return Ruling(events=(barred_answer(standing, sealed, at),))
    reason = cause_of(refusal.detail)[0]
    return Ruling(
        rejection=Rejection(digest, reason),
        events=(
            rejected_answer(sealed, digest, reason, at),
            halt_event(sealed, refusal, at, copy=digest),
        ),
    )


def on_void(
    standing: EntryStanding, voided: CertificationVoided, at: datetime
) -> Ruling:
    """Close the number, or say again that its copy was faster."""
    if standing.copy is not None:
        return Ruling(events=(_archived_answer(voided, standing.copy, at),))
    answer = closed_answer(voided, voided.revision, at)
    revision = None if standing.closed else voided.revision
    return Ruling(closed_at_revision=revision, events=(answer,))


def barred_answer(
    standing: EntryStanding, sealed: CopySealed, at: datetime
) -> EntryEvent:
    """The answer to a copy that is never archived: rejected, or its number closed."""
    if standing.closed:
        return closed_answer(sealed, sealed.revision, at)
    digest = sealed.copy_ref.sha256
    return rejected_answer(sealed, digest, standing.rejected[digest], at)


def halt_event(
    sealed: CopySealed, refusal: Refusal, at: datetime, *, copy: Sha256 | None
) -> CertificationHalted:
    # The id follows from event and reason, so a halt that is decided twice, before and
    # after a crash, is one event: the outbox drops the second.
    return CertificationHalted(
        id=uuid5(HALTED, f"{sealed.id} {refusal.reason}"),
        at=at,
        entry=sealed.entry,
        stage="storage",
        revision=sealed.revision,
        reason=refusal.reason,
        detail=refusal.detail,
        copy_sha256=copy,
    )


def rejected_answer(
    to: EntryEvent, copy: Sha256, reason: str, at: datetime
) -> CopyRejected:
    return CopyRejected(
        id=_answer_id(to, CopyRejected.subject),
        at=at,
        entry=to.entry,
        copy_sha256=copy,
        reason=reason,
    )


def closed_answer(to: EntryEvent, revision: int, at: datetime) -> CertificationClosed:
    return CertificationClosed(
        id=_answer_id(to, CertificationClosed.subject),
        at=at,
        entry=to.entry,
        revision=revision,
    )


def archived_ref(copy: ArchivedCopy) -> ObjectRef:
    """Where the archive has the copy."""
    return ObjectRef(
        bucket="archive",
        key=archive_key(copy.entry),
        sha256=copy.sha256,
        size=copy.size,
        media_type=MEDIA_TYPE,
    )


def check_same_copy(existing: ArchivedCopy, digest: Sha256) -> None:
    """A copy that exists wins: refuse any other."""
    if existing.sha256 != digest:
        raise Refusal(Reason.OTHER_COPY_ARCHIVED, existing.sha256)


def _archived_again(
    copy: ArchivedCopy,
    standing: EntryStanding,
    order: CertificationOrdered,
    at: datetime,
) -> tuple[EntryEvent, ...]:
    """The copy's news once more, for an order that came after it. The order of the copy
    itself, delivered again, has had its answer. One that asks for another paper gets
    none: its copy is refused when signing brings it, and here nobody may take this one
    for its own.
    """
    first = standing.order
    if first is None or order.id == first.id or not _same_request(first, order):
        return ()
    return (_archived_answer(order, copy, at),)


def _same_request(one: CertificationOrdered, other: CertificationOrdered) -> bool:
    """Whether two orders ask for the same pages, words, persons and keys."""
    free = {"id", "at", "revision", "replaces"}
    return one.model_dump(exclude=free) == other.model_dump(exclude=free)


def _archived_answer(to: EntryEvent, copy: ArchivedCopy, at: datetime) -> CopyArchived:
    return CopyArchived(
        id=_answer_id(to, CopyArchived.subject),
        at=at,
        entry=copy.entry,
        copy_ref=archived_ref(copy),
        pages=copy.pages,
    )


def _answer_id(to: EntryEvent, subject: str) -> UUID:
    return uuid5(ANSWERED, f"{to.id} {subject}")
