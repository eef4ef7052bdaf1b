"""The board: a page of cases, grouped by what is due and what is stuck.

Who acts next on a paper is decided in ``waiting``, and which cases are on a page in
``board_filters``. Start at ``board``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final, Literal, get_args
from urllib.parse import urlencode

from intake.domain import duties, extending, searching, states, waiting
from intake.domain.board_filters import After, BoardFilter
from intake.domain.calendar import local_day
from intake.domain.duties import Duty
from intake.domain.numbers import short_code
from intake.domain.people import Actor
from intake.domain.records import Case
from intake.domain.saved_views import SavedView
from intake.domain.searching import Place
from intake.domain.showing import asked_view, shown_state, stuck_view
from intake.domain.summaries import Summary, setback_of
from intake.domain.views.board import (
    BoardGroup,
    BoardRow,
    BoardView,
    ShownHits,
    ShownView,
)
from intake.domain.views.case import Asked
from intake.domain.waiting import Certifiers

Group = Literal["stuck", "hand-over", "late", "today", "later", "age", "done", "found"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
HAND_OVER_DAYS: Final = 3
"""So long the board asks for the hand-over of a result. Later the case is found by a
search: an office that puts nothing down must not lose its board among ended cases.
"""
MOST_COUNTED: Final = 1000
"""Cases are counted so far and no further: what is more is said as so many and more."""


Cases = Sequence[tuple[Case, tuple[Summary, ...]]]


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many cases there are, each counted to ``MOST_COUNTED`` and no further."""

    open: dict[str, int]
    """State slug → open cases."""
    ended: dict[str, int]
    """State slug → cases that ended in this month."""
    stuck: int
    late: int
    due_today: int
    issued_today: int
    """Copies, not cases."""
    next_due_at: datetime | None
    views: tuple[SavedView, ...] = ()
    """What the reader has saved."""


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A page of the board, from the database."""

    cases: tuple[tuple[Case, tuple[Summary, ...]], ...]
    stuck: tuple[tuple[Case, tuple[Summary, ...]], ...] = ()
    """Stand above the first page of the plain board, and in no other place of it."""
    handing: tuple[tuple[Case, tuple[Summary, ...]], ...] = ()
    """Issued lately, and nobody has put down that the link was given: they stand there,
    too.
    """
    more: After | Place | None = None
    """Where the next page goes on; None where nothing is left."""
    less: After | None = None
    """Where the page before ends; None on the first page, and of a search."""


def board(
    page: BoardPage,
    counts: BoardCounts,
    viewer: Actor,
    now: datetime,
    *,
    certifiers: Certifiers,
    asked: BoardFilter,
    query: str = "",
) -> BoardView:
    """One page of the board, as its reader is shown it; with *query* what a search has
    found in place of the board's own cases.
    """
    sought = searching.sought(query, viewer.agency)

    def rows(cases: Cases) -> tuple[BoardRow, ...]:
        shown = (_row(case, papers, viewer, now, certifiers) for case, papers in cases)
        return tuple(map(marked, shown, cases)) if sought else tuple(shown)

    def marked(row: BoardRow, found: tuple[Case, tuple[Summary, ...]]) -> BoardRow:
        return replace(row, hits=_hits(row, found[1], sought))

    groups = [
        BoardGroup("stuck", None, rows(page.stuck)),
        BoardGroup("hand-over", None, rows(page.handing)),
    ]
    shown = rows(page.cases)
    groups += (
        [BoardGroup("found", None, shown)] if query else _groups(shown, asked, now)
    )
    return BoardView(
        now=now,
        groups=tuple(group for group in groups if group.rows),
        asked=asked,
        counts=counts.open,
        ended=counts.ended,
        next_due_at=counts.next_due_at,
        due_today=counts.due_today,
        stuck=counts.stuck,
        late=counts.late,
        issued_today=counts.issued_today,
        query=query,
        more=str(page.more) if page.more else None,
        less=str(page.less) if page.less else None,
        saved=tuple(map(_saved, counts.views)),
        may_open=opens_cases(viewer),
    )


def _hits(
    row: BoardRow, papers: tuple[Summary, ...], sought: tuple[str, ...]
) -> ShownHits:
    said = (f"{p.title} · {p.number}" if p.number else p.title for p in papers)
    titles = (searching.parts(each, sought) for each in said)
    return ShownHits(
        code=searching.parts(row.short_code, sought),
        requester=searching.parts(row.requester, sought),
        titles=tuple(t for t in titles if any(part.hit for part in t)),
    )


def _saved(view: SavedView) -> ShownView:
    query = urlencode(view.fields)
    return ShownView(view.name, f"/?{query}" if query else "/")


def opens_cases(reader: Actor) -> bool:
    """Whether they may open a case, so that a link to one does not answer 403."""
    return duties.may(reader.roles, Duty.READ_CASES)


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
    setback = setback_of(papers)
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
        late=case.overdue(now) and state in states.OPEN,
        age_minutes=int((now - case.received_at).total_seconds() // 60),
        waits=waiting.foremost(speaking),
        waits_since=max(paper.changed_at for paper in foremost),
        numbers=tuple(paper.number for paper in papers if paper.number),
        stuck=stuck_view(setback, now),
        asked=_asked(papers, now),
        supplement=case.supplement,
        extension=extending.latest(case),
    )


def _asked(papers: Iterable[Summary], now: datetime) -> Asked | None:
    """The paper that was asked for most often speaks; None while no news is late."""
    late = [paper for paper in papers if paper.announcements]
    if not late:
        return None
    most = max(late, key=lambda paper: paper.announcements)
    return asked_view(most.announcements, most.announced_at, most.announce_at, now)


def _groups(
    rows: tuple[BoardRow, ...], asked: BoardFilter, now: datetime
) -> list[BoardGroup]:
    """The rows in their order, parted where another group begins."""
    parted = groupby(rows, key=lambda row: _group(row, asked, now))
    groups = [(name, tuple(inside)) for name, inside in parted]
    return [
        BoardGroup(name, min(row.due_at for row in inside), inside)
        for name, inside in groups
    ]


def _group(row: BoardRow, asked: BoardFilter, now: datetime) -> Group:
    if asked.ended:
        return "done"
    if asked.order == "age":
        return "age"
    if row.due_at < now:
        return "late"
    return "today" if local_day(row.due_at) == local_day(now) else "later"
