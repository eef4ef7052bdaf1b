"""Making a certified copy, from top to bottom: ``certify`` is the whole story.

A process may die between any two lines of it. What that leaves stands behind each
durable step; ``earlier_attempts`` is who cleans up, at the order's next delivery, which
comes because an order is acknowledged only when ``certify`` has returned.
"""

from collections.abc import Callable
from uuid import UUID

from chassis.clock import Clock
from ecopy.events import CertificationOrdered
from ecopy.identifiers import ObjectRef
from ecopy.refusals import Hindrance, Refusal, Trouble
from signing.domain.attempts import Attempt, AttemptOutcome, Fate, order_digest
from signing.domain.copies import Draft, SealedCopy
from signing.domain.signatories import Signatories, check_approval, check_times
from signing.ports import Composer, Copies, Originals, Sealer, SealJournal
from signing.usecases.earlier_attempts import copy_sealed, finish_earlier_attempts


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
    used. An order that waits for the seal keeper is noted, and nothing is made of it.
    """
    if order.held:
        # So that an older revision, released and still retried, makes nothing any more.
        # What that one has made is answered for when this one is released.
        await journal.note_order(order.entry, order.revision)
        return
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
    fate = await journal.conclude(outcome, copy_sealed(outcome, clock()))
    # The copy, its event and the row are one transaction. A crash after it leaves at
    # most an event that the relay publishes at the next start, and for an outcome that
    # did not become the copy its bytes, which the next delivery destroys.
    if fate is not Fate.COPY:
        await copies.destroy(ref)
    if fate is Fate.LOST:  # whoever wrote it off may die before it makes another
        raise Trouble(Hindrance.UNEXPECTED, "written off by another process")


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
