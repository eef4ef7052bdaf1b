"""How a sealed copy comes into the archive, or is kept out of it for ever.

Start at ``archive``. What is decided about a number, and announced with it, stands in
``storage.domain.rulings``; each decision is one transaction.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import tzinfo

from chassis import crash
from chassis.clock import Clock
from ecopy.events import (
    CertificationDelayed,
    CertificationOrdered,
    CertificationVoided,
    CopyArchived,
    CopySealed,
)
from ecopy.refusals import Hindrance, Reason, Refusal, Setback, Trouble
from storage.domain import rulings
from storage.domain.absences import Absences
from storage.domain.copies import archived, first_link
from storage.domain.rulings import EntryStanding, Ruling
from storage.ports import (
    CopyCatalogue,
    Custody,
    LostCopyError,
    OtherBytesError,
    SealedFile,
)


async def record_order(
    order: CertificationOrdered, *, catalogue: CopyCatalogue, clock: Clock
) -> None:
    """Keep what intake ordered, which every copy is judged against; reject the copy
    that it replaces; answer it again if its copy is archived. Safe to repeat.
    """
    at = clock()
    await catalogue.settle(
        order.entry, lambda standing: rulings.on_order(standing, order, at)
    )
    # Order, rejection and event are one transaction: a crash behind it changes nothing.
    crash.reached("storage-order-recorded")


async def close(
    voided: CertificationVoided, *, catalogue: CopyCatalogue, clock: Clock
) -> None:
    """Archive nothing under this number any more, unless a copy was faster: then say
    so. Safe to repeat.
    """
    at = clock()
    await catalogue.settle(
        voided.entry, lambda standing: rulings.on_void(standing, voided, at)
    )
    crash.reached("storage-closed")


async def archive(
    sealed: CopySealed,
    *,
    catalogue: CopyCatalogue,
    custody: Custody,
    clock: Clock,
    link_days: int,
    zone: tzinfo,
    absences: Absences,
) -> None:
    """Judge a sealed copy, keep its bytes, make it public. Safe to repeat.

    A copy that was sealed for an older revision of its order is left where it is; one
    that was rejected, or whose number is closed, is answered so again and kept out.
    Raises Refusal for a lawful dead end, Trouble while the order is not here yet.
    """
    digest = sealed.copy_ref.sha256
    standing = await catalogue.standing(sealed.entry)
    if standing.copy is not None:
        rulings.check_same_copy(standing.copy, digest)
        return
    if standing.bars(digest):
        await keep_out(sealed, catalogue=catalogue, custody=custody, clock=clock)
        return
    order = standing.order
    if order is None or order.revision < sealed.revision:
        raise Trouble(Hindrance.ORDER, f"revision {sealed.revision} of {sealed.entry}")
    if sealed.revision < order.revision:
        # Its words are those of an order that no longer holds. Signing answers the
        # newer order with a copy of its own, or with this one under its revision.
        return
    # Up to ``enter`` a crash leaves at the most an object without a row. The event is
    # not acknowledged, so it comes again, finds its own bytes under the key and goes
    # on; nobody can read the object before, since links and codes are rows.
    async with _opened(sealed, custody, absences, clock) as file:
        passed = await custody.check_copy(file, order, digest)
        # Should these bytes be rejected before they come again, the object is in the
        # way of the next copy: whoever stores that one takes it away first.
        await custody.discard(sealed.entry, frozenset(standing.rejected))
        try:
            stored = await custody.store(file, passed, sealed.entry)
        except OtherBytesError as other:
            await _make_way(order, catalogue, custody)
            raise Trouble(Hindrance.STORE, str(other)) from other
    now = clock()
    copy = archived(passed, order, now)
    link = first_link(order, now, days=link_days, zone=zone)
    event = CopyArchived(
        at=now,
        entry=copy.entry,
        copy_ref=stored,
        pages=copy.pages,
        link_expires_at=link.expires_at,
    )
    # Durable together or not at all. A crash behind it changes nothing: the event that
    # comes again meets the row above, and the outbox already holds what intake must
    # hear.
    if not await catalogue.enter(copy, link, event):
        await keep_out(sealed, catalogue=catalogue, custody=custody, clock=clock)


async def _make_way(
    order: CertificationOrdered, catalogue: CopyCatalogue, custody: Custody
) -> None:
    """Take away what stands in the way of the copy that comes again: half an object,
    that a store has cut off and a crash has kept us from seeing. No person could mend
    that, and nobody has to. Raises Refusal for another copy: a person must look at it.
    """
    # What has a row by now is a copy, whatever the newest order asks for: the delivery
    # that comes again meets the row.
    if (await catalogue.standing(order.entry)).copy is None:
        await custody.put_aside(order)


async def keep_out(
    sealed: CopySealed, *, catalogue: CopyCatalogue, custody: Custody, clock: Clock
) -> None:
    """Say again what became of a copy that is never archived, and take away what an
    earlier delivery may have stored of it.
    """
    at = clock()

    def rule(standing: EntryStanding) -> Ruling:
        return Ruling(events=(rulings.barred_answer(standing, sealed, at),))

    await catalogue.settle(sealed.entry, rule)
    # A crash here leaves an object without a row; the event comes again.
    await custody.discard(sealed.entry, frozenset({sealed.copy_ref.sha256}))


async def halt(
    sealed: CopySealed, refusal: Refusal, *, catalogue: CopyCatalogue, clock: Clock
) -> None:
    """Reject a copy that the gate refused or that is lost, so that another can be made
    under its number; of any other dead end, tell the desk that a person must act.
    """
    at = clock()

    def rule(standing: EntryStanding) -> Ruling:
        if refusal.reason is Reason.COPY_REFUSED:
            return rulings.on_refused(standing, sealed, refusal, at)
        return Ruling(events=(rulings.halt_event(sealed, refusal, at, copy=None),))

    await catalogue.settle(sealed.entry, rule)
    # Rejection, its event and the halt are one transaction. A crash behind it: the
    # sealed copy comes again and is answered with its rejection.
    crash.reached("storage-rejected")


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


@asynccontextmanager
async def _opened(
    sealed: CopySealed, custody: Custody, absences: Absences, clock: Clock
) -> AsyncIterator[SealedFile]:
    """The sealed copy, or the word that it is lost: Refusal once it was missed for long
    enough, Trouble before that.
    """
    ref = sealed.copy_ref
    try:
        async with custody.open_sealed(ref, sealed.entry) as file:
            absences.forget(ref.key)
            yield file
    except LostCopyError as lost:
        if absences.lost(ref.key, clock()):
            absences.forget(ref.key)
            raise Refusal(Reason.COPY_REFUSED, "copy-missing") from lost
        raise Trouble(Hindrance.STORE, f"{ref.key} is not there") from lost
