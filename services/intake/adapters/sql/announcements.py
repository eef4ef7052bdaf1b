"""Facts about an agency that no case is the cause of, on their way to the stream."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from chassis import outbox
from chassis.database import Database
from ecopy.events import AgencyEvent

SOURCE: Final = "intake"


class SqlAnnouncements:
    """``ports.Announcements``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, facts: Iterable[AgencyEvent]) -> None:
        await self._database.write(lambda tx: _add(tx, facts))


def _add(tx: Connection, facts: Iterable[AgencyEvent]) -> None:
    for fact in facts:
        outbox.add(tx, fact, source=SOURCE)
