"""Periods of the register: all their lines, who has closed them, notes afterwards.

Start at ``_close``; ``closed`` says which they are.
"""

from sqlalchemy import Connection, insert

from chassis.database import Database
from ecopy.marks import YearBook
from intake.adapters.sql import audit, form_uses, register, skipping
from intake.adapters.sql.closed import closings_of
from intake.adapters.sql.tables import register_closings
from intake.domain.closing import Closing, Period
from intake.domain.numbers import ELECTRONIC
from intake.domain.records import Note
from intake.domain.register import RegisterLine
from intake.ports.handouts import Closes, Remarks


class SqlClosings:
    """``ports.Closings``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, agency: str, period: Period) -> tuple[RegisterLine, ...]:
        return await self._database.read(
            lambda tx: register.lines_between(tx, agency, period.first, period.after)
        )

    async def closings(self, agency: str, year: int) -> tuple[Closing, ...]:
        return await self._database.read(lambda tx: closings_of(tx, agency, year))

    async def close(self, agency: str, period: Period, decide: Closes) -> Closing:
        return await form_uses.write(
            self._database, lambda tx: _close(tx, agency, period, decide), _unnamed
        )

    async def remark(
        self, agency: str, year: int, number: str, decide: Remarks
    ) -> RegisterLine:
        def work(tx: Connection) -> RegisterLine:
            return _remark(tx, agency, year, number, decide)

        return await form_uses.write(self._database, work, _unnamed)

    async def record(self, note: Note) -> None:
        await self._database.write(lambda tx: audit.append(tx, note))


def _close(tx: Connection, agency: str, period: Period, decide: Closes) -> Closing:
    # The lock of an approval, until the commit: a line whose day is the last of the
    # month is either counted here or refused as too late.
    skipping.reserve_book(tx, YearBook(agency, ELECTRONIC, period.year))
    lines = register.lines_between(tx, agency, period.first, period.after)
    closing, note = decide(lines, closings_of(tx, agency, period.year))
    sums = closing.totals
    tx.execute(
        insert(register_closings).values(
            agency=agency,
            year=period.year,
            month=period.month,
            lines=sums.lines,
            copies=sums.copies,
            fee=sums.fee,
            void=sums.void,
            first=sums.first,
            last=sums.last,
            by=closing.by,
            by_name=closing.by_name,
            title=closing.title,
            at=closing.at,
        )
    )
    audit.append(tx, note)
    return closing


def _remark(
    tx: Connection, agency: str, year: int, number: str, decide: Remarks
) -> RegisterLine:
    line = register.line(tx, agency, year, number)
    remark, note = decide(line)
    register.remark(tx, line.entry.entry, remark)
    audit.append(tx, note)
    return line


def _unnamed(_written: object) -> dict[str, str]:
    """The page that follows is the register, which names no case."""
    return {}
