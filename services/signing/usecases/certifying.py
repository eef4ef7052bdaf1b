"""Making a certified copy, from top to bottom: ``certify`` is the whole story.

A process may die between any two lines of it. What that leaves stands behind each
durable step; ``finish_earlier_attempts`` is who cleans up, at the order's next
delivery, which comes because an order is acknowledged only when ``certify`` has
returned.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

from chassis.clock import Clock
from ecopy.events import CertificationOrdered, CopySealed
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.domain.attempts import (
    Attempt,
    AttemptOutcome,
    EntryHistory,
    Fate,
    order_digest,
)
from signing.domain.copies import Draft, SealedCopy
from signing.domain.signatories import Signatories, check_approval, check_times
from signing.ports import Composer, Copies, Originals, Sealer, SealJournal

RENEWED = UUID("1f0a6a5e-0f5f-4b7e-8d0c-6f1f5f1c9a11")
"""Namespace: a copy that exists is announced once for each order of its entry."""


async def certify(
    order: CertificationOrdered,
    *,
    originals: Originals,
    composer: Composer,
    sealer: Sealer,
    copies: Copies,
    journal: SealJournal,
    clock: Clock,
    chance: Callable[[], UUID],
) -> None:
    """Make, sign, seal and store the copy of an approved original. Safe to repeat.

    A copy that exists wins, unless the order replaces it and storage has rejected it;
    the highest revision of an order counts; what another attempt left behind is
    finished or destroyed. Everything that can be refused is refused before a key is
    used.
    """
    if await finish_earlier_attempts(
        order, copies=copies, journal=journal, clock=clock
    ):
        return
    now = clock()
    check_approval(order, now)
    signatories = sealer.signatories(order, now)
    async with originals.open(order.original) as original:
        draft = await composer.compose(original, order, now)
        await sealer.prepare(signatories, draft.level)

        attempt = _attempt(chance(), order, signatories)
        copy = await _sealed_copy(
            draft, attempt, order, sealer=sealer, journal=journal, clock=clock
        )
        # A crash here loses a sealed copy that was only in memory: an open intent.
        ref = copies.ref(order.entry, copy)
        outcome = _outcome(attempt, order, ref, copy)
        await journal.record_outcome(outcome)
        # A crash here leaves an outcome whose bytes are missing or cut short. The next
        # delivery compares them with the digest and writes the outcome off.
        await copies.write(ref, copy)
        # A crash here leaves an outcome with all its bytes: the next delivery, in any
        # process, concludes it without using a key again (unless the order was
        # renewed).
    fate = await journal.conclude(outcome, _sealed(outcome, clock()))
    # The copy, its event and the row are one transaction. A crash after it leaves at
    # most an event that the relay publishes at the next start, and for an outcome that
    # did not become the copy its bytes, which the next delivery destroys.
    if fate is not Fate.COPY:
        await copies.destroy(ref)
    if fate is Fate.LOST:  # whoever wrote it off may die before it makes another
        raise Trouble(Hindrance.UNEXPECTED, "written off by another process")


async def finish_earlier_attempts(
    order: CertificationOrdered,
    *,
    copies: Copies,
    journal: SealJournal,
    clock: Clock,
) -> bool:
    """Finish or destroy what earlier attempts at this entry left; True if no new copy
    is to be made, because one exists, the number has ended, or a later order has taken
    this one's place. Raises Refusal where the copy that exists is not the one ordered
    now, and Trouble while the one to be replaced is not rejected yet.
    """
    history = await journal.history(order.entry)
    # Each time anew: whoever wrote an outcome off may have died before it destroyed the
    # bytes, and nobody records that it has.
    for outcome in history.written_off:
        await copies.destroy(outcome.copy_ref)
    check_one_order(history, order)
    settled = history.settled
    for outcome in history.undecided:
        fate = await _decide(outcome, order, copies=copies, journal=journal, at=clock())
        if fate is not Fate.COPY:
            await copies.destroy(outcome.copy_ref)
        settled = settled or fate is not Fate.LOST
    if order.revision < history.revision:
        return True
    check_rejected(history, order)
    if history.copy is not None and history.copy.order != order.id:
        await _announce_again(history.copy, order, journal=journal, at=clock())
    return settled


def check_one_order(history: EntryHistory, order: CertificationOrdered) -> None:
    """Refuse an order whose revision was another order before, where that one came to
    an end: its copy would answer for a paper that it is not. A register that was put
    back from a backup gives such orders.
    """
    if history.settled and history.contradicts(order):
        raise Refusal(
            Reason.OTHER_COPY_ARCHIVED, "another-order-sealed", revision=order.revision
        )


def check_rejected(history: EntryHistory, order: CertificationOrdered) -> None:
    """Let an order that replaces the copy wait until storage has rejected it, or is
    known to have archived it.
    """
    # Both answers are on their way: the same order makes storage give one of them. A
    # second copy before that could be the second one in the archive.
    copy = history.copy
    if copy is None or history.archived is not None:
        return
    if copy.copy_ref.sha256 == order.replaces:
        raise Trouble(Hindrance.ORDER, f"{order.replaces} is not rejected yet")


def _attempt(
    chance: UUID, order: CertificationOrdered, signatories: Signatories
) -> Attempt:
    return Attempt(
        chance,
        order.entry,
        order.revision,
        order.original.sha256,
        signatories,
        order_digest(order),
    )


def _outcome(
    attempt: Attempt, order: CertificationOrdered, ref: ObjectRef, copy: SealedCopy
) -> AttemptOutcome:
    return AttemptOutcome(
        attempt.id,
        order.entry,
        order.revision,
        ref,
        copy.signatures,
        attempt.order_sha256,
        order.id,
    )


async def _sealed_copy(
    draft: Draft,
    attempt: Attempt,
    order: CertificationOrdered,
    *,
    sealer: Sealer,
    journal: SealJournal,
    clock: Clock,
) -> SealedCopy:
    """Seal *draft*, with its intent in the journal before and a failure after."""
    await journal.record_intent(attempt)
    # A crash from here on leaves an intent without an outcome: a key may have been
    # used, and no bytes exist. Nothing is to be undone; the next delivery makes a copy,
    # and journal-verify lists the intent as open.
    try:
        copy = await sealer.seal(draft, attempt.signatories)
        # Before the outcome is written down: until then no copy exists, and whatever
        # the archive would have to refuse is simply tried again.
        check_times(copy, order, clock())
    except (Refusal, Trouble) as error:
        await journal.record_failure(attempt, repr(error))
        raise
    return copy


async def _decide(
    outcome: AttemptOutcome,
    order: CertificationOrdered,
    *,
    copies: Copies,
    journal: SealJournal,
    at: datetime,
) -> Fate:
    """Let the journal decide what becomes of an outcome whose maker may have died, or
    may still be at work: only under the journal's lock do both get the same answer.
    """
    # What was made for an older revision has the words of an order that no longer
    # holds: the archive would leave it, and nobody would make another. What this order
    # replaces is never the copy, nor what another order of this revision asked for.
    dropped = (
        outcome.revision < order.revision
        or outcome.copy_ref.sha256 == order.replaces
        or outcome.belies(order)
    )
    if not dropped and await copies.holds(outcome.copy_ref):
        return await journal.conclude(outcome, _sealed(outcome, at))
    return await journal.write_off(outcome)


async def _announce_again(
    copy: AttemptOutcome,
    order: CertificationOrdered,
    *,
    journal: SealJournal,
    at: datetime,
) -> None:
    """Publish the copy that exists once more, for an order that was repeated or
    renewed: storage judges it anew, or answers again that it has it.

    Only where that order asks for word for word the same copy. Another process may have
    sealed the old revision while this one halted it and a person mended its words; that
    copy must not pass under the new words, since the archive compares pages, persons
    and keys with the order, but reads no words of the clause page. Raises Refusal then:
    the entry's copy stays, and a person compares.
    """
    if not copy.answers(order):
        raise Refusal(
            Reason.OTHER_COPY_ARCHIVED, "sealed-for-revision", revision=copy.revision
        )
    event = _sealed(copy, at).model_copy(
        update={"id": uuid5(RENEWED, str(order.id)), "revision": order.revision}
    )
    # Storage may have rejected it a moment ago: an order that announced a withdrawn
    # copy, and was done with that, would never be answered.
    if not await journal.announce_copy(copy, event):
        raise Trouble(Hindrance.UNEXPECTED, "withdrawn by another process")


def _sealed(outcome: AttemptOutcome, at: datetime) -> CopySealed:
    return CopySealed(
        at=at,
        entry=outcome.entry,
        revision=outcome.revision,
        copy_ref=outcome.copy_ref,
        signatures=outcome.signatures,
    )
