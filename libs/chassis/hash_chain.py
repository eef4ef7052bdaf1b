"""Rows of a table chained by SHA-256, so that one changed, dropped or slipped in is
found by reading once.

Each table has its own canonical text of a row, and keeps it for ever: what is stored
must verify. ``HashChain`` knows the columns, appends, and reads. Rows cut off at the
end leave a shorter chain that is whole: only a head that was noted before tells of
those.

Whoever appends holds a lock until the transaction ends: two rows on one head would fork
the chain. Start at ``HashChain``.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, insert, select, text

GENESIS: Final = "0" * 64
"""The digest that the first row stands on."""
DIGEST_LENGTH: Final = 64
ROWS_AT_ONCE: Final = 500
"""Rows in memory while a chain of any length is read."""
_SQLITE_TIME: Final = "%Y-%m-%d %H:%M:%S.%f"

Row = Mapping[str, Any]


class Break(StrEnum):
    """How the first bad row shows."""

    CHANGED = "changed"
    ORDER = "order"
    """The row does not stand on the one before: one was dropped, swapped or slipped
    in."""
    CUT = "cut"
    """Another table speaks of rows that are missing, at the end or anywhere."""
    HEAD = "head"
    """The head noted before is not in the chain: the end was cut off or rewritten."""


class BrokenChainError(Exception):
    """A row is not what was written; ``position`` is the first such one."""

    def __init__(self, position: int, how: Break) -> None:
        super().__init__(f"the chain breaks at row {position}: {how}")
        self.position = position
        self.how = how


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended; noted elsewhere, it holds the chain to that."""

    rows: int
    this: str

    def __str__(self) -> str:
        return f"{self.rows}:{self.this}"

    @classmethod
    def parse(cls, noted: str) -> "Head":
        """The head as it was printed, ``ROWS:DIGEST``; ValueError for anything else."""
        rows, _, this = noted.partition(":")
        if len(this) != DIGEST_LENGTH:
            raise ValueError(noted)
        return cls(int(rows), this)


class HashChain:
    """One table's chain: which columns make it, and what of a row is hashed."""

    def __init__(
        self,
        table: Table,
        canonical: Callable[[Row], str],
        *,
        position: str,
        before: str,
        this: str,
    ) -> None:
        """*canonical* gives the text of a row, the previous digest within it. It is
        given rows as they were written, and rows as the database keeps them; it MUST
        raise TypeError or ValueError for a value that was never written.
        """
        self._table = table
        self._canonical = canonical
        self._position, self._before, self._this = position, before, this
        place, digest = table.c[position], table.c[this]
        # Made once: SQLAlchemy keeps what it worked out for a statement with it.
        self._last = select(place, digest).order_by(place.desc()).limit(1)
        self._at = select(digest).where(place == bindparam("rows"))
        self._append = insert(table)
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        # As the database keeps them: no type of ours smooths a changed byte away.
        self._raw = text(f'SELECT {names} FROM {table.name} ORDER BY "{position}"')  # noqa: S608 - our names

    def head(self, tx: Connection) -> Head:
        """The last row; ``Head(0, GENESIS)`` of an empty chain."""
        last = tx.execute(self._last).first()
        return Head(*last) if last else Head(0, GENESIS)

    def append(self, tx: Connection, row: Row) -> Head:
        """Add *row* behind the last one. The caller holds the chain's lock."""
        head = self.head(tx)
        # The caller's lock makes sure that nobody has taken this place meanwhile; the
        # primary key would refuse the second row in any case.
        placed = {**row, self._position: head.rows + 1, self._before: head.this}
        digest = self.digest(placed)
        tx.execute(self._append, {**placed, self._this: digest})
        return Head(head.rows + 1, digest)

    def read(self, tx: Connection, note: Callable[[dict[str, Any]], None]) -> Head:
        """Read every row once and check it; *note* is given each sound one, as the
        database keeps it. Raises BrokenChainError at the first bad one.
        """
        head = Head(0, GENESIS)
        streamed = {"yield_per": ROWS_AT_ONCE}
        with (
            _open_for_any_bytes(tx),
            tx.execute(self._raw, execution_options=streamed) as rows,
        ):
            for row in map(dict, rows.mappings()):
                self._check(row, head)
                head = Head(row[self._position], row[self._this])
                note(row)
        return head

    def check_noted(self, tx: Connection, noted: Head | None) -> None:
        """Raises BrokenChainError if *noted*, a head from before, is no row now."""
        if noted is None or noted == Head(0, GENESIS):
            return
        if tx.scalar(self._at, {"rows": noted.rows}) != noted.this:
            raise BrokenChainError(noted.rows, Break.HEAD)

    def _check(self, row: Row, before: Head) -> None:
        position = before.rows + 1
        try:
            same = row[self._this] == self.digest(row)
        except (TypeError, ValueError) as error:  # a value that was never written
            raise BrokenChainError(position, Break.CHANGED) from error
        if row[self._position] != position:
            raise BrokenChainError(position, Break.ORDER)
        if not same:
            raise BrokenChainError(position, Break.CHANGED)
        if row[self._before] != before.this:
            raise BrokenChainError(position, Break.ORDER)

    def digest(self, row: Row) -> str:
        """What the ``this`` column of *row* must hold."""
        return hashlib.sha256(self._canonical(row).encode()).hexdigest()


def stored_instant(at: datetime | str) -> datetime:
    """The instant of a row, as written or as SQLite keeps it: text without a zone.

    Raises ValueError for the same moment written otherwise: nobody of ours did.
    """
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    if isinstance(at, str) and at != moment.strftime(_SQLITE_TIME):
        raise ValueError(at)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC)


@contextmanager
def _open_for_any_bytes(tx: Connection) -> Iterator[None]:
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
