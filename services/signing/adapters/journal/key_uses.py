"""The uses of keys that the seal journal recorded lately: what a cap starts from."""

import json
from datetime import datetime
from itertools import takewhile

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
    query = select(seal_journal).order_by(seal_journal.c.position.desc())
    # PostgreSQL holds the rest of a reading that ends early until it is closed.
    with tx.execution_options(yield_per=500).execute(query) as rows:
        recent = takewhile(lambda row: row.at >= start, rows)
        intents = [(row.facts, row.at) for row in recent if row.kind == "intent"]
    return [
        (key["key"], at)
        for facts, at in reversed(intents)
        for key in json.loads(facts)["keys"]
    ]
