"""Which pages' pictures this desk gave to whom: an approval is held against it."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from intake.adapters.sql.tables import documents, looks
from intake.domain.states import State
from intake.ports import Looked

REMEMBERED: Final = timedelta(days=7)
"""A page of the wall asks for its pictures each time it is opened, so a look is needed
for as long as a page may stand open. The audit keeps what was approved."""

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_GIVEN: Final = select(looks.c.page).where(
    looks.c.user == bindparam("who"), looks.c.document == bindparam("of")
)


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

    async def note_seen(
        self, user: str, document: str, pages: tuple[str, ...], at: datetime
    ) -> None:
        if set(pages) & await self.of(user, document):
            await self._database.write(
                lambda tx: _note_seen(tx, user, document, pages, at)
            )

    async def seen(self, user: str, document: str) -> frozenset[str]:
        return await self._database.read(
            lambda tx: frozenset(tx.scalars(_seen(user, document)))
        )

    async def queue(self, user: str, agency: str) -> dict[str, Looked]:
        return await self._database.read(lambda tx: _queue(tx, user, agency))


def _note(tx: Connection, user: str, document: str, page: str, at: datetime) -> None:
    tx.execute(delete(looks).where(looks.c.at < at - REMEMBERED))
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    look = {"user": user, "document": document, "page": page, "at": at}
    tx.execute(insert(looks).values(**look).on_conflict_do_nothing())


def _note_seen(
    tx: Connection, user: str, document: str, pages: tuple[str, ...], at: datetime
) -> None:
    # A page that was never given has no row here, and so cannot be seen.
    tx.execute(
        update(looks)
        .where(looks.c.user == user, looks.c.document == document)
        .where(looks.c.page.in_(pages), looks.c.seen_at.is_(None))
        .values(seen_at=at)
    )


def _seen(user: str, document: str) -> Select[tuple[str]]:
    return select(looks.c.page).where(
        looks.c.user == user,
        looks.c.document == document,
        looks.c.seen_at.is_not(None),
    )


def _queue(tx: Connection, user: str, agency: str) -> dict[str, Looked]:
    waiting = (documents.c.agency == agency, documents.c.state == State.AWAITING)
    seen = defaultdict(set)
    for document, page in tx.execute(
        select(looks.c.document, looks.c.page)
        .join(documents, documents.c.id == looks.c.document)
        .where(*waiting, looks.c.user == user, looks.c.seen_at.is_not(None))
    ):
        seen[document].add(page)
    # The pages that were compared are those of the original: ``desk.submit`` holds one
    # against the other, and the original itself is a long text.
    return {
        row.id: Looked(row.version, tuple(row.compared_pages), frozenset(seen[row.id]))
        for row in tx.execute(
            select(
                documents.c.id, documents.c.version, documents.c.compared_pages
            ).where(*waiting)
        )
    }


def _of(tx: Connection, user: str, document: str) -> frozenset[str]:
    return frozenset(tx.scalars(_GIVEN, {"who": user, "of": document}))
