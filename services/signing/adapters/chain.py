"""The seal journal's tables and its chain: ``this`` is the SHA-256 of ``prev`` and of
the row's own canonical text, so a row changed, dropped or slipped in is found.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    select,
)

GENESIS: Final = "0" * 64

_metadata: Final = MetaData()
entries: Final = Table(
    "entries",
    _metadata,
    Column("entry", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("copy_sha256", String(64)),
)
seal_journal: Final = Table(
    "seal_journal",
    _metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("entry", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("attempt", String(36), nullable=False),
    Column("copy_sha256", String(64)),
    Column("facts", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("this", String(64), nullable=False),
)


class BrokenChainError(Exception):
    """A row is not what was written; ``position`` is the first such one."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the seal journal breaks at row {position}")
        self.position = position


def digest_of_row(row: dict[str, Any]) -> str:
    """Of the row as text: ``at`` in UTC, microseconds; ``facts`` as it is stored."""
    at: datetime = row["at"]
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite forgets the zone
    told = {
        **{key: row[key] for key in _CHAINED},
        "at": moment.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


_CHAINED: Final = (
    "position",
    "kind",
    "entry",
    "revision",
    "attempt",
    "copy_sha256",
    "facts",
    "prev",
)


def canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verified(tx: Connection) -> int:
    previous, position = GENESIS, 0
    rows = tx.execute(select(seal_journal).order_by(seal_journal.c.position))
    for row in rows.mappings():
        position += 1
        sound = row["prev"] == previous and row["position"] == position
        if not sound or row["this"] != digest_of_row(dict(row)):
            raise BrokenChainError(position)
        previous = row["this"]
    return position
