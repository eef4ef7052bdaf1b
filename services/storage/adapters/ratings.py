"""What citizens say of the office, in two tables with nothing in common: which links
were used for it, and what was said on which day.
"""

from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis import outbox
from chassis.clock import LOCAL, Clock
from chassis.database import Database
from ecopy.identifiers import Sha256
from storage.adapters.tables import rated, ratings
from storage.domain.ratings import DatedRating, Rating, reports

SOURCE: Final = "storage"
REPORTED: Final = timedelta(days=366)
"""How far back the desk hears of each month again, and the public page looks."""
LOCK: Final = "ratings"
"""One replica at a time reports."""


class SqlRatings:
    """``ports.Ratings``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def give(self, token_sha256: Sha256, agency: str, rating: Rating) -> bool:
        today = _midnight(self._clock())
        return await self._database.write(
            lambda tx: _give(tx, token_sha256, agency, rating, today)
        )

    async def all(self) -> tuple[DatedRating, ...]:
        """The ratings of days that are over and that the desk still hears of."""
        today = _midnight(self._clock())
        return await self._database.read(lambda tx: _all(tx, today))

    async def report(self) -> int:
        if not await self._database.holds(LOCK):
            return 0
        said = reports(await self.all(), self._clock())

        def add(tx: Connection) -> None:
            for report in said:
                outbox.add(tx, report, source=SOURCE)

        await self._database.write(add)
        return len(said)


def is_rated(tx: Connection, token_sha256: Sha256) -> bool:
    mine = rated.c.token_sha256 == token_sha256
    return tx.scalar(select(rated.c.token_sha256).where(mine)) is not None


def _give(
    tx: Connection, token_sha256: Sha256, agency: str, rating: Rating, today: datetime
) -> bool:
    made: Any = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    used = made(rated).values(token_sha256=token_sha256).on_conflict_do_nothing()
    # What it returns, and not the count of rows, which psycopg does not know here.
    if tx.scalar(used.returning(rated.c.token_sha256)) is None:
        return False
    # A random key and a day: nothing here leads to the row above, or to a visit.
    row = {"id": uuid4().hex, "agency": agency, "day": today}
    said = {"stars": rating.stars, "words": rating.words}
    tx.execute(insert(ratings).values(row | said))
    return True


def _all(tx: Connection, today: datetime) -> tuple[DatedRating, ...]:
    columns = (ratings.c.agency, ratings.c.day, ratings.c.stars, ratings.c.words)
    over = (ratings.c.day < today, ratings.c.day >= today - REPORTED)
    return tuple(
        DatedRating(
            row.agency, row.day.astimezone(LOCAL).date(), Rating(row.stars, row.words)
        )
        for row in tx.execute(select(*columns).where(*over))
    )


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL)
