"""A paper ends at the desk, before any approval: its requester takes it back, or a
clerk does not accept it. It takes no number and no fee, and is never late. Pure; start
at ``end``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from intake.domain import states, supplementing
from intake.domain.desk import note, touched
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, Conflict, RefusedPaper
from intake.domain.refusing import Ground, worded
from intake.domain.states import MOVES, Move, NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Rearranged

Way = Literal["take-back", "not-accept"]
MISTAKE: Final = "NHAM"
"""Opened by mistake, or twice: nobody is told, so no notice is printed."""
NOT_BROUGHT: Final = "QBS"
"""What was missing was not brought in time."""
NOT_ACCEPTED: Final = (
    Ground.NOT_PRESENTED,
    Ground.NOT_ORIGINAL,
    Ground.ELECTRONIC,
    Ground.ALTERED,
    Ground.UNREADABLE,
    Ground.CONFIDENTIAL,
    Ground.NOT_LEGALISED,
    Ground.SELF_MADE,
    Ground.INCOMPLETE,
    NOT_BROUGHT,
    MISTAKE,
)
"""A clerk's grounds as the program has them. A forgery and the unlawful are not among
them: they are held, and a certifier says so."""
MOVE: Final[Mapping[Way, Move]] = {
    "take-back": Move.TAKE_BACK,
    "not-accept": Move.NOT_ACCEPT,
}


@dataclass(frozen=True, slots=True)
class DeskEnd:
    """What a clerk states: which papers end, how and why."""

    way: Way
    papers: Mapping[str, int]
    """Document → the version that the form was made from."""
    ground: str = ""
    """One that counts on the day; of a paper that is taken back it is always RUT."""
    words: str = ""


def end(
    case: CaseOnDesk,
    ended: DeskEnd,
    due: datetime,
    by: Actor,
    at: datetime,
    *,
    grounds: Collection[str] = NOT_ACCEPTED,
) -> Rearranged:
    """The case with these papers ended; *due* is what is promised now for the others
    if what is awaited was for these. Safe to repeat.

    Raises Conflict for a paper that has changed since the form was made, NotAllowed for
    one that was approved or has ended otherwise, or without ground or papers.
    """
    reason = _reason(ended, grounds, by, at)
    papers = [case.document(name) for name in ended.papers]
    if not papers:
        raise NotAllowed("error.end-papers")
    state = states.moved(State.DRAFT, MOVE[ended.way])
    fresh = [paper for paper in papers if not _ended_before(paper, state, reason)]
    after = tuple(_ended(paper, ended, reason, by, at) for paper in fresh)
    if not after:
        return Rearranged()
    notes = tuple(note(d, d.state, by, at, code=reason.code) for d in after)
    change = Rearranged(documents=after, notes=notes)
    return supplementing.settled(case, change, due, by, at)


def may_end(document: CaseDocument, way: Way) -> bool:
    return (document.state, MOVE[way]) in MOVES


def any_may_end(documents: Iterable[CaseDocument]) -> bool:
    return any(may_end(document, "take-back") for document in documents)


def has_notice(document: CaseDocument) -> bool:
    """Whether its requester gets a written notice that it was not accepted."""
    refused = document.refused
    return (
        document.state is State.NOT_ACCEPTED
        and refused is not None
        and refused.code != MISTAKE
    )


def _reason(
    ended: DeskEnd, grounds: Collection[str], by: Actor, at: datetime
) -> RefusedPaper:
    if ended.way == "take-back":
        # Why somebody wants it no more is their own business: words are optional.
        words = worded(ended.words) if ended.words.strip() else ""
        return RefusedPaper(Ground.WITHDRAWN, words, by.name, at)
    if ended.ground not in grounds:
        raise NotAllowed("error.end-ground")
    words = worded(ended.words, missing="error.end-words")
    return RefusedPaper(ended.ground, words, by.name, at)


def _ended_before(paper: CaseDocument, state: State, reason: RefusedPaper) -> bool:
    known = paper.refused
    same = known is not None and (known.code, known.by) == (reason.code, reason.by)
    return paper.state is state and same


def _ended(
    paper: CaseDocument, ended: DeskEnd, reason: RefusedPaper, by: Actor, at: datetime
) -> CaseDocument:
    if (paper.state, MOVE[ended.way]) not in MOVES:
        raise NotAllowed("error.end-late", n=paper.ordinal)
    if ended.papers[paper.id] != paper.version:
        raise Conflict(paper.changed_by, paper.changed_at)
    state = states.moved(paper.state, MOVE[ended.way])
    return touched(replace(paper, state=state, refused=reason), by, at)
