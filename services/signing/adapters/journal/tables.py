"""The seal journal's tables, and what of a row its chain is made of."""

import json
from typing import Any, Final

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from chassis.columns import Instant
from chassis.hash_chain import HashChain, Row, stored_instant

_metadata: Final = MetaData()
entries: Final = Table(
    "entries",
    _metadata,
    Column("entry", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("copy_sha256", String(64)),
    Column("archived_sha256", String(64)),
    Column("archived_at", Instant),
    Column("closed_at", Instant),
    Column("copy_removed_at", Instant),
)
seal_journal: Final = Table(
    "seal_journal",
    _metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("entry", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("attempt", String(36), nullable=False),
    Column("copy_sha256", String(64)),
    Column("facts", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("this", String(64), nullable=False),
)
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


def moment(row: Row) -> str:
    """The time at which the row was written, as ISO 8601 in UTC with microseconds."""
    return stored_instant(row["at"]).isoformat(timespec="microseconds")


def _text(row: Row) -> str:
    """The text that is hashed, ``facts`` as it is stored. It never changes: the rows
    that stand must verify.
    """
    return canonical({**{key: row[key] for key in _CHAINED}, "at": moment(row)})


CHAIN: Final = HashChain(
    seal_journal, _text, position="position", before="prev", this="this"
)
