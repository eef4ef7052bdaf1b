"""The highest number of each book that the catalogue knows (``ecopy.marks``)."""

from sqlalchemy import Connection

from chassis.database import Database
from chassis.entry_columns import highest_of_each
from ecopy.marks import Mark, marks_of
from storage.adapters.tables import copies, orders


async def known_marks(database: Database) -> tuple[Mark, ...]:
    """An order that came here is a number that was given, archived or not."""

    def read(tx: Connection) -> tuple[Mark, ...]:
        ordered = highest_of_each(tx, orders.c.entry)
        return marks_of(ordered, highest_of_each(tx, copies.c.entry))

    return await database.read(read)
