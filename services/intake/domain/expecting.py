"""When news of an order is late, and what is then published again.

An order that nobody answers may be lost: the stream can be emptied, restored from a
backup, or older than it keeps. Each service answers a repeated order again
(docs/decisions/0082), so repeating is always harmless. Start at ``repeated``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ecopy.events import CertificationOrdered, CertificationVoided
from ecopy.refusals import Reason
from intake.domain.certifications import Certification
from intake.domain.desk import MACHINE, note
from intake.domain.records import CaseDocument, Outcome
from intake.domain.renewing import called_old_by_mistake, next_order
from intake.domain.states import MOVING, State

FURTHEST: Final = timedelta(hours=2)
"""Twice what a service may put off a try by (``chassis.consumer``): a moment further
ahead was written by a clock that has been set back since, and is not waited for."""
_STEPS: Final = (1, 2, 4, 5)
"""Between one repetition and the next, in pauses of ``Patience.late``; the last one is
for ever: 2, 4, 8, 10, 10 … minutes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the desk waits for news before it does something about it."""

    late: timedelta = timedelta(minutes=2)
    """Signing and archiving take seconds; a service that cannot goes on telling so each
    minute (``chassis.consumer``)."""
    person: timedelta = timedelta(minutes=10)
    """From then on a person may order again, or declare the number void."""


USUAL: Final = Patience()


def expected(
    certified: Certification, at: datetime, patience: Patience, *, asked: int = 0
) -> Certification:
    """News is expected within the pause that follows *asked* repetitions."""
    pause = patience.late * _STEPS[min(asked, len(_STEPS) - 1)]
    return replace(certified, announcements=asked, announce_at=at + pause)


def settled(certified: Certification) -> Certification:
    """Nothing more is expected: it has ended, or waits for a person."""
    return replace(certified, announcements=0, announce_at=None)


def due(certified: Certification, now: datetime) -> bool:
    """Whether the pause is over."""
    moment = certified.announce_at
    if moment is None:
        return False
    return not now < moment <= now + FURTHEST


def repeated(document: CaseDocument, now: datetime, patience: Patience) -> Outcome:
    """The latest order once more under a fresh event id, or the declaration that the
    number is void; nothing before its time, and nothing that waits for a person.
    """
    certified = document.certification
    if certified is None or not due(certified, now):
        return Outcome(document)
    if document.state is State.REGISTERED and called_old_by_mistake(certified, now):
        return _asked_anew(document, certified, now, patience)
    setback = certified.setback
    halted = setback is not None and setback.next_try_at is None
    if document.state not in MOVING or halted:
        return Outcome(replace(document, certification=settled(certified)))
    asked = expected(certified, now, patience, asked=certified.announcements + 1)
    return Outcome(
        replace(document, certification=replace(asked, announced_at=now)),
        event=_again(document.state, certified),
    )


def _asked_anew(
    document: CaseDocument, certified: Certification, now: datetime, patience: Patience
) -> Outcome:
    """The same words and the same approval under the next revision: signing has halted
    this one, and does so again for the same revision.
    """
    order = next_order(certified.order, now, replaces=None)
    renewals = certified.renewals + 1
    after = replace(certified, order=order, setback=None, renewals=renewals)
    line = note(
        document,
        "renewed",
        MACHINE,
        now,
        revision=order.revision,
        reason=Reason.APPROVAL_TOO_OLD,
    )
    waiting = expected(after, now, patience)
    return Outcome(replace(document, certification=waiting), (line,), event=order)


def _again(
    state: State, certified: Certification
) -> CertificationOrdered | CertificationVoided:
    if state is State.VOIDING:
        return declaration(certified)
    # The moment of the order stays: a delay counts from it.
    content = certified.order.model_dump(exclude={"id"})
    return CertificationOrdered(**content)


def declaration(certified: Certification) -> CertificationVoided:
    """The event of a number that a person has declared void. AssertionError without."""
    word = certified.voiding
    if word is None:
        raise AssertionError("nobody has declared it void")
    return CertificationVoided(
        at=word.at, entry=certified.entry, revision=word.revision
    )
