"""The agency's seal is released by its keeper, or withheld, where the agency has it so.

An approval that waits has its number, its line and an order that no key is used for
(``CertificationOrdered.held``). The release is the same order under the next revision;
what is withheld goes back to the certifier under the same number
(docs/decisions/0144). Start at ``release``.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from intake.domain import expecting, states
from intake.domain.certifications import Certification, Standstill
from intake.domain.desk import check_version, note, touched
from intake.domain.expecting import Patience
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.refusing import worded
from intake.domain.renewing import APPROVAL_LASTS, next_order
from intake.domain.states import Move, NotAllowed

WITHHELD: Final = "seal-withheld"
"""The reason of a standstill that the seal keeper's word has brought about."""
STAGE: Final = "seal"
"""In place of a service: the copy stands still before any of them has begun."""
ROOM: Final = timedelta(hours=1)
"""How long before the approval is too old a release is refused: signing, too, begins
some minutes earlier, and then halts."""


def release(
    document: CaseDocument,
    *,
    version: int,
    by: Actor,
    at: datetime,
    patience: Patience,
) -> Outcome:
    """The order under its next revision, as released: keys may be used for it.

    Raises Conflict, and NotAllowed for a paper that does not wait for its seal or whose
    approval is nearly too old.
    """
    check_version(document, version)
    after = states.moved(document.state, Move.RELEASE)
    waiting = _certification(document)
    if at > waiting.order.approved_at + APPROVAL_LASTS - ROOM:
        raise NotAllowed("error.release-late", number=waiting.order.clause.number)
    order = next_order(waiting.order, at, replaces=None, released_at=at)
    released = expecting.expected(replace(waiting, order=order), at, patience)
    moved = replace(document, state=after, certification=released)
    return Outcome(
        document=touched(moved, by, at),
        notes=(note(document, "seal-released", by, at, revision=order.revision),),
        event=order,
    )


def withhold(
    document: CaseDocument, text: str, *, version: int, by: Actor, at: datetime
) -> Outcome:
    """The paper back with its certifier, who orders it again or declares its number
    void. Raises Conflict, NotAllowed.
    """
    words = worded(text, missing="error.withhold-text")
    check_version(document, version)
    after = states.moved(document.state, Move.WITHHOLD)
    setback = Standstill(WITHHELD, STAGE, at, detail=words)
    held = expecting.settled(replace(_certification(document), setback=setback))
    moved = replace(document, state=after, certification=held)
    return Outcome(
        document=touched(moved, by, at),
        notes=(note(document, "seal-withheld", by, at, text=words),),
    )


def waits_for_seal(document: CaseDocument) -> CaseDocument:
    """The paper whose order was just written: it waits where the order says so, and no
    news of it is expected until somebody has acted.
    """
    certified = _certification(document)
    if not certified.order.held:
        return document
    return replace(
        document,
        state=states.moved(document.state, Move.AWAIT_SEAL),
        certification=expecting.settled(certified),
    )


def _certification(document: CaseDocument) -> Certification:
    if document.certification is None:
        raise NotAllowed("error.state", state=document.state, move=Move.RELEASE)
    return document.certification
