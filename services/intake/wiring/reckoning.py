"""What the command ``reconcile`` prints, and the orders that it announces again."""

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from chassis.clock import utc_now
from chassis.database import open_database
from chassis.settings import MigrateSettings
from ecopy.identifiers import EntryId
from ecopy.reckoning import Reckoning
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.sql import counting
from intake.adapters.sql.announcing import hasten


async def reckoning(settings: MigrateSettings) -> Reckoning:
    """Every number of the desk, and what its own books do not agree on. Trouble."""
    at = utc_now()

    def read(tx: Connection) -> Reckoning:
        return Reckoning(
            service="intake",
            at=at,
            register_lines=counting.register_lines(tx),
            lost=counting.lost_ranges(tx),
            findings=tuple(counting.findings(tx)),
        )

    async with open_database(settings.database.url.get_secret_value()) as store:
        try:
            return await store.read(read)
        except ProgrammingError as error:  # no such table, on PostgreSQL
            why = str(error.orig).splitlines()[0]
            raise Trouble(Hindrance.DATABASE, why) from error


async def announced_again(
    settings: MigrateSettings, entries: Iterable[EntryId]
) -> tuple[EntryId, ...]:
    """The entries of which the running desk announces the order again within seconds.
    Trouble where the database does not answer.
    """
    now = utc_now()
    async with open_database(settings.database.url.get_secret_value()) as store:
        return await store.write(lambda tx: hasten(tx, entries, now))
