"""How satisfied citizens were, month by month, as storage reports it."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from chassis.database import Database
from ecopy.events import CitizensWords, RatingsReported
from intake.adapters.sql.tables import ratings
from intake.domain.figures import Satisfaction
from intake.domain.spans import MonthSpan

SAID = ("reported_at", "stars", "words")


class SqlReportedRatings:
    """``ports.ReportedRatings``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, report: RatingsReported) -> None:
        await self._database.write(lambda tx: _record(tx, report))

    async def of(self, agency: str, span: MonthSpan) -> Satisfaction:
        return await self._database.read(lambda tx: _of(tx, agency, span))


def _record(tx: Connection, report: RatingsReported) -> None:
    made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    said = made(ratings).values(
        agency=report.agency,
        year=report.year,
        month=report.month,
        reported_at=report.at,
        stars=list(report.stars),
        words=[each.model_dump(mode="json") for each in report.words],
    )
    # Reports come in any order and more than once: the latest holds.
    tx.execute(
        said.on_conflict_do_update(
            index_elements=["agency", "year", "month"],
            set_={name: said.excluded[name] for name in SAID},
            where=ratings.c.reported_at < said.excluded.reported_at,
        )
    )


def _of(tx: Connection, agency: str, span: MonthSpan) -> Satisfaction:
    last = span.month + span.months
    found = tx.execute(
        select(ratings.c.stars, ratings.c.words)
        .where(ratings.c.agency == agency, ratings.c.year == span.year)
        .where(ratings.c.month >= span.month, ratings.c.month < last)
        .order_by(ratings.c.month)
    ).all()
    words = [CitizensWords(**each) for row in found for each in row.words]
    words.sort(key=lambda each: each.stars)
    counts = tuple(sum(row.stars[n] for row in found) for n in range(5))
    return Satisfaction(counts, tuple(words))
