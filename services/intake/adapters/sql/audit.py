"""The audit: append-only, each line chained to the one before by SHA-256.

A line's hash is over the previous hash and the line as canonical JSON, so that one
changed byte anywhere breaks the chain from there on.
"""

import hashlib
import json
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import audit
from intake.domain.records import Note

GENESIS: Final = "0" * 64
CHAINED: Final = (
    "actor",
    "actor_name",
    "agency",
    "action",
    "case",
    "document",
    "address",
    "values",
)


def append(tx: Connection, *notes: Note) -> None:
    """Add lines at the head of the chain, in the caller's transaction."""
    if not notes:
        return
    hold(tx, "audit")
    seq, previous = _head(tx)
    for note in notes:
        seq += 1
        line = {name: getattr(note, name) for name in CHAINED} | {"at": note.at}
        digest = _digest(seq, previous, line)
        tx.execute(
            insert(audit).values(seq=seq, previous=previous, hash=digest, **line)
        )
        previous = digest


def timeline(tx: Connection, case: str) -> tuple[Note, ...]:
    """What happened to a case, oldest first."""
    rows = tx.execute(select(audit).where(audit.c.case == case).order_by(audit.c.seq))
    return tuple(_note(row) for row in rows)


def broken_at(tx: Connection) -> int | None:
    """The first line whose hash or place does not hold; None if the chain verifies."""
    previous, expected = GENESIS, 1
    for row in tx.execute(select(audit).order_by(audit.c.seq)):
        line = {name: getattr(row, name) for name in (*CHAINED, "at")}
        digest = _digest(row.seq, previous, line)
        if (row.seq, row.previous, row.hash) != (expected, previous, digest):
            return int(row.seq)
        previous, expected = row.hash, expected + 1
    return None


def _head(tx: Connection) -> tuple[int, str]:
    row = tx.execute(
        select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def _digest(seq: int, previous: str, line: dict[str, Any]) -> str:
    at = line["at"].timestamp()
    canonical = json.dumps(
        line | {"at": f"{at:.6f}", "seq": seq},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _note(row: Row[Any]) -> Note:
    return Note(at=row.at, **{name: getattr(row, name) for name in CHAINED})
