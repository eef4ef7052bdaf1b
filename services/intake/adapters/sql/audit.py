"""The audit: append-only, each line chained to the one before by SHA-256.

A line's hash is over the previous hash and the line as canonical JSON, so that one
changed byte anywhere breaks the chain from there on (``chassis.hash_chain``).
"""

import json
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from chassis import hash_chain
from chassis.chain_report import ChainReading
from chassis.hash_chain import HashChain, Head, stored_instant
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import audit
from intake.domain.records import Note

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
    # Until the transaction ends: two lines on one head would fork the chain.
    hold(tx, "audit")
    for note in notes:
        line = {name: getattr(note, name) for name in CHAINED} | {"at": note.at}
        CHAIN.append(tx, line)


def timeline(tx: Connection, case: str) -> tuple[Note, ...]:
    """What happened to a case, oldest first."""
    rows = tx.execute(select(audit).where(audit.c.case == case).order_by(audit.c.seq))
    return tuple(_note(row) for row in rows)


def verified(tx: Connection, noted: Head | None = None) -> ChainReading:
    """Every line read once; *noted* is a head from before, which must still be in it.

    Raises BrokenChainError.
    """
    head = CHAIN.read(tx, lambda _line: None)
    CHAIN.check_noted(tx, noted)
    return ChainReading(head)


def _canonical(line: hash_chain.Row) -> str:
    """The text that is hashed. Stored lines must verify: it never changes."""
    at = stored_instant(line["at"]).timestamp()
    fields = {name: line[name] for name in CHAINED} | {
        "values": _values(line["values"]),
        "at": f"{at:.6f}",
        "seq": line["seq"],
    }
    canonical = json.dumps(
        fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return f"{line['previous']}\n{canonical}"


def _values(stored: object) -> object:
    """SQLite keeps JSON as text: the same values written otherwise were never ours."""
    if not isinstance(stored, str):
        return stored
    values = json.loads(stored)
    if json.dumps(values) != stored:
        raise ValueError(stored)
    return values


CHAIN: Final = HashChain(
    audit, _canonical, position="seq", before="previous", this="hash"
)


def _note(row: Row[Any]) -> Note:
    return Note(at=row.at, **{name: getattr(row, name) for name in CHAINED})
