"""Grounds to refuse (Nghị định 23/2015 art. 22 and others) and what follows."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from intake.domain import objecting, states
from intake.domain.desk import check_version, note, touched, uncompared
from intake.domain.intake_form import Mistaken
from intake.domain.objecting import TypedObjection
from intake.domain.people import Actor
from intake.domain.records import (
    CaseDocument,
    Outcome,
    RefusedPaper,
)
from intake.domain.states import Move, NotAllowed
from intake.domain.text import PROSE_CHARACTERS, prose
from intake.domain.views.page import FieldError


class Ground(StrEnum):
    """The codes that the law has given. An agency may word them anew, end them and add
    others (``office_tables``).
    """

    ALTERED = "D22.1"
    UNREADABLE = "D22.2"
    CONFIDENTIAL = "D22.3"
    UNLAWFUL = "D22.4"
    NOT_LEGALISED = "D22.5"
    SELF_MADE = "D22.6"
    NOT_ORIGINAL = "D18"
    INCOMPLETE = "TT10"
    FORGERY = "TT11"
    NOT_PRESENTED = "D20"
    ELECTRONIC = "DTU"
    WITHDRAWN = "RUT"


HELD: Final = frozenset({Ground.UNLAWFUL, Ground.FORGERY})
"""Those on which the law has a paper kept for a report, and not handed back."""


def refuse(
    document: CaseDocument,
    ground: str,
    reason: str,
    *,
    held: Collection[str] = HELD,
    version: int,
    by: Actor,
    at: datetime,
) -> Outcome:
    """The paper refused, with a ground and words; on one of the grounds in *held* it is
    kept for a report.
    """
    refused = document.refused
    if refused is not None and refused.code == ground and refused.by == by.name:
        return Outcome(document)
    check_version(document, version)
    after = states.moved(document.state, Move.HOLD if ground in held else Move.REFUSE)
    words = RefusedPaper(ground, worded(reason), by.name, at)
    return Outcome(
        touched(replace(document, state=after, refused=words), by, at),
        (note(document, after, by, at, code=ground),),
    )


def send_back(
    document: CaseDocument,
    reason: str,
    version: int,
    by: Actor,
    at: datetime,
    *,
    objections: Iterable[TypedObjection] = (),
) -> Outcome:
    """The document back at the clerk's for a rescan; it must be compared again. Pages
    that are named have each a reason; words about the whole paper are needed only
    where no page is named. Raises Conflict, Mistaken, NotAllowed.
    """
    check_version(document, version)
    named = objecting.objected(document, objections)
    if not named and not reason.strip():
        raise Mistaken((FieldError("sb-text", "error.send-back-nothing"),))
    words = worded(reason) if reason.strip() else ""
    after = replace(
        uncompared(document),
        state=states.moved(document.state, Move.SEND_BACK),
        refused=RefusedPaper("", words, by.name, at, named),
        original=None,
    )
    told = note(document, "returned", by, at, **objecting.in_audit(named))
    return Outcome(touched(after, by, at), (told,))


def worded(text: str, *, missing: str = "error.text") -> str:
    """A person's words, trimmed. NotAllowed(*missing*) without any, or for too many."""
    try:
        words = prose(text)
    except ValueError as error:
        raise NotAllowed("error.text-long", most=PROSE_CHARACTERS) from error
    if not words:
        raise NotAllowed(missing)
    return words
