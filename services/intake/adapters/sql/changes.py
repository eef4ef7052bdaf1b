"""What has changed since somebody looked: every act is a line of the audit.

The audit's number is its key, so a look costs one row where nothing has happened.
"""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from chassis.database import Database
from intake.adapters.sql.tables import audit
from intake.domain.numbers import document_id
from intake.domain.records import CaseEvent


class SqlChanges:
    """``ports.Changes``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, seen: int | None) -> tuple[int, frozenset[str]]:
        return await self._database.read(lambda tx: _since(tx, seen))


def _since(tx: Connection, seen: int | None) -> tuple[int, frozenset[str]]:
    last = tx.scalar(select(func.max(audit.c.seq))) or 0
    if seen is None or last == seen:
        return last, frozenset()
    newer = select(audit.c.agency).distinct().where(audit.c.seq > seen)
    return last, frozenset(tx.scalars(newer))


class SqlCaseEvents:
    """``ports.CaseEvents``. A line's number is taken while the chain is held until the
    commit (``audit.append``), so none appears later below one that was seen.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, agency: str, seq: int, most: int) -> tuple[CaseEvent, ...]:
        return await self._database.read(lambda tx: _after(tx, agency, seq, most))


def _after(tx: Connection, agency: str, seq: int, most: int) -> tuple[CaseEvent, ...]:
    mine = (audit.c.agency == agency) & (audit.c.seq > seq) & audit.c.case.is_not(None)
    found = tx.execute(select(audit).where(mine).order_by(audit.c.seq).limit(most))
    return tuple(map(_event, found))


def _event(row: Row[Any]) -> CaseEvent:
    document = document_id(row.case, row.document) if row.document else None
    return CaseEvent(row.seq, row.at, row.action, row.case, document)
