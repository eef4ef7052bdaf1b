"""The facts that come back by event: in any order, any number of times, harmless.

This is the news on the way; what ends a number is in ``ending``. People's moves are in
``desk``, ``certifying``, ``ordering`` and ``voiding``. Start at ``halted``.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ecopy import events
from ecopy.refusals import Reason
from intake.domain import expecting, states
from intake.domain.certifications import Certification, Standstill
from intake.domain.desk import MACHINE, note
from intake.domain.expecting import Patience
from intake.domain.records import CaseDocument, Outcome
from intake.domain.renewing import RENEWALS, next_order
from intake.domain.states import Move, State


def sealed(
    document: CaseDocument, fact: events.CopySealed, patience: Patience
) -> Outcome:
    """Both signatures stand. Harmless after the copy is issued; news of a copy that was
    sealed for an order since renewed changes nothing, for no archive takes it.
    """
    certification = document.certification
    if certification is None or certification.sealed_at is not None:
        return Outcome(document)
    if fact.revision < certification.order.revision or document.state in _VOID:
        return Outcome(document)
    after = replace(
        certification,
        sealed_at=fact.at,
        sealed_sha256=fact.copy_ref.sha256,
        setback=None,
    )
    state = document.state
    if state in {State.REGISTERED, State.TO_SEAL}:
        state = states.moved(state, Move.SEAL)
        after = expecting.expected(after, fact.at, patience)
    return Outcome(
        replace(document, state=state, certification=after),
        (note(document, "sealed", MACHINE, fact.at, revision=fact.revision),),
    )


def delayed(
    document: CaseDocument, fact: events.CertificationDelayed, patience: Patience
) -> Outcome:
    """A retry is under way. News of a stage that is past, or older, changes nothing."""
    certification = document.certification
    if certification is None or _past(document, fact.stage):
        return Outcome(document)
    if fact.at < _latest(certification) or _newer_halt(certification, fact.at):
        return Outcome(document)
    setback = Standstill(
        fact.hindrance, fact.stage, fact.since, fact.tries, fact.next_try_at
    )
    if setback == certification.setback:
        return Outcome(document)
    line = note(
        document,
        "delayed",
        MACHINE,
        fact.at,
        reason=fact.hindrance,
        stage=fact.stage,
        tries=fact.tries,
    )
    # Nothing is asked again before the try that the service has named.
    from_then = max(fact.at, fact.next_try_at)
    after = expecting.expected(certification, from_then, patience)
    return Outcome(
        replace(document, certification=replace(after, setback=setback)), (line,)
    )


def halted(
    document: CaseDocument,
    fact: events.CertificationHalted,
    now: datetime,
    patience: Patience,
) -> Outcome:
    """A person must act, unless the machine may have the copy made once more. News
    about an order since renewed changes nothing.
    """
    certification = document.certification
    if certification is None or document.state not in states.ORDERED:
        return Outcome(document)
    if _past(document, fact.stage):
        return Outcome(document)
    if fact.revision < certification.order.revision:
        return Outcome(document)
    if fact.copy_sha256 is not None and certification.renewals < RENEWALS:
        return _renewed(document, certification, fact, now, patience)
    setback = Standstill(
        fact.reason,
        fact.stage,
        fact.at,
        detail=fact.detail,
        copy_sha256=fact.copy_sha256,
    )
    if setback == certification.setback:
        return Outcome(document)
    line = note(
        document, "halted", MACHINE, fact.at, reason=fact.reason, stage=fact.stage
    )
    after = replace(certification, setback=setback)
    # A clock that was wrong for a while calls every approval too old. Looked at once
    # more after the usual pause: by then it may be right again (``expecting``).
    looked_at_again = fact.reason == Reason.APPROVAL_TOO_OLD
    after = (
        expecting.expected(after, now, patience)
        if looked_at_again
        else expecting.settled(after)
    )
    return Outcome(replace(document, certification=after), (line,))


def _renewed(
    document: CaseDocument,
    certification: Certification,
    fact: events.CertificationHalted,
    now: datetime,
    patience: Patience,
) -> Outcome:
    """The same words under the next revision, in place of the copy that was refused."""
    order = next_order(certification.order, now, replaces=fact.copy_sha256)
    after = replace(
        certification,
        order=order,
        setback=None,
        sealed_at=None,
        sealed_sha256=None,
        renewals=certification.renewals + 1,
    )
    line = note(
        document,
        "renewed",
        MACHINE,
        now,
        revision=order.revision,
        reason=fact.reason,
        sha256=fact.copy_sha256 or "",
    )
    return Outcome(
        replace(
            document,
            state=states.moved(document.state, Move.ORDER_AGAIN),
            certification=expecting.expected(after, now, patience),
        ),
        (line,),
        event=order,
    )


_VOID: Final = frozenset({State.VOIDING, State.VOID})


def _latest(certification: Certification) -> datetime:
    """The moment of the order, or of the word that the number is void: news from before
    it is about an earlier one.
    """
    word = certification.voiding
    return certification.order.at if word is None else word.at


def _past(document: CaseDocument, stage: str) -> bool:
    if stage == "signing":
        return document.state is not State.REGISTERED
    return document.state not in states.MOVING


def _newer_halt(certification: Certification, at: datetime) -> bool:
    setback = certification.setback
    return setback is not None and setback.next_try_at is None and setback.since >= at
