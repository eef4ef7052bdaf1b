"""The highest number of each book that the journal knows (``ecopy.marks``)."""

from sqlalchemy import Connection

from chassis.database import Database
from chassis.entry_columns import highest_of_each
from ecopy.marks import Mark, marks_of
from signing.adapters.journal.tables import entries


async def known_marks(database: Database) -> tuple[Mark, ...]:
    """From the table of entries, which has a row for each order that was ever heard."""

    def read(tx: Connection) -> tuple[Mark, ...]:
        return marks_of(highest_of_each(tx, entries.c.entry), {})

    return await database.read(read)
