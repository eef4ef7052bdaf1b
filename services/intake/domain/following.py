"""The facts that come back by event: in any order, any number of times, harmless.

People's moves are in ``desk`` and ``certifying``. Start at ``archived``.
"""

from dataclasses import replace
from datetime import datetime

from ecopy import events
from intake.domain import states
from intake.domain.desk import MACHINE, note
from intake.domain.records import CaseDocument, Certification, Outcome, Standstill
from intake.domain.states import Move, State


def sealed(document: CaseDocument, fact: events.CopySealed) -> Outcome:
    """Both signatures stand. Harmless after the copy is issued; news of a copy that was
    sealed for an order since renewed changes nothing, for no archive takes it.
    """
    certification = document.certification
    if certification is None or certification.sealed_at is not None:
        return Outcome(document)
    if fact.revision < certification.order.revision:
        return Outcome(document)
    after = replace(certification, sealed_at=fact.at, setback=None)
    state = document.state
    if state is State.REGISTERED:
        state = states.moved(state, Move.SEAL)
    return Outcome(
        replace(document, state=state, certification=after),
        (note(document, "sealed", MACHINE, fact.at, revision=fact.revision),),
    )


def archived(document: CaseDocument, fact: events.CopyArchived) -> Outcome:
    """The archive has re-read the copy: issued, whatever was heard before."""
    certification = document.certification
    if certification is None or document.state is State.ISSUED:
        return Outcome(document)
    after = replace(
        certification,
        issued_at=fact.at,
        setback=None,
        copy_pages=fact.pages,
        copy_size=fact.copy_ref.size,
    )
    return Outcome(
        replace(
            document,
            state=states.moved(document.state, Move.ISSUE),
            certification=after,
        ),
        (note(document, "issued", MACHINE, fact.at, pages=fact.pages),),
    )


def delayed(document: CaseDocument, fact: events.CertificationDelayed) -> Outcome:
    """A retry is under way. News of a stage that is past, or older, changes nothing."""
    certification = document.certification
    if certification is None or _past(document, fact.stage):
        return Outcome(document)
    if fact.at < certification.order.at or _newer_halt(certification, fact.at):
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
    return Outcome(
        replace(document, certification=replace(certification, setback=setback)),
        (line,),
    )


def halted(document: CaseDocument, fact: events.CertificationHalted) -> Outcome:
    """A person must act. News about an order since renewed changes nothing."""
    certification = document.certification
    if certification is None or _past(document, fact.stage):
        return Outcome(document)
    if fact.revision < certification.order.revision:
        return Outcome(document)
    setback = Standstill(fact.reason, fact.stage, fact.at, detail=fact.detail)
    if setback == certification.setback:
        return Outcome(document)
    line = note(
        document, "halted", MACHINE, fact.at, reason=fact.reason, stage=fact.stage
    )
    return Outcome(
        replace(document, certification=replace(certification, setback=setback)),
        (line,),
    )


def _past(document: CaseDocument, stage: str) -> bool:
    if stage == "signing":
        return document.state is not State.REGISTERED
    return document.state not in states.MOVING


def _newer_halt(certification: Certification, at: datetime) -> bool:
    setback = certification.setback
    return setback is not None and setback.next_try_at is None and setback.since >= at
