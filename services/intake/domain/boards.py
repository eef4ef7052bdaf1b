"""The board: cases grouped by what is due and what is stuck, counted by state.

Who acts next on a paper is decided in ``waiting``. Start at ``board``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from intake.domain import duties, states, waiting
from intake.domain.calendar import local_day
from intake.domain.certifications import Standstill
from intake.domain.duties import Duty
from intake.domain.numbers import short_code
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.showing import asked_view, shown_state, stuck_view
from intake.domain.states import State
from intake.domain.views.board import BoardGroup, BoardRow, BoardView
from intake.domain.views.case import Asked
from intake.domain.waiting import Certifiers, Standing

Group = Literal["stuck", "today", "later", "done", "found"]
GROUPS: Final[tuple[Group, ...]] = ("stuck", "today", "later", "done", "found")


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


Cases = Iterable[tuple[Case, tuple[Summary, ...]]]


def board(
    cases: Cases,
    viewer: Actor,
    now: datetime,
    *,
    certifiers: Certifiers,
    state: str | None,
    query: str,
    found: tuple[str, ...] | None = None,
) -> BoardView:
    """The board: all cases counted, and rows of those of *state*, or, where somebody
    searches, of those that were *found*, in that order.
    """
    known = [(case, papers) for case, papers in cases if papers]
    rows = [_row(case, papers, viewer, now, certifiers) for case, papers in known]
    chosen = [row for row in rows if state in {None, row.state}]
    open_rows = [row for row in rows if row.state in _OPEN]
    return BoardView(
        now=now,
        groups=_groups(chosen, now) if found is None else _found(rows, found),
        counts=dict(Counter(row.state for row in rows)),
        state=state,
        query=query,
        next_due_at=min((row.due_at for row in open_rows), default=None),
        due_today=sum(_today(row, now) for row in open_rows),
        stuck=sum(_stands_still(row) for row in rows),
        late=sum(row.late for row in rows),
        issued_today=sum(
            paper.issued_at is not None and local_day(paper.issued_at) == local_day(now)
            for _, papers in known
            for paper in papers
        ),
        may_open=opens_cases(viewer),
    )


def opens_cases(reader: Actor) -> bool:
    """Whether they may open a case, so that a link to one does not answer 403."""
    return duties.may(reader.roles, Duty.READ_CASES)


_OPEN: Final = frozenset({*map(str, states.OPEN), "unsigned"})


def _row(
    case: Case,
    papers: tuple[Summary, ...],
    viewer: Actor,
    now: datetime,
    certifiers: Certifiers,
) -> BoardRow:
    state = states.case_state(paper.state for paper in papers)
    foremost = [paper for paper in papers if paper.state is state]
    stopped = [paper for paper in papers if waiting.halted(paper.setback)]
    setback = next((p.setback for p in (*stopped, *papers) if p.setback), None)
    speaking = [
        waiting.waits(paper.standing, case, viewer, certifiers)
        for paper in (*stopped, *foremost)
    ]
    return BoardRow(
        code=case.code,
        short_code=short_code(case.code),
        requester=case.requester.name,
        documents=len(papers),
        pages=sum(paper.declared_pages for paper in papers),
        state=shown_state(state, setback),
        due_at=case.due_at,
        late=now > case.due_at and state in states.OPEN,
        age_minutes=int((now - case.received_at).total_seconds() // 60),
        waits=waiting.foremost(speaking),
        waits_since=max(paper.changed_at for paper in foremost),
        numbers=tuple(paper.number for paper in papers if paper.number),
        stuck=stuck_view(setback, now),
        asked=_asked(papers, now),
    )


def _asked(papers: Iterable[Summary], now: datetime) -> Asked | None:
    """The paper that was asked for most often speaks; None while no news is late."""
    late = [paper for paper in papers if paper.announcements]
    if not late:
        return None
    most = max(late, key=lambda paper: paper.announcements)
    return asked_view(most.announcements, most.announced_at, most.announce_at, now)


def _groups(rows: list[BoardRow], now: datetime) -> tuple[BoardGroup, ...]:
    placed = {name: [r for r in rows if _group(r, now) == name] for name in GROUPS}
    return tuple(
        BoardGroup(name, min(row.due_at for row in inside), tuple(inside))
        for name, inside in placed.items()
        if inside
    )


def _found(rows: list[BoardRow], codes: tuple[str, ...]) -> tuple[BoardGroup, ...]:
    by_code = {row.code: row for row in rows}
    inside = tuple(by_code[code] for code in codes if code in by_code)
    return (BoardGroup("found", None, inside),) if inside else ()


def _group(row: BoardRow, now: datetime) -> Group:
    if row.state not in _OPEN:
        return "done"
    if row.late or _stands_still(row) or row.state == State.RETURNED:
        return "stuck"
    return "today" if _today(row, now) else "later"


def _stands_still(row: BoardRow) -> bool:
    """It is hindered, or nothing has been heard of it for too long."""
    return row.stuck is not None or row.asked is not None


def _today(row: BoardRow, now: datetime) -> bool:
    return local_day(row.due_at) == local_day(now)
