"""Papers that were approved in one act: a row for each act, for a month."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from intake.adapters.sql.rows import named
from intake.adapters.sql.tables import batches
from intake.domain.batch import Batch

KEPT: Final = timedelta(days=31)
"""How long the page of an act answers. The audit keeps each approval by itself."""
BATCH: Final = tuple(column.name for column in batches.columns)


class SqlBatches:
    """``ports.Batches``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, batch: Batch) -> None:
        await self._database.write(lambda tx: _keep(tx, batch))

    async def find(self, name: str) -> Batch | None:
        return await self._database.read(lambda tx: _find(tx, name))


def _keep(tx: Connection, batch: Batch) -> None:
    tx.execute(delete(batches).where(batches.c.ended_at < batch.ended_at - KEPT))
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(insert(batches).values(**named(batch, BATCH)).on_conflict_do_nothing())


def _find(tx: Connection, name: str) -> Batch | None:
    row = tx.execute(select(batches).where(batches.c.id == name)).first()
    return None if row is None else Batch(**named(row, BATCH))
