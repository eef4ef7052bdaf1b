"""A number that ends without a copy: a person says so, and storage has the last word.

Until storage has answered, the number is being voided: a copy may have been archived a
moment before (docs/decisions/0082). The answer is heard in ``following``. Start at
``void``.
"""

from dataclasses import replace
from datetime import datetime

from intake.domain import expecting, states
from intake.domain.certifications import Voiding
from intake.domain.desk import check_version, note, touched
from intake.domain.expecting import Patience
from intake.domain.ordering import check_stands_still
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Outcome
from intake.domain.refusing import worded
from intake.domain.states import Move


def void(
    document: CaseDocument,
    reason: str,
    *,
    version: int,
    by: Actor,
    at: datetime,
    patience: Patience,
) -> Outcome:
    """The number declared void; its line stays in the register.

    Safe to repeat: the same reason by the same person changes nothing. Raises Conflict,
    NotAllowed (no reason, or the machine may still bring it to an end by itself).
    """
    words = worded(reason, missing="error.void-text")
    certified = document.certification
    said = certified.voiding if certified is not None else None
    if said is not None and (said.by, said.reason) == (by.user, words):
        return Outcome(document)
    check_version(document, version)
    stuck = check_stands_still(document, patience, at)
    word = Voiding(by.user, by.name, at, words, stuck.order.revision + 1)
    declared = replace(stuck, voiding=word, setback=None)
    after = replace(
        document,
        state=states.moved(document.state, Move.VOID),
        certification=expecting.expected(declared, at, patience),
    )
    return Outcome(
        document=touched(after, by, at),
        notes=(note(document, "voiding", by, at, revision=word.revision),),
        event=expecting.declaration(declared),
    )
