"""What the tables say of one entry, read and changed inside a caller's transaction.

The journal's rows are made in ``rows``; who decides what is ``journal``. Start at
``recorded_history`` and ``decided``.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from ecopy.identifiers import EntryId, Sha256
from signing.adapters.journal.rows import outcome_of
from signing.adapters.journal.tables import entries, seal_journal
from signing.domain.attempts import AttemptOutcome, EntryHistory, Fate

CHAIN_LOCK: Final = 4703002
"""The number of PostgreSQL's advisory lock; any that nothing else in this database
uses will do."""
OVER: Final = ("loss", "withdrawal")
"""Kinds of rows after which an outcome is never the copy again."""


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ONE_ENTRY: Final = entries.c.entry == bindparam("one")
_ENTRY: Final = select(entries).where(_ONE_ENTRY)
_NEW_ENTRY: Final = insert(entries)
_RENEW: Final = update(entries).where(_ONE_ENTRY).values(revision=bindparam("new"))
_COPY: Final = update(entries).where(_ONE_ENTRY).values(copy_sha256=bindparam("copy"))
_ARCHIVED: Final = (
    update(entries)
    .where(_ONE_ENTRY)
    .values(archived_sha256=bindparam("copy"), archived_at=bindparam("now"))
)
_CLOSED: Final = update(entries).where(_ONE_ENTRY).values(closed_at=bindparam("now"))
_OF_ENTRY: Final = (
    select(seal_journal)
    .where(seal_journal.c.entry == bindparam("one"))
    .order_by(seal_journal.c.position)
)
_OVER: Final = select(seal_journal.c.position).where(
    seal_journal.c.entry == bindparam("one"),
    seal_journal.c.attempt == bindparam("attempt"),
    seal_journal.c.kind.in_(OVER),
)


def lock(tx: Connection) -> None:
    """Let one transaction at a time write the chain and decide fates, however many
    replicas run; PostgreSQL releases the lock at its end. Two rows on one head would
    fork the chain. SQLite has one writer anyway (BEGIN IMMEDIATE).
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def entry_row(tx: Connection, entry: EntryId) -> Any:
    """The row of *entry* in ``entries``; None if nothing was ever heard of it."""
    return tx.execute(_ENTRY, {"one": entry}).first()


def note_revision(tx: Connection, entry: EntryId, revision: int) -> None:
    """Write the highest revision of an order that was seen; the caller has the lock."""
    row = entry_row(tx, entry)
    if row is None:
        tx.execute(_NEW_ENTRY, {"entry": entry, "revision": revision})
        return
    if row.revision < revision:
        tx.execute(_RENEW, {"one": entry, "new": revision})


def note_copy(tx: Connection, entry: EntryId, copy: Sha256 | None) -> None:
    tx.execute(_COPY, {"one": entry, "copy": copy})


def note_archived(tx: Connection, entry: EntryId, copy: Sha256, now: object) -> None:
    tx.execute(_ARCHIVED, {"one": entry, "copy": copy, "now": now})


def note_closed(tx: Connection, entry: EntryId, now: object) -> None:
    tx.execute(_CLOSED, {"one": entry, "now": now})


def decided(tx: Connection, outcome: AttemptOutcome) -> Fate | None:
    """The fate of *outcome*; None while nobody has decided it."""
    row = entry_row(tx, outcome.entry)
    digest = outcome.copy_ref.sha256
    if row is not None and row.copy_sha256 is not None:
        return Fate.COPY if row.copy_sha256 == digest else Fate.BEATEN
    if is_over(tx, outcome):
        return Fate.LOST
    if row is None:
        return None
    if row.archived_sha256 not in (None, digest):
        return Fate.BEATEN
    # Of a number that ended, or whose order was renewed while this copy was made,
    # nothing becomes the copy any more.
    ended = row.closed_at is not None or row.revision > outcome.revision
    return Fate.LOST if ended else None


def is_over(tx: Connection, outcome: AttemptOutcome) -> bool:
    """Whether *outcome* was written off or withdrawn."""
    which = {"one": outcome.entry, "attempt": str(outcome.attempt)}
    return tx.execute(_OVER, which).first() is not None


def recorded_history(tx: Connection, entry: EntryId) -> EntryHistory:
    row = entry_row(tx, entry)
    if row is None:
        return EntryHistory(0, copy=None, undecided=())
    rows = tx.execute(_OF_ENTRY, {"one": entry}).all()
    over = _outcomes(rows, OVER)
    ended = {outcome.attempt for outcome in over}
    issues = [o for o in _outcomes(rows, ("issue",)) if o.attempt not in ended]
    ended |= {outcome.attempt for outcome in issues}
    made = _outcomes(rows, ("outcome",))
    return EntryHistory(
        row.revision,
        copy=next(iter(issues), None),
        undecided=tuple(o for o in made if o.attempt not in ended),
        written_off=over,
        archived=row.archived_sha256,
        closed=row.closed_at is not None,
        orders=_orders(rows),
    )


def _outcomes(
    rows: Iterable[Row[Any]], kinds: Sequence[str]
) -> tuple[AttemptOutcome, ...]:
    return tuple(outcome_of(row) for row in rows if row.kind in kinds)


def _orders(rows: Iterable[Row[Any]]) -> dict[int, Sha256]:
    """The digest of each revision's order, as intents and outcomes noted it."""
    noted = (
        (row.revision, json.loads(row.facts).get("order_sha256"))
        for row in rows
        if row.kind in ("intent", "outcome")
    )
    return {revision: digest for revision, digest in noted if digest is not None}
