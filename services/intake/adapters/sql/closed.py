"""Which periods of the register are closed: asked before each new line."""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from intake.adapters.sql.tables import register_closings
from intake.domain.closing import Closing, Period, Totals
from intake.domain.states import NotAllowed

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_OF_YEAR: Final = (
    select(register_closings)
    .where(
        register_closings.c.agency == bindparam("agency"),
        register_closings.c.year == bindparam("of"),
    )
    .order_by(register_closings.c.month)
)


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
    return tuple(map(_closing, tx.execute(_OF_YEAR, {"agency": agency, "of": year})))


def _closing(row: Row[Any]) -> Closing:
    return Closing(
        period=Period(row.year, row.month),
        totals=Totals(row.lines, row.copies, row.fee, row.void, row.first, row.last),
        by=row.by,
        by_name=row.by_name,
        title=row.title,
        at=row.at,
    )
