"""The highest number of each book that the journal knows (``ecopy.marks``)."""

from sqlalchemy import Connection

from chassis.database import Database
from chassis.entry_columns import highest_of_each
from ecopy.marks import Mark, marks_of
from signing.adapters.journal.tables import entries


async def known_marks(database: Database) -> tuple[Mark, ...]:
    """From the table of entries, which has a row for each order that was ever heard,
    and notes which copies storage has called archived.
    """

    def read(tx: Connection) -> tuple[Mark, ...]:
        ordered = highest_of_each(tx, entries.c.entry)
        archived = entries.c.archived_sha256.is_not(None)
        return marks_of(ordered, highest_of_each(tx, entries.c.entry, archived))

    return await database.read(read)
