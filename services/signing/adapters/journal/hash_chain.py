"""The seal journal's tables and its chain: ``this`` is the SHA-256 of ``prev`` and of
the row's own canonical text, so a row changed, dropped or slipped in is found.

Rows cut off at the end leave a shorter chain that is whole: the entries' copies tell
of their issues, and a head that was noted before tells of all.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
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
    text,
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


ROWS_AT_ONCE: Final = 500


class Break(StrEnum):
    """How the first bad row shows."""

    CHANGED = "changed"
    ORDER = "order"
    """Not on the row before it: one was dropped, swapped or slipped in."""
    CUT = "cut"
    """An entry's copy has no issue row: rows are missing, at the end or anywhere."""
    HEAD = "head"
    """The head noted before is not in the chain: the end was cut off or rewritten."""


class BrokenChainError(Exception):
    """A row is not what was written; ``position`` is the first such one."""

    def __init__(self, position: int, how: Break) -> None:
        super().__init__(f"the seal journal breaks at row {position}: {how}")
        self.position = position
        self.how = how


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended; noted elsewhere, it holds the chain to that."""

    rows: int
    this: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An intent, or an outcome, that no later row settles."""

    position: int
    at: str
    entry: str
    revision: int
    attempt: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What one reading of the whole journal found sound."""

    head: Head
    open: tuple[Tried, ...]
    """Intents without a later row: a key may have been used, nothing came of it."""
    loose: tuple[Tried, ...]
    """Outcomes that neither became a copy nor were written off."""


def digest_of_row(row: dict[str, Any]) -> str:
    """Of the row as text: ``at`` in UTC, microseconds; ``facts`` as it is stored."""
    told = {**{key: row[key] for key in _CHAINED}, "at": _moment(row["at"])}
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


def _moment(at: datetime | str) -> str:
    """SQLite keeps text and forgets the zone."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    if isinstance(at, str) and at != moment.strftime(_SQLITE_TIME):
        raise ValueError(at)  # the same moment, written otherwise
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="microseconds")


_SQLITE_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"


_RAW_ROWS: Final = text(
    f"SELECT {', '.join(c.name for c in seal_journal.columns)}"  # noqa: S608 - our names
    " FROM seal_journal ORDER BY position"
)
"""As the database keeps them: no type of ours smooths a changed byte away."""


def verified(tx: Connection) -> Chain:
    """The journal read once. Raises BrokenChainError for the first bad row."""
    if tx.dialect.name == "postgresql":  # rows and copies as of one moment
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    head, settling = Head(0, GENESIS), _Settling()
    streamed = {"yield_per": ROWS_AT_ONCE}
    with _bytes_kept(tx), tx.execute(_RAW_ROWS, execution_options=streamed) as rows:
        for row in map(dict, rows.mappings()):
            _check(row, head)
            settling.note(row)
            head = Head(row["position"], row["this"])
    _check_copies(tx, settling.issued, head)
    return Chain(head, tuple(settling.open.values()), tuple(settling.loose.values()))


def head_at(tx: Connection, rows: int) -> str | None:
    """Digest of row *rows*, the genesis of an empty chain, None if it is not there."""
    if rows == 0:
        return GENESIS
    found: str | None = tx.scalar(
        select(seal_journal.c.this).where(seal_journal.c.position == rows)
    )
    return found


def _check(row: dict[str, Any], before: Head) -> None:
    position = before.rows + 1
    try:
        same = row["this"] == digest_of_row(row)
    except (TypeError, ValueError) as error:  # a type or text that was never written
        raise BrokenChainError(position, Break.CHANGED) from error
    if row["position"] != position:
        raise BrokenChainError(position, Break.ORDER)
    if not same:
        raise BrokenChainError(position, Break.CHANGED)
    if row["prev"] != before.this:
        raise BrokenChainError(position, Break.ORDER)


def _check_copies(tx: Connection, issued: dict[str, str], head: Head) -> None:
    kept = select(entries.c.entry, entries.c.copy_sha256).where(
        entries.c.copy_sha256.is_not(None)
    )
    if {row.entry: row.copy_sha256 for row in tx.execute(kept)} != issued:
        raise BrokenChainError(head.rows + 1, Break.CUT)


class _Settling:
    """Which tries are open while the rows go by."""

    def __init__(self) -> None:
        self.open: dict[str, Tried] = {}
        self.loose: dict[str, Tried] = {}
        self.issued: dict[str, str] = {}

    def note(self, row: dict[str, Any]) -> None:
        attempt, kind = row["attempt"], row["kind"]
        tried = Tried(
            row["position"], _moment(row["at"]), row["entry"], row["revision"], attempt
        )
        if kind == "intent":
            self.open[attempt] = tried
            return
        self.open.pop(attempt, None)
        if kind == "outcome":
            self.loose[attempt] = tried
            return
        self.loose.pop(attempt, None)
        if kind == "issue":
            self.issued[row["entry"]] = row["copy_sha256"]


@contextmanager
def _bytes_kept(tx: Connection) -> Iterator[None]:
    """SQLite keeps any bytes in a text column; bad UTF-8 must not end the reading."""
    if tx.dialect.name != "sqlite":
        yield
        return
    connection: Any = tx.connection.driver_connection
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = str
