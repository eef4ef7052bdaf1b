"""What has changed since somebody looked: every act is a line of the audit.

The audit's number is its key, so a look costs one row where nothing has happened.
"""

from sqlalchemy import Connection, func, select

from chassis.database import Database
from intake.adapters.sql.tables import audit


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
