"""Which periods of the register are closed: asked before each new line."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from intake.adapters.sql.tables import register_closings
from intake.domain.closing import Closing, Period, Totals
from intake.domain.states import NotAllowed


def check_open(tx: Connection, agency: str, day: date) -> None:
    """Raises NotAllowed where the month or the year of *day* is closed. The book MUST
    be reserved: nobody closes a period of it between this look and the commit.
    """
    months = (0, day.month)
    for closing in closings_of(tx, agency, day.year):
        if closing.period.month in months:
            shown = closing.period.shown
            raise NotAllowed("error.period-closed", period=shown, who=closing.by_name)


def closings_of(tx: Connection, agency: str, year: int) -> tuple[Closing, ...]:
    rows = tx.execute(
        select(register_closings)
        .where(register_closings.c.agency == agency, register_closings.c.year == year)
        .order_by(register_closings.c.month)
    )
    return tuple(map(_closing, rows))


def _closing(row: Row[Any]) -> Closing:
    return Closing(
        period=Period(row.year, row.month),
        totals=Totals(row.lines, row.copies, row.fee, row.void, row.first, row.last),
        by=row.by,
        by_name=row.by_name,
        title=row.title,
        at=row.at,
    )
