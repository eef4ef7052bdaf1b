"""What earlier attempts at an entry left behind, finished or destroyed.

Whoever died between two steps of ``certifying.certify`` left one of these states. Start
at ``finish_earlier_attempts``.
"""

from datetime import datetime
from uuid import UUID, uuid5

from chassis.clock import Clock
from ecopy.events import CertificationOrdered, CopySealed
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.domain.attempts import AttemptOutcome, EntryHistory, Fate
from signing.ports import Copies, SealJournal

RENEWED = UUID("1f0a6a5e-0f5f-4b7e-8d0c-6f1f5f1c9a11")
"""Namespace: a copy that exists is announced once for each order of its entry."""


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
        return await journal.conclude(outcome, copy_sealed(outcome, at))
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
    event = copy_sealed(copy, at).model_copy(
        update={"id": uuid5(RENEWED, str(order.id)), "revision": order.revision}
    )
    # Storage may have rejected it a moment ago: an order that announced a withdrawn
    # copy, and was done with that, would never be answered.
    if not await journal.announce_copy(copy, event):
        raise Trouble(Hindrance.UNEXPECTED, "withdrawn by another process")


def copy_sealed(outcome: AttemptOutcome, at: datetime) -> CopySealed:
    return CopySealed(
        at=at,
        entry=outcome.entry,
        revision=outcome.revision,
        copy_ref=outcome.copy_ref,
        signatures=outcome.signatures,
    )
