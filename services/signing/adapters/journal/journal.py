"""The seal journal in SQL: every use of a key, the intent before it, the outcome after.

Rows are chained: ``this`` is the SHA-256 of ``prev`` and of the row's own canonical
text, so a row changed, dropped or slipped in later is found by reading once. The port's
contract is ``ports.py:SealJournal``; start at ``SqlSealJournal._conclude``, where one
transaction decides which copy is the entry's, then at ``_withdraw``, which takes it
back.
"""

from typing import Final

import structlog
from sqlalchemy import Connection, bindparam, select

from chassis import crash, outbox
from chassis.clock import Clock
from chassis.database import Database
from chassis.hash_chain import Head
from ecopy.events import CopySealed, EntryEvent
from ecopy.identifiers import EntryId, Sha256
from signing.adapters.journal import entry_rows
from signing.adapters.journal.reading import JournalReading, verified
from signing.adapters.journal.rows import (
    JournalRow,
    attempt_line,
    intended,
    outcome_line,
)
from signing.adapters.journal.tables import CHAIN, canonical
from signing.domain.attempts import Attempt, AttemptOutcome, EntryHistory, Fate

log = structlog.get_logger()

SOURCE: Final = "signing"
CLOSED: Final = "closed"
"""Why a copy is withdrawn whose number ended without one."""

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
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
        return await self._database.read(
            lambda tx: entry_rows.recorded_history(tx, entry)
        )

    async def note_order(self, entry: EntryId, revision: int) -> None:
        def work(tx: Connection) -> None:
            entry_rows.lock(tx)
            entry_rows.note_revision(tx, entry, revision)

        await self._database.write(work)
        # A crash behind it changes nothing: the order comes again and is noted again.
        crash.reached("signing-held")

    async def record_intent(self, attempt: Attempt) -> None:
        def work(tx: Connection) -> None:
            self._append(tx, attempt_line("intent", attempt, intended(attempt)))
            entry_rows.note_revision(tx, attempt.entry, attempt.revision)

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

    async def withdraw(
        self, entry: EntryId, copy: Sha256, reason: str
    ) -> tuple[AttemptOutcome, ...]:
        over = await self._database.write(
            lambda tx: self._withdraw(tx, entry, copy, reason)
        )
        crash.reached("signing-withdrawn")
        return over

    async def note_archived(self, entry: EntryId, copy: Sha256) -> None:
        def work(tx: Connection) -> None:
            entry_rows.lock(tx)
            entry_rows.note_revision(tx, entry, 0)
            entry_rows.note_archived(tx, entry, copy, self._clock())

        await self._database.write(work)
        crash.reached("signing-archived-noted")

    async def close(self, entry: EntryId, revision: int) -> tuple[AttemptOutcome, ...]:
        over = await self._database.write(lambda tx: self._close(tx, entry, revision))
        crash.reached("signing-closed")
        return over

    async def announce(self, event: EntryEvent, revision: int) -> None:
        """Publish *event* once, however often it is announced."""

        def work(tx: Connection) -> None:
            if tx.execute(_ANNOUNCED, {"event": event.id}).first() is None:
                outbox.add(tx, event, source=SOURCE)
            entry_rows.lock(tx)
            entry_rows.note_revision(tx, event.entry, revision)

        await self._database.write(work)

    async def announce_copy(self, copy: AttemptOutcome, event: CopySealed) -> bool:
        """Publish *event* once, if *copy* is the entry's copy still."""

        def work(tx: Connection) -> bool:
            entry_rows.lock(tx)
            if entry_rows.decided(tx, copy) is not Fate.COPY:
                return False
            if tx.execute(_ANNOUNCED, {"event": event.id}).first() is None:
                outbox.add(tx, event, source=SOURCE)
            entry_rows.note_revision(tx, event.entry, event.revision)
            return True

        return await self._database.write(work)

    async def verify(self, noted: Head | None = None) -> JournalReading:
        """Read every row once; *noted* is a head from before, which must still be in
        the chain. Raises BrokenChainError.
        """
        return await self._database.read(lambda tx: verified(tx, noted))

    def _conclude(
        self, tx: Connection, outcome: AttemptOutcome, event: CopySealed
    ) -> Fate:
        entry_rows.lock(tx)
        fate = entry_rows.decided(tx, outcome)
        if fate is not None:
            self._append_loss(tx, outcome, fate)
            return fate
        # The copy, its row and its event commit together: nobody ever hears of a copy
        # that is not in the journal, nor the other way round.
        entry_rows.note_revision(tx, outcome.entry, outcome.revision)
        entry_rows.note_copy(tx, outcome.entry, outcome.copy_ref.sha256)
        self._append(tx, outcome_line("issue", outcome))
        outbox.add(tx, event, source=SOURCE)
        return Fate.COPY

    def _write_off(self, tx: Connection, outcome: AttemptOutcome) -> Fate:
        entry_rows.lock(tx)
        fate = entry_rows.decided(tx, outcome) or Fate.LOST
        self._append_loss(tx, outcome, fate)
        return fate

    def _withdraw(
        self, tx: Connection, entry: EntryId, copy: Sha256, reason: str
    ) -> tuple[AttemptOutcome, ...]:
        """Take the entry's copy back, or write its outcome off, if it has these bytes;
        all outcomes with them.
        """
        entry_rows.lock(tx)
        history = entry_rows.recorded_history(tx, entry)
        if history.archived == copy:
            # Storage never rejects what it has archived: this is a fault of ours.
            log.error("archived_copy_rejected", entry=entry, sha256=copy)
            return ()
        issued = history.copy
        if issued is not None and issued.copy_ref.sha256 == copy:
            self._append_withdrawal(tx, issued, reason)
        for outcome in history.undecided:
            if outcome.copy_ref.sha256 == copy:
                self._append_loss(tx, outcome, Fate.LOST)
        over = entry_rows.recorded_history(tx, entry).written_off
        return tuple(o for o in over if o.copy_ref.sha256 == copy)

    def _close(
        self, tx: Connection, entry: EntryId, revision: int
    ) -> tuple[AttemptOutcome, ...]:
        entry_rows.lock(tx)
        history = entry_rows.recorded_history(tx, entry)
        if history.archived is not None:
            log.error("archived_entry_closed", entry=entry)
            return ()
        if history.copy is not None:
            self._append_withdrawal(tx, history.copy, CLOSED)
        for outcome in history.undecided:
            self._append_loss(tx, outcome, Fate.LOST)
        entry_rows.note_revision(tx, entry, revision)
        entry_rows.note_closed(tx, entry, self._clock())
        return entry_rows.recorded_history(tx, entry).written_off

    def _append_withdrawal(
        self, tx: Connection, copy: AttemptOutcome, why: str
    ) -> None:
        entry_rows.note_copy(tx, copy.entry, None)
        self._append(tx, outcome_line("withdrawal", copy, why=why))
        digest = copy.copy_ref.sha256
        log.warning("copy_withdrawn", entry=copy.entry, sha256=digest, reason=why)

    def _append_loss(self, tx: Connection, outcome: AttemptOutcome, fate: Fate) -> None:
        """Append one row for an outcome that lost, however often that is asked."""
        if fate is Fate.COPY or entry_rows.is_over(tx, outcome):
            return
        self._append(tx, outcome_line("loss", outcome))
        digest = outcome.copy_ref.sha256
        log.warning("losing_copy_written_off", entry=outcome.entry, sha256=digest)

    def _append(self, tx: Connection, line: JournalRow) -> None:
        entry_rows.lock(tx)
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
