"""The seal journal in SQL: every use of a key, the intent before it, the outcome after.

Rows are chained: ``this`` is the SHA-256 of ``prev`` and of the row's own canonical
text, so a row changed, dropped or slipped in later is found by reading once. The port's
contract is ``ports.py:SealJournal``; start at ``SqlSealJournal._conclude``, where one
transaction decides which copy is the entry's.
"""

from collections.abc import Iterable
from typing import Any, Final

import structlog
from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    insert,
    select,
    text,
    update,
)

from chassis import crash, outbox
from chassis.clock import Clock
from chassis.database import Database
from chassis.hash_chain import Head
from ecopy.events import CopySealed, Event
from ecopy.identifiers import EntryId
from signing.adapters.journal.reading import JournalReading, verified
from signing.adapters.journal.rows import (
    JournalRow,
    attempt_line,
    intended,
    outcome_line,
    outcome_of,
)
from signing.adapters.journal.tables import CHAIN, canonical, entries, seal_journal
from signing.domain.attempts import Attempt, AttemptOutcome, EntryHistory, Fate

log = structlog.get_logger()

SOURCE: Final = "signing"
CHAIN_LOCK: Final = 4703002
"""The number of PostgreSQL's advisory lock; any that nothing else in this database
uses will do."""


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ONE_ENTRY: Final = entries.c.entry == bindparam("one")
_ENTRY: Final = select(entries.c.revision, entries.c.copy_sha256).where(_ONE_ENTRY)
_NEW_ENTRY: Final = insert(entries)
_RENEW: Final = update(entries).where(_ONE_ENTRY).values(revision=bindparam("new"))
_ISSUE: Final = update(entries).where(_ONE_ENTRY).values(copy_sha256=bindparam("copy"))
_OF_ENTRY: Final = (
    select(seal_journal)
    .where(seal_journal.c.entry == bindparam("one"))
    .order_by(seal_journal.c.position)
)
_LOSS: Final = select(seal_journal.c.position).where(
    seal_journal.c.entry == bindparam("one"),
    seal_journal.c.attempt == bindparam("attempt"),
    seal_journal.c.kind == "loss",
)
_ANNOUNCED: Final = select(outbox.outbox.c.position).where(
    outbox.outbox.c.event_id == bindparam("event")
)


class SqlSealJournal:
    """The journal over SQLite or PostgreSQL; a database that does not answer raises
    Trouble (``chassis/database.py``).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def history(self, entry: EntryId) -> EntryHistory:
        return await self._database.read(lambda tx: _history(tx, entry))

    async def record_intent(self, attempt: Attempt) -> None:
        def work(tx: Connection) -> None:
            self._append(tx, attempt_line("intent", attempt, intended(attempt)))
            known = _entry_row(tx, attempt.entry)
            _see(tx, attempt.entry, attempt.revision, known)

        await self._database.write(work)
        crash.reached("signing-intent-written")

    async def record_failure(self, attempt: Attempt, why: str) -> None:
        line = attempt_line("failure", attempt, {"why": why[:500]})
        await self._database.write(lambda tx: self._append(tx, line))

    async def record_outcome(self, outcome: AttemptOutcome) -> None:
        line = outcome_line("outcome", outcome)
        await self._database.write(lambda tx: self._append(tx, line))

    async def conclude(self, outcome: AttemptOutcome, event: CopySealed) -> Fate:
        fate = await self._database.write(lambda tx: self._conclude(tx, outcome, event))
        if fate is Fate.COPY:
            log.info("copy_sealed", entry=outcome.entry, size=outcome.copy_ref.size)
        crash.reached("signing-outcome-committed")
        return fate

    async def write_off(self, outcome: AttemptOutcome) -> Fate:
        return await self._database.write(lambda tx: self._write_off(tx, outcome))

    async def announce(self, event: Event, revision: int) -> None:
        """Publish *event* once, however often it is announced."""

        def work(tx: Connection) -> None:
            if tx.execute(_ANNOUNCED, {"event": event.id}).first() is None:
                outbox.add(tx, event, source=SOURCE)
            _lock(tx)
            _see(tx, event.entry, revision, _entry_row(tx, event.entry))

        await self._database.write(work)

    async def verify(self, noted: Head | None = None) -> JournalReading:
        """Read every row once; *noted* is a head from before, which must still be in
        the chain. Raises BrokenChainError.
        """
        return await self._database.read(lambda tx: verified(tx, noted))

    def _conclude(
        self, tx: Connection, outcome: AttemptOutcome, event: CopySealed
    ) -> Fate:
        _lock(tx)
        entry = outcome.entry
        known = _entry_row(tx, entry)
        fate = _decided(tx, outcome, known)
        if fate is None and known is not None and known.revision > outcome.revision:
            fate = Fate.LOST  # the order was renewed while this copy was made
        if fate is not None:
            self._append_loss(tx, outcome, fate)
            return fate
        # The copy, its row and its event commit together: nobody ever hears of a copy
        # that is not in the journal, nor the other way round.
        _see(tx, entry, outcome.revision, known)
        tx.execute(_ISSUE, {"one": entry, "copy": outcome.copy_ref.sha256})
        self._append(tx, outcome_line("issue", outcome))
        outbox.add(tx, event, source=SOURCE)
        return Fate.COPY

    def _write_off(self, tx: Connection, outcome: AttemptOutcome) -> Fate:
        _lock(tx)
        fate = _decided(tx, outcome, _entry_row(tx, outcome.entry)) or Fate.LOST
        self._append_loss(tx, outcome, fate)
        return fate

    def _append_loss(self, tx: Connection, outcome: AttemptOutcome, fate: Fate) -> None:
        """Append one row for an outcome that lost, however often that is asked."""
        if fate is Fate.COPY or _is_written_off(tx, outcome):
            return
        self._append(tx, outcome_line("loss", outcome))
        digest = outcome.copy_ref.sha256
        log.warning("losing_copy_written_off", entry=outcome.entry, sha256=digest)

    def _append(self, tx: Connection, line: JournalRow) -> None:
        _lock(tx)
        row = {
            "kind": line.kind,
            "entry": line.entry,
            "revision": line.revision,
            "attempt": line.attempt,
            "copy_sha256": line.copy_sha256,
            "facts": canonical(line.facts),
            "at": self._clock(),
        }
        CHAIN.append(tx, row)


def _lock(tx: Connection) -> None:
    """Let one transaction at a time write the chain and decide fates, however many
    replicas run; PostgreSQL releases the lock at its end. Two rows on one head would
    fork the chain. SQLite has one writer anyway (BEGIN IMMEDIATE).
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def _entry_row(tx: Connection, entry: EntryId) -> Any:
    """The row of *entry*, ``revision`` and ``copy_sha256``; None if it was never
    ordered.
    """
    return tx.execute(_ENTRY, {"one": entry}).first()


def _see(tx: Connection, entry: EntryId, revision: int, known: Any) -> None:
    """Write the highest revision of an order that was seen. *known*: the entry's row,
    which MUST have been read under the lock.
    """
    if known is None:
        tx.execute(_NEW_ENTRY, {"entry": entry, "revision": revision})
        return
    if known.revision < revision:
        tx.execute(_RENEW, {"one": entry, "new": revision})


def _decided(tx: Connection, outcome: AttemptOutcome, known: Any) -> Fate | None:
    """The fate of *outcome*; None while nobody has decided it."""
    copy = known.copy_sha256 if known is not None else None
    if copy is not None:
        return Fate.COPY if copy == outcome.copy_ref.sha256 else Fate.BEATEN
    return Fate.LOST if _is_written_off(tx, outcome) else None


def _is_written_off(tx: Connection, outcome: AttemptOutcome) -> bool:
    which = {"one": outcome.entry, "attempt": str(outcome.attempt)}
    return tx.execute(_LOSS, which).first() is not None


def _history(tx: Connection, entry: EntryId) -> EntryHistory:
    known = _entry_row(tx, entry)
    if known is None:
        return EntryHistory(0, copy=None, undecided=())
    rows = tx.execute(_OF_ENTRY, {"one": entry}).all()
    by_kind = {kind: _outcomes(rows, kind) for kind in ("outcome", "issue", "loss")}
    settled = {o.attempt for kind in ("issue", "loss") for o in by_kind[kind]}
    return EntryHistory(
        known.revision,
        copy=next(iter(by_kind["issue"]), None),
        undecided=tuple(o for o in by_kind["outcome"] if o.attempt not in settled),
        written_off=by_kind["loss"],
    )


def _outcomes(rows: Iterable[Row[Any]], kind: str) -> tuple[AttemptOutcome, ...]:
    return tuple(outcome_of(row) for row in rows if row.kind == kind)
