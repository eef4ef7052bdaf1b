"""The uses of keys that the seal journal recorded lately: what a cap starts from."""

import json
from datetime import datetime

from sqlalchemy import Connection, select

from chassis.database import Database
from signing.adapters.journal.tables import seal_journal

Use = tuple[str, datetime]
"""A key's id, and when it was to be used."""


async def uses_since(database: Database, start: datetime) -> list[Use]:
    """Every key of every intent since *start*, oldest first."""
    return await database.read(lambda tx: _uses(tx, start))


def _uses(tx: Connection, start: datetime) -> list[Use]:
    """The uses since *start*, read from the end of the chain back: the journal has no
    index by time.
    """
    rows = tx.execution_options(yield_per=500).execute(
        select(seal_journal).order_by(seal_journal.c.position.desc())
    )
    uses: list[Use] = []
    for row in rows:
        if row.at < start:
            break
        if row.kind == "intent":
            uses += [(key["key"], row.at) for key in json.loads(row.facts)["keys"]]
    return uses[::-1]
