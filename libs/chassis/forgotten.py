"""Whether a database was lost, and a new one answers in its place."""

from sqlalchemy import Table, select

from chassis.database import Database
from chassis.objects import Objects
from ecopy.refusals import Trouble


async def forgotten(database: Database, table: Table, objects: Objects) -> bool:
    """The table has no row, and the bucket has what its rows would speak of. A store
    that does not answer shows nothing of the kind.
    """
    row = await database.read(lambda tx: tx.execute(select(table).limit(1)).first())
    if row is not None:
        return False
    try:
        return await objects.any()
    except Trouble:
        return False
