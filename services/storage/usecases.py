"""The archive's use cases, each told from top to bottom.

Start at ``archive``: how a sealed copy becomes one that citizens can fetch. The other
half answers them: ``open_link``, ``look_up``, ``check_digest``, ``check_file``.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol
from uuid import UUID, uuid5

from chassis.clock import Clock
from ecopy.events import (
    CertificationDelayed,
    CertificationHalted,
    CertificationOrdered,
    CopyArchived,
    CopySealed,
)
from ecopy.identifiers import Sha256
from ecopy.refusals import Hindrance, Reason, Refusal, Setback, Trouble
from storage.domain.copies import ArchivedCopy, Link, archived, first_link
from storage.domain.findings import WRAPPED, Finding
from storage.domain.ranges import Span
from storage.domain.verdict import Verdict, VerdictCode
from storage.ports import Archive, CopyCatalogue, Custody, Strangers
from strangers.facts import Findings

HALTED = UUID("0b6f2c52-7c39-4d0e-9f6e-5d2d1f1a7c11")
"""Namespace: one halt per sealed copy and reason, however often it is delivered."""


class Read(Protocol):
    def __call__(
        self, copy: ArchivedCopy, span: Span | None
    ) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that opens, and the copy that it opens."""

    link: Link
    copy: ArchivedCopy


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """A verdict on one file, and the catalogue's line if there is one."""

    verdict: Verdict
    sha256: Sha256
    size: int | None
    """Bytes; None when only the digest was brought."""
    copy: ArchivedCopy | None
    signatures: Findings | None = None
    """What a file that we did not issue says of who signed it. It adds facts; it never
    changes the verdict.
    """


@dataclass(frozen=True, slots=True)
class Storage:
    """The service's use cases, bound to their adapters by ``wiring``: all that entry
    points may call.
    """

    record_order: Callable[[CertificationOrdered], Awaitable[None]]
    archive: Callable[[CopySealed], Awaitable[None]]
    halt: Callable[[CopySealed, Refusal], Awaitable[None]]
    delay: Callable[[CopySealed, Setback], Awaitable[None]]
    open_link: Callable[[str], Awaitable[OpenedLink | None]]
    note_access: Callable[[ArchivedCopy, str, str], Awaitable[None]]
    look_up: Callable[[str], Awaitable[ArchivedCopy | None]]
    check_archived: Callable[[ArchivedCopy], Awaitable[None]]
    read: Read
    check_digest: Callable[[Sha256], Awaitable[CheckAnswer | None]]
    check_file: Callable[[AsyncIterator[bytes], str], Awaitable[CheckAnswer]]
    ready: Callable[[], Awaitable[bool]]


async def record_order(
    order: CertificationOrdered, *, catalogue: CopyCatalogue
) -> None:
    """Keep what intake ordered: every copy is judged against it."""
    await catalogue.record_order(order)


async def archive(
    sealed: CopySealed,
    *,
    catalogue: CopyCatalogue,
    custody: Custody,
    clock: Clock,
    link_days: int,
    zone: tzinfo,
) -> None:
    """Judge a sealed copy, keep its bytes, make it public. Safe to repeat.

    A copy that was sealed for an older revision of its order is left where it is.
    Raises Refusal for a lawful dead end, Trouble while the order is not here yet.
    """
    existing = await catalogue.copy(sealed.entry)
    if existing is not None:
        settle_with(existing, sealed)
        return
    order = await catalogue.order(sealed.entry)
    if order is None or order.revision < sealed.revision:
        raise Trouble(Hindrance.ORDER, f"revision {sealed.revision} of {sealed.entry}")
    if sealed.revision < order.revision:
        # Its words are those of an order that no longer holds. Signing answers the
        # newer order with a copy of its own, or with this one under its revision.
        return
    # Up to ``enter`` a crash leaves at the most an object without a row. The event is
    # not acknowledged, so it comes again, finds its own bytes under the key and goes
    # on; nobody can read the object before, since links and codes are rows.
    async with custody.open_sealed(sealed.copy_ref, sealed.entry) as file:
        passed = await custody.check_copy(file, order, sealed.copy_ref.sha256)
        stored = await custody.store(file, passed, sealed.entry)
    now = clock()
    copy = archived(passed, order, now)
    link = first_link(order, now, days=link_days, zone=zone)
    event = CopyArchived(at=now, entry=copy.entry, copy_ref=stored, pages=copy.pages)
    # Durable together or not at all. A crash behind it changes nothing: the event that
    # comes again meets the row above, and the outbox already holds what intake must
    # hear.
    await catalogue.enter(copy, link, event)


def settle_with(existing: ArchivedCopy, sealed: CopySealed) -> None:
    """A copy that exists wins; the same one again is done already."""
    if existing.sha256 != sealed.copy_ref.sha256:
        raise Refusal(Reason.OTHER_COPY_ARCHIVED, existing.sha256)


async def halt(
    sealed: CopySealed, refusal: Refusal, *, catalogue: CopyCatalogue, clock: Clock
) -> None:
    """Tell the desk that a person must act."""
    # The id follows from event and reason, so a halt that is decided twice, before and
    # after a crash, is one event: the outbox drops the second.
    await catalogue.announce(
        CertificationHalted(
            id=uuid5(HALTED, f"{sealed.id} {refusal.reason}"),
            at=clock(),
            entry=sealed.entry,
            stage="storage",
            revision=sealed.revision,
            reason=refusal.reason,
            detail=refusal.detail,
        )
    )


async def delay(
    sealed: CopySealed, setback: Setback, *, catalogue: CopyCatalogue, clock: Clock
) -> None:
    """Tell the desk that a retry is under way, and when the next one is."""
    await catalogue.announce(
        CertificationDelayed(
            at=clock(),
            entry=sealed.entry,
            stage="storage",
            hindrance=setback.hindrance,
            since=setback.since,
            tries=setback.tries,
            next_try_at=setback.next_try_at,
        )
    )


async def open_link(
    token: str, *, catalogue: CopyCatalogue, clock: Clock
) -> OpenedLink | None:
    """What the link opens; None alike for unknown, expired and revoked ones."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = await catalogue.copy_by_token(digest)
    if found is None:
        return None
    link, copy = found
    # By its digest, so an index that takes longer for near misses teaches nobody a
    # token. Compared once more: no collation of a database may decide who gets a paper.
    if not hmac.compare_digest(link.token_sha256, digest) or not link.opens(clock()):
        return None
    return OpenedLink(link, copy)


async def note_access(
    copy: ArchivedCopy, what: str, address: str, *, catalogue: CopyCatalogue
) -> None:
    """Who opened or fetched which copy; the address only as a keyed digest.

    *Fetched*: all its bytes arrived (docs/decisions/0055).
    """
    await catalogue.log_access(copy.entry, what, address)


async def look_up(code: str, *, catalogue: CopyCatalogue) -> ArchivedCopy | None:
    """The copy of a verification code, ``parse_code``'d; it proves no file."""
    return await catalogue.copy_by_code(code)


async def check_digest(
    digest: Sha256, *, catalogue: CopyCatalogue
) -> CheckAnswer | None:
    """Genuine or withdrawn if the archive holds these bytes; None says: bring them."""
    copy = (await catalogue.copies_by_digest((digest,))).get(digest)
    if copy is None:
        return None
    return CheckAnswer(verdict_of(copy), digest, copy.size, copy)


async def check_file(
    chunks: AsyncIterator[bytes],
    sender: str,
    *,
    catalogue: CopyCatalogue,
    archive: Archive,
    strangers: Strangers,
    most: int,
) -> CheckAnswer:
    """Judge a file that anybody brought. Nothing of it is kept.

    Raises TooLargeError and BusyError; every other trouble with the bytes is a
    verdict.
    """
    async with strangers.receive(chunks, most=most, sender=sender) as file:
        known = await check_digest(file.sha256, catalogue=catalogue)
        if known is not None:
            return known
        verdict, copy = await strangers.verdict_on(file, catalogue, archive)
        # Of a copy of ours the verdict says more than its signatures do; what is in a
        # package is not the file that was brought; and who has had the search's whole
        # budget has had what one file may cost.
        ours = verdict.code is VerdictCode.UNRECORDED
        spent = verdict.finding is Finding.NOT_IN_FULL
        unasked = ours or spent or verdict.finding in WRAPPED
        signatures = None if unasked else await strangers.signatures(file)
        return CheckAnswer(verdict, file.sha256, file.size, copy, signatures)


def verdict_of(copy: ArchivedCopy) -> Verdict:
    code = VerdictCode.WITHDRAWN if copy.withdrawal else VerdictCode.GENUINE
    return Verdict(code, Finding.ARCHIVED, copy.entry)
