"""The seal journal in SQL: every use of a key, intent before, outcome after.

Rows are chained: ``this`` is the SHA-256 of ``prev`` and of the row's own canonical
text, so a row changed, dropped or slipped in later is found by reading once.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import (
    Connection,
    Row,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError

from chassis import crash, outbox
from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import CopySealed, Event, SignatureSummary
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.chain import (
    GENESIS,
    canonical,
    digest_of_row,
    entries,
    seal_journal,
    verified,
)
from signing.domain.attempts import Attempt, Outcome, Standing

log = structlog.get_logger()
T = TypeVar("T")

SOURCE: Final = "signing"
CHAIN_LOCK: Final = 4703002
"""PostgreSQL: one writer of the chain at a time, however many replicas run."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A row before it has its place in the chain."""

    kind: str
    entry: EntryId
    revision: int
    attempt: str
    copy_sha256: Sha256 | None
    facts: dict[str, Any]


class SqlSealJournal:
    """Over SQLite or PostgreSQL; a database that does not answer is Trouble."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def standing(self, entry: EntryId) -> Standing:
        return await self._read(lambda tx: _standing(tx, entry))

    async def intend(self, attempt: Attempt) -> None:
        def work(tx: Connection) -> None:
            self._append(tx, _line("intent", attempt, _intended(attempt)))
            _see(tx, attempt.entry, attempt.revision)

        await self._write(work)
        crash.reached("signing-intent-written")

    async def failed(self, attempt: Attempt, why: str) -> None:
        line = _line("failure", attempt, {"why": why[:500]})
        await self._write(lambda tx: self._append(tx, line))

    async def record(self, outcome: Outcome) -> None:
        line = _outcome_line("outcome", outcome)
        await self._write(lambda tx: self._append(tx, line))

    async def conclude(self, outcome: Outcome, event: CopySealed) -> bool:
        def work(tx: Connection) -> bool:
            _lock(tx)
            if _copy_of(tx, outcome.entry) is not None:
                return False
            _see(tx, outcome.entry, outcome.revision)
            digest = outcome.copy_ref.sha256
            tx.execute(
                update(entries)
                .where(entries.c.entry == outcome.entry)
                .values(copy_sha256=digest)
            )
            self._append(tx, _outcome_line("issue", outcome))
            outbox.add(tx, event, source=SOURCE)
            return True

        concluded = await self._write(work)
        if concluded:
            log.info("copy_sealed", entry=outcome.entry, size=outcome.copy_ref.size)
        crash.reached("signing-outcome-committed")
        return concluded

    async def destroyed(self, outcome: Outcome) -> None:
        line = _outcome_line("loss", outcome)
        await self._write(lambda tx: self._append(tx, line))
        digest = outcome.copy_ref.sha256
        log.warning("losing_copy_destroyed", entry=outcome.entry, sha256=digest)

    async def announce(self, event: Event, revision: int) -> None:
        """A repeat of the same event is dropped."""

        def work(tx: Connection) -> None:
            known = select(outbox.outbox.c.position).where(
                outbox.outbox.c.event_id == event.id
            )
            if tx.execute(known).first() is None:
                outbox.add(tx, event, source=SOURCE)
            _see(tx, event.entry, revision)

        await self._write(work)

    async def verify(self) -> int:
        """Rows in an unbroken chain. Raises BrokenChainError."""
        return await self._read(verified)

    async def answers(self) -> bool:
        """Whether the database answers at all."""
        try:
            await self._read(lambda tx: tx.scalar(select(1)))
        except Trouble:
            return False
        return True

    def _append(self, tx: Connection, line: _Line) -> None:
        _lock(tx)
        last = tx.execute(
            select(seal_journal.c.position, seal_journal.c.this)
            .order_by(seal_journal.c.position.desc())
            .limit(1)
        ).first()
        row = {
            **asdict(line),
            "facts": canonical(line.facts),
            "position": last.position + 1 if last else 1,
            "at": self._clock(),
            "prev": last.this if last else GENESIS,
        }
        tx.execute(insert(seal_journal).values(**row, this=digest_of_row(row)))

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


def _lock(tx: Connection) -> None:
    """SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def _see(tx: Connection, entry: EntryId, revision: int) -> None:
    """The highest revision of an order holds."""
    _lock(tx)
    known = tx.scalar(select(entries.c.revision).where(entries.c.entry == entry))
    if known is None:
        tx.execute(insert(entries).values(entry=entry, revision=revision))
        return
    if known < revision:
        tx.execute(
            update(entries).where(entries.c.entry == entry).values(revision=revision)
        )


def _copy_of(tx: Connection, entry: EntryId) -> Sha256 | None:
    found: Sha256 | None = tx.scalar(
        select(entries.c.copy_sha256).where(entries.c.entry == entry)
    )
    return found


def _standing(tx: Connection, entry: EntryId) -> Standing:
    known = tx.execute(select(entries).where(entries.c.entry == entry)).first()
    if known is None:
        return Standing(0, sealed=False, loose=())
    rows = tx.execute(
        select(seal_journal)
        .where(seal_journal.c.entry == entry)
        .order_by(seal_journal.c.position)
    ).all()
    return Standing(known.revision, known.copy_sha256 is not None, tuple(_loose(rows)))


def _loose(rows: Iterable[Row[Any]]) -> Iterable[Outcome]:
    """Outcomes that neither became the entry's copy nor were destroyed."""
    rows = tuple(rows)
    settled = {row.attempt for row in rows if row.kind in ("issue", "loss")}
    for row in rows:
        if row.kind == "outcome" and row.attempt not in settled:
            yield _outcome(row)


def _outcome(row: Row[Any]) -> Outcome:
    facts = json.loads(row.facts)
    first, second = map(SignatureSummary.model_validate, facts["signatures"])
    return Outcome(
        row.attempt,
        row.entry,
        row.revision,
        ObjectRef.model_validate(facts["copy_ref"]),
        (first, second),
    )


def _line(kind: str, attempt: Attempt, facts: dict[str, Any]) -> _Line:
    return _Line(kind, attempt.entry, attempt.revision, str(attempt.id), None, facts)


def _intended(attempt: Attempt) -> dict[str, Any]:
    return {
        "original_sha256": attempt.original_sha256,
        "keys": [asdict(signatory) for signatory in attempt.signatories.both],
    }


def _outcome_line(kind: str, outcome: Outcome) -> _Line:
    facts = {
        "copy_ref": outcome.copy_ref.model_dump(mode="json"),
        "signatures": [s.model_dump(mode="json") for s in outcome.signatures],
    }
    return _Line(
        kind,
        outcome.entry,
        outcome.revision,
        str(outcome.attempt),
        outcome.copy_ref.sha256,
        facts,
    )
