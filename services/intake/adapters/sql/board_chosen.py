"""Which cases a filter of the board lets through, in the words of the indexes."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement

from intake.adapters.sql.tables import cases
from intake.domain import board_filters as filters
from intake.domain.board_filters import BoardFilter
from intake.domain.people import Actor

OPEN: Final = cases.c.ended_at.is_(None)
ENDED: Final = cases.c.ended_at.is_not(None)
"""The words of the partial indexes: SQLite uses one only where they are the same."""


def moment_of(asked: BoardFilter) -> Any:
    """The column that the board is ordered by."""
    if asked.ended:
        return cases.c.ended_at
    return cases.c.received_at if asked.order == "age" else cases.c.due_at


def chosen(by: Actor, asked: BoardFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Conditions that one of the partial indexes answers."""
    wanted = [cases.c.agency == by.agency]
    if asked.mine:
        wanted.append(cases.c.received_by == by.user)
    if asked.state in filters.OPEN_STATES | filters.ENDED_STATES:
        wanted.append(cases.c.state == asked.state)
    if asked.ended:
        first, following = asked.span()
        return [*wanted, ENDED, cases.c.ended_at >= first, cases.c.ended_at < following]
    if asked.state == filters.STUCK:
        wanted.append(cases.c.stuck)
    first_due, last_due = filters.due_between(asked.due, now)
    if first_due is not None:
        wanted.append(cases.c.due_at >= first_due)
    if last_due is not None:
        wanted.append(cases.c.due_at < last_due)
    if asked.waits:
        wanted.append(cases.c.state.in_(sorted(filters.WAITERS[asked.waits])))
    if asked.channel:
        wanted.append(cases.c.channel == asked.channel)
    if asked.age:
        wanted.append(cases.c.received_at < now - timedelta(days=asked.age))
    return [*wanted, OPEN]
