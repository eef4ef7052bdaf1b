"""A document as lists need it, and how its case stands by all of its documents.

Start at ``case_standing``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from intake.domain import states, waiting
from intake.domain.certifications import Standstill
from intake.domain.showing import shown_state
from intake.domain.states import State
from intake.domain.waiting import Standing


@dataclass(frozen=True, slots=True)
class Summary:
    """A document as the board and the queue need it: no page, no manifest."""

    id: str
    case: str
    ordinal: int
    title: str
    kind: str
    state: State
    declared_pages: int
    pages: int
    refused_files: int
    flags: tuple[str, ...]
    changed_at: datetime
    received_by: str
    compared_by: str | None
    brought_by: tuple[str, ...]
    approved_by: str | None
    approved_by_name: str | None
    number: str | None
    setback: Standstill | None
    issued_at: datetime | None
    announced_at: datetime | None = None
    announcements: int = 0
    announce_at: datetime | None = None
    link_given: bool = False
    version: int = 0

    @property
    def standing(self) -> Standing:
        return Standing(
            state=self.state,
            pages=self.pages,
            declared_pages=self.declared_pages,
            compared_by=self.compared_by,
            brought_by=self.brought_by,
            approved_by=self.approved_by,
            approved_by_name=self.approved_by_name,
            setback=self.setback,
            link_given=self.link_given,
        )


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What the board orders and counts a case by: derived of its papers, and written
    beside them, so that a database can do both.
    """

    state: str
    """The state as it is shown (``showing.shown_state``)."""
    stuck: bool
    """A person is needed out of turn: it is hindered or sent back, or nothing has been
    heard of it for too long.
    """
    ended_at: datetime | None


def case_standing(papers: Iterable[Summary]) -> CaseStanding:
    known = tuple(papers)
    state = states.case_state(paper.state for paper in known)
    setback = setback_of(known)
    ended = [p.issued_at or p.changed_at for p in known if p.state in states.ENDS]
    asked = any(paper.announcements for paper in known)
    return CaseStanding(
        state=shown_state(state, setback),
        stuck=setback is not None or asked or state is State.RETURNED,
        ended_at=max(ended) if ended and len(ended) == len(known) else None,
    )


def setback_of(papers: tuple[Summary, ...]) -> Standstill | None:
    """A halt speaks before what is tried again by itself."""
    stopped = [paper for paper in papers if waiting.halted(paper.setback)]
    return next((p.setback for p in (*stopped, *papers) if p.setback), None)
