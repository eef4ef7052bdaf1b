"""The public figures of each agency, as the desk has reported them last, and a memory
of them: however many strangers look, the table is read once a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import CaseFigures, FiguresReported
from storage.adapters.tables import figures

T = TypeVar("T")
REMEMBERED: Final = timedelta(minutes=1)


class SqlFigures:
    """``ports.OfficeFigures``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, report: FiguresReported) -> None:
        await self._database.write(lambda tx: _record(tx, report))

    async def all(self) -> tuple[FiguresReported, ...]:
        return await self._database.read(_all)


class Remembered(Generic[T]):
    """What was read within the last minute, by this process."""

    def __init__(
        self, read: Callable[[], Awaitable[tuple[T, ...]]], clock: Clock
    ) -> None:
        self._read = read
        self._clock = clock
        self._known: tuple[T, ...] = ()
        self._read_at: datetime | None = None
        # Held for one reading: of all that come meanwhile, none reads once more.
        self._reading = asyncio.Lock()

    async def all(self) -> tuple[T, ...]:
        async with self._reading:
            now = self._clock()
            if self._read_at is None or now - self._read_at >= REMEMBERED:
                self._known = await self._read()
                self._read_at = now
            return self._known


def _record(tx: Connection, report: FiguresReported) -> None:
    made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    counted = report.figures
    said = made(figures).values(
        agency=report.agency,
        year=report.year,
        month=report.month,
        name=report.name,
        reported_at=report.at,
        figures=None if counted is None else counted.model_dump(mode="json"),
    )
    # Reports come in any order and more than once: the latest holds.
    newer = figures.c.reported_at < said.excluded.reported_at
    tx.execute(
        said.on_conflict_do_update(
            index_elements=["agency", "year", "month"],
            set_={name: said.excluded[name] for name in _SAID},
            where=newer,
        )
    )


_SAID: Final = ("name", "reported_at", "figures")


def _all(tx: Connection) -> tuple[FiguresReported, ...]:
    order = (figures.c.agency, figures.c.year, figures.c.month)
    return tuple(_report(row) for row in tx.execute(select(figures).order_by(*order)))


def _report(row: Any) -> FiguresReported:
    counted = row.figures
    return FiguresReported(
        at=row.reported_at,
        agency=row.agency,
        name=row.name,
        year=row.year,
        month=row.month,
        figures=None if counted is None else CaseFigures(**counted),
    )
