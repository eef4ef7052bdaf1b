"""Rows of a table as ``retention`` counts and removes them."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, func, select

from chassis.database import Database
from chassis.outbox import outbox
from chassis.retention import Amount

_UNKNOWN: Final = None


class HeldRows:
    """Rows that have had their time a while after the moment in one column; a row where
    it is NULL never has. *key* is the primary key; without one, all that are old are
    removed in one statement, which suits small tables.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        at: Column[Any],
        key: Column[Any] | None = None,
    ) -> None:
        self._database = database
        self._table = table
        self._key = key
        self._at = at

    async def amount(self, before: datetime | None) -> Amount:
        return await self._database.read(lambda tx: self._amount(tx, before))

    async def remove(self, before: datetime, most: int) -> int:
        return await self._database.write(lambda tx: self._remove(tx, before, most))

    def _amount(self, tx: Connection, before: datetime | None) -> Amount:
        count, oldest = tx.execute(
            select(func.count(), func.min(self._at)).select_from(self._table)
        ).one()
        due: int | None = 0
        if before is not None:
            due = tx.scalar(
                select(func.count()).select_from(self._table).where(self._old(before))
            )
        if oldest is not None and oldest.tzinfo is None:
            oldest = oldest.replace(tzinfo=UTC)  # SQLite's DateTime has no zone
        return Amount(count, oldest, due or 0)

    def _remove(self, tx: Connection, before: datetime, most: int) -> int:
        key = self._key
        if key is None:
            return tx.execute(delete(self._table).where(self._old(before))).rowcount
        old = select(key).where(self._old(before)).order_by(key).limit(most)
        return tx.execute(delete(self._table).where(key.in_(old))).rowcount

    def _old(self, before: datetime) -> ColumnElement[bool]:
        old: ColumnElement[bool] = self._at < before
        return old


class CountedRows:
    """Rows that are there for ever: they are counted, and there is no way to remove one
    through this.
    """

    def __init__(
        self, database: Database, table: Table, at: Column[Any] | None = None
    ) -> None:
        self._database = database
        self._table = table
        self._at = at

    async def amount(self, before: datetime | None) -> Amount:  # noqa: ARG002 - never
        return await self._database.read(self._counted)

    async def remove(self, before: datetime, most: int) -> int:
        raise AssertionError(f"{self._table.name} is for ever: {before}, {most}")

    def _counted(self, tx: Connection) -> Amount:
        count = tx.scalar(select(func.count()).select_from(self._table)) or 0
        at = self._at
        oldest = None if at is None else tx.scalar(select(func.min(at)))
        return Amount(count, oldest)


def published(database: Database) -> HeldRows:
    """Events that the stream has: the row was needed until then, and a while longer for
    whoever looks into what was said. One that is not published has no time.
    """
    return HeldRows(database, outbox, outbox.c.published_at, outbox.c.position)
