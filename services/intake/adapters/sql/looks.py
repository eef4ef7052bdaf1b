"""Which pages' pictures this desk gave to whom: an approval is held against it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from intake.adapters.sql.tables import looks

REMEMBERED: Final = timedelta(days=7)
"""A page of the wall asks for its pictures each time it is opened, so a look is needed
for as long as a page may stand open. The audit keeps what was approved."""


class SqlLooks:
    """``ports.Looks``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, user: str, document: str, page: str, at: datetime) -> None:
        if page in await self.of(user, document):
            return  # a reload costs no commit
        await self._database.write(lambda tx: _note(tx, user, document, page, at))

    async def of(self, user: str, document: str) -> frozenset[str]:
        return await self._database.read(lambda tx: _of(tx, user, document))


def _note(tx: Connection, user: str, document: str, page: str, at: datetime) -> None:
    tx.execute(delete(looks).where(looks.c.at < at - REMEMBERED))
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    look = {"user": user, "document": document, "page": page, "at": at}
    tx.execute(insert(looks).values(**look).on_conflict_do_nothing())


def _of(tx: Connection, user: str, document: str) -> frozenset[str]:
    found = tx.scalars(
        select(looks.c.page).where(looks.c.user == user, looks.c.document == document)
    )
    return frozenset(found)
