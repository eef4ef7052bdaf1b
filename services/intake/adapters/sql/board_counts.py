"""The figures beside the board: each counted to ``MOST_COUNTED`` rows of an index.

Two statements, whatever the number of states: one subquery for each would be planned
anew twenty times. Start at ``counts``.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    func,
    literal,
    select,
    union_all,
)

from intake.adapters.sql.board_chosen import chosen
from intake.adapters.sql.board_views import views_of
from intake.adapters.sql.tables import cases, certifications, documents, users
from intake.domain import board_filters as filters
from intake.domain.board_filters import BoardFilter
from intake.domain.boards import MOST_COUNTED, BoardCounts
from intake.domain.calendar import ZONE, local_day
from intake.domain.people import Actor


def _states(name: str, states: Iterable[str]) -> CTE:
    # Not VALUES: SQLAlchemy would compile the statement anew for each page.
    rows = [select(literal(state).label("state")) for state in sorted(states)]
    return union_all(*rows).cte(name)


OPENED: Final = _states("opened", filters.OPEN_STATES)
CLOSED: Final = _states("closed", filters.ENDED_STATES)


def counts(tx: Connection, by: Actor, *, mine: bool, now: datetime) -> BoardCounts:
    """The figures of the agency, or of the cases that the reader has received."""
    found = {state: n for state, n in tx.execute(_of_states(by, mine, now)) if n}
    beside = tx.execute(_beside(by, mine, now)).one()
    return BoardCounts(
        open={s: n for s, n in found.items() if s in filters.OPEN_STATES},
        ended={s: n for s, n in found.items() if s in filters.ENDED_STATES},
        **beside._asdict() | {"views": views_of(beside.views)},
    )


def _of_states(by: Actor, mine: bool, now: datetime) -> Any:
    """Each state with its number of cases: the open ones, and those of this month."""
    whose = BoardFilter(whose="mine" if mine else "all")
    month = filters.filtered({"state": filters.ENDED}, now)
    return union_all(
        _each(OPENED, chosen(by, whose, now)),
        _each(CLOSED, chosen(by, replace(month, whose=whose.whose), now)),
    )


def _each(states: CTE, wanted: list[ColumnElement[bool]]) -> Select[Any]:
    of_state = (cases.c.state == states.c.state, *wanted)
    return select(states.c.state, _count(of_state, states))


def _beside(by: Actor, mine: bool, now: datetime) -> Select[Any]:
    whose = BoardFilter(whose="mine" if mine else "all")

    def count(**asked: Any) -> ScalarSelect[int]:
        return _count(chosen(by, replace(whose, **asked), now))

    first = select(cases.c.due_at).where(*chosen(by, whose, now))
    mine_saved = select(users.c.board_views).where(
        users.c.id == by.user, users.c.agency == by.agency
    )
    today = datetime.combine(local_day(now), time(), ZONE)
    return select(
        count(state=filters.STUCK).label("stuck"),
        count(due="late").label("late"),
        count(due="today").label("due_today"),
        _issued_since(by.agency, today).label("issued_today"),
        first.order_by(cases.c.due_at).limit(1).scalar_subquery().label("next_due_at"),
        mine_saved.scalar_subquery().label("views"),
    )


def _issued_since(agency: str, since: datetime) -> ScalarSelect[int]:
    rows = (
        select(literal(1))
        .select_from(certifications)
        .join(documents, documents.c.id == certifications.c.document)
        .where(certifications.c.issued_at >= since, documents.c.agency == agency)
        .limit(MOST_COUNTED)
    )
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _count(wanted: Iterable[ColumnElement[bool]], *outer: CTE) -> ScalarSelect[int]:
    rows = select(literal(1)).select_from(cases).where(*wanted).limit(MOST_COUNTED)
    bounded = rows.correlate(*outer).subquery()
    return select(func.count()).select_from(bounded).scalar_subquery()
