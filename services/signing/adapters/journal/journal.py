"""The seal journal in SQL: every use of a key, intent before, outcome after.

Rows are chained: ``this`` is the SHA-256 of ``prev`` and of the row's own canonical
text, so a row changed, dropped or slipped in later is found by reading once.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

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
from sqlalchemy.exc import OperationalError

from chassis import crash, outbox
from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import CopySealed, Event
from ecopy.identifiers import EntryId
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.journal.hash_chain import (
    GENESIS,
    Break,
    BrokenChainError,
    Chain,
    Head,
    canonical,
    digest_of_row,
    entries,
    head_at,
    seal_journal,
    verified,
)
from signing.adapters.journal.rows import (
    Line,
    attempt_line,
    intended,
    outcome_line,
    outcome_of,
)
from signing.domain.attempts import Attempt, Fate, Outcome, Standing

log = structlog.get_logger()
T = TypeVar("T")

SOURCE: Final = "signing"
CHAIN_LOCK: Final = 4703002
"""PostgreSQL: one writer of the chain at a time, however many replicas run."""


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ONE_ENTRY: Final = entries.c.entry == bindparam("one")
_ENTRY: Final = select(entries.c.revision, entries.c.copy_sha256).where(_ONE_ENTRY)
_NEW_ENTRY: Final = insert(entries)
_RENEW: Final = update(entries).where(_ONE_ENTRY).values(revision=bindparam("new"))
_ISSUE: Final = update(entries).where(_ONE_ENTRY).values(copy_sha256=bindparam("copy"))
_LAST: Final = (
    select(seal_journal.c.position, seal_journal.c.this)
    .order_by(seal_journal.c.position.desc())
    .limit(1)
)
_APPEND: Final = insert(seal_journal)
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
    """Over SQLite or PostgreSQL; a database that does not answer is Trouble."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def standing(self, entry: EntryId) -> Standing:
        return await self._read(lambda tx: _standing(tx, entry))

    async def intend(self, attempt: Attempt) -> None:
        def work(tx: Connection) -> None:
            self._append(tx, attempt_line("intent", attempt, intended(attempt)))
            known = _known(tx, attempt.entry)
            _see(tx, attempt.entry, attempt.revision, known)

        await self._write(work)
        crash.reached("signing-intent-written")

    async def failed(self, attempt: Attempt, why: str) -> None:
        line = attempt_line("failure", attempt, {"why": why[:500]})
        await self._write(lambda tx: self._append(tx, line))

    async def record(self, outcome: Outcome) -> None:
        line = outcome_line("outcome", outcome)
        await self._write(lambda tx: self._append(tx, line))

    async def conclude(self, outcome: Outcome, event: CopySealed) -> Fate:
        fate = await self._write(lambda tx: self._conclude(tx, outcome, event))
        if fate is Fate.COPY:
            log.info("copy_sealed", entry=outcome.entry, size=outcome.copy_ref.size)
        crash.reached("signing-outcome-committed")
        return fate

    async def write_off(self, outcome: Outcome) -> Fate:
        return await self._write(lambda tx: self._write_off(tx, outcome))

    async def announce(self, event: Event, revision: int) -> None:
        """A repeat of the same event is dropped."""

        def work(tx: Connection) -> None:
            if tx.execute(_ANNOUNCED, {"event": event.id}).first() is None:
                outbox.add(tx, event, source=SOURCE)
            _lock(tx)
            _see(tx, event.entry, revision, _known(tx, event.entry))

        await self._write(work)

    async def verify(self, noted: Head | None = None) -> Chain:
        """Every row read once; *noted* is a head from before, which must still be in
        it. Raises BrokenChainError.
        """
        return await self._read(lambda tx: _verified(tx, noted))

    async def answers(self) -> bool:
        """Whether the journal and the entries can be read."""
        return await self._database.answers((entries, seal_journal))

    def _conclude(self, tx: Connection, outcome: Outcome, event: CopySealed) -> Fate:
        _lock(tx)
        entry = outcome.entry
        known = _known(tx, entry)
        fate = _decided(tx, outcome, known)
        if fate is None and known is not None and known.revision > outcome.revision:
            fate = Fate.LOST
        if fate is not None:
            self._lose(tx, outcome, fate)
            return fate
        _see(tx, entry, outcome.revision, known)
        tx.execute(_ISSUE, {"one": entry, "copy": outcome.copy_ref.sha256})
        self._append(tx, outcome_line("issue", outcome))
        outbox.add(tx, event, source=SOURCE)
        return Fate.COPY

    def _write_off(self, tx: Connection, outcome: Outcome) -> Fate:
        _lock(tx)
        fate = _decided(tx, outcome, _known(tx, outcome.entry)) or Fate.LOST
        self._lose(tx, outcome, fate)
        return fate

    def _lose(self, tx: Connection, outcome: Outcome, fate: Fate) -> None:
        """One row says so, however often it is asked."""
        if fate is Fate.COPY or _is_lost(tx, outcome):
            return
        self._append(tx, outcome_line("loss", outcome))
        digest = outcome.copy_ref.sha256
        log.warning("losing_copy_written_off", entry=outcome.entry, sha256=digest)

    def _append(self, tx: Connection, line: Line) -> None:
        _lock(tx)
        last = tx.execute(_LAST).first()
        row = {
            "kind": line.kind,
            "entry": line.entry,
            "revision": line.revision,
            "attempt": line.attempt,
            "copy_sha256": line.copy_sha256,
            "facts": canonical(line.facts),
            "position": last.position + 1 if last else 1,
            "at": self._clock(),
            "prev": last.this if last else GENESIS,
        }
        tx.execute(_APPEND, {**row, "this": digest_of_row(row)})

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.read(work)
        except OperationalError as error:
            raise Trouble(Hindrance.DATABASE, str(error.orig)) from error

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except OperationalError as error:
            raise Trouble(Hindrance.DATABASE, str(error.orig)) from error


def _verified(tx: Connection, noted: Head | None) -> Chain:
    chain = verified(tx)
    if noted is not None and head_at(tx, noted.rows) != noted.this:
        raise BrokenChainError(noted.rows, Break.HEAD)
    return chain


def _lock(tx: Connection) -> None:
    """SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def _known(tx: Connection, entry: EntryId) -> Any:
    """``revision`` and ``copy_sha256`` of an entry, if it was ever ordered."""
    return tx.execute(_ENTRY, {"one": entry}).first()


def _see(tx: Connection, entry: EntryId, revision: int, known: Any) -> None:
    """The highest revision of an order holds. *known*: read under the lock."""
    if known is None:
        tx.execute(_NEW_ENTRY, {"entry": entry, "revision": revision})
        return
    if known.revision < revision:
        tx.execute(_RENEW, {"one": entry, "new": revision})


def _decided(tx: Connection, outcome: Outcome, known: Any) -> Fate | None:
    """What became of it; None while that is open."""
    copy = known.copy_sha256 if known is not None else None
    if copy is not None:
        return Fate.COPY if copy == outcome.copy_ref.sha256 else Fate.BEATEN
    return Fate.LOST if _is_lost(tx, outcome) else None


def _is_lost(tx: Connection, outcome: Outcome) -> bool:
    which = {"one": outcome.entry, "attempt": str(outcome.attempt)}
    return tx.execute(_LOSS, which).first() is not None


def _standing(tx: Connection, entry: EntryId) -> Standing:
    known = _known(tx, entry)
    if known is None:
        return Standing(0, copy=None, loose=())
    rows = tx.execute(_OF_ENTRY, {"one": entry}).all()
    by_kind = {kind: _outcomes(rows, kind) for kind in ("outcome", "issue", "loss")}
    settled = {o.attempt for kind in ("issue", "loss") for o in by_kind[kind]}
    return Standing(
        known.revision,
        copy=next(iter(by_kind["issue"]), None),
        loose=tuple(o for o in by_kind["outcome"] if o.attempt not in settled),
        lost=by_kind["loss"],
    )


def _outcomes(rows: Iterable[Row[Any]], kind: str) -> tuple[Outcome, ...]:
    return tuple(outcome_of(row) for row in rows if row.kind == kind)
