"""Transactional outbox: an event is published if and only if its row committed.

Who hears the event is in ``ecopy.topology``. Start at ``add``, which use cases call,
then at ``Relay.run``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database, note_commit
from ecopy.events import Event

log = structlog.get_logger()

WINDOW: Final = 64
"""Events published before the first acknowledgement is awaited."""
RETRY_SECONDS: Final = 1.0
SWEEP_SECONDS: Final = 5.0
"""A wake-up can be lost with a process of another replica; a sweep is not."""
TOPIC: Final = "outbox"
"""What a commit that added events notes for the relay."""
RELAY_LOCK: Final = "relay"
"""One relay per service, however many replicas run."""


def table(metadata: MetaData) -> Table:
    """The outbox among a service's own tables."""
    return Table(
        "outbox",
        metadata,
        Column(
            "position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True
        ),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("subject", String, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column(
            "created_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        Column("published_at", DateTime(timezone=True)),
        Index(
            "ix_outbox_unpublished",
            "position",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )


outbox: Final = table(MetaData())


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ADD: Final = insert(outbox)
_PENDING: Final = (
    select(outbox.c.position, outbox.c.event_id, outbox.c.subject, outbox.c.body)
    .where(outbox.c.published_at.is_(None))
    .order_by(outbox.c.position)
    .limit(WINDOW)
)
_MARK: Final = (
    update(outbox)
    .where(outbox.c.position.in_(bindparam("positions", expanding=True)))
    .values(published_at=bindparam("now"))
)


def add(tx: Connection, event: Event, *, source: str) -> None:
    """Record *event* in the caller's transaction: a fact commits with its cause."""
    body = event.encode(source)
    tx.execute(_ADD, {"event_id": event.id, "subject": event.subject, "body": body})
    note_commit(tx, TOPIC)


def waiting(tx: Connection) -> tuple[int, datetime | None]:
    """How many events the bus has not taken yet, and since when the oldest waits."""
    count, oldest = tx.execute(
        select(func.count(), func.min(outbox.c.position)).where(
            outbox.c.published_at.is_(None)
        )
    ).one()
    # Looked up by its position: the time is no part of the index.
    since = tx.scalar(select(outbox.c.created_at).where(outbox.c.position == oldest))
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)  # SQLite's own clock, which has no zone
    return count, since


@dataclass(frozen=True, slots=True)
class Letter:
    """A committed event on its way to the stream."""

    position: int
    event_id: UUID
    subject: str
    body: bytes


Publish = Callable[[Sequence[Letter]], Awaitable[int]]
"""Publish in order; return how many the stream has stored, from the first on."""


class Relay:
    """Moves committed events to the stream, oldest first, at least once.

    A crash between publish and mark publishes again under the same message id; the
    stream's duplicate window drops it, and consumers are idempotent anyway.
    """

    def __init__(
        self,
        database: Database,
        publish: Publish,
        clock: Clock,
        *,
        retry_seconds: float = RETRY_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
    ) -> None:
        self._database = database
        self._publish = publish
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._sweep_seconds = sweep_seconds
        self._wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish whenever a commit has added events, until *stop*."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        self._database.on_commit(TOPIC, wake)
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            # Cleared before the table is read: a commit that comes while it is read
            # wakes the next turn.
            self._wake.clear()
            await self._sweep(stopping)
        stopping.cancel()
        await self.drain()

    async def _sweep(self, stopping: asyncio.Task[bool]) -> None:
        try:
            while await self.drain() == WINDOW:
                pass
        except Exception:
            log.exception("relay_failed", retry_in=self._retry_seconds)
            await asyncio.wait([stopping], timeout=self._retry_seconds)
            return
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait(
            [waking, stopping],
            timeout=self._sweep_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        waking.cancel()

    async def drain(self) -> int:
        """Publish one window in order; mark what the stream has stored."""
        if not await self._database.holds(RELAY_LOCK):
            return 0  # another replica's relay is at work
        letters = await self._database.read(_pending)
        if not letters:
            return 0
        # In the order of their positions, so that a copy is never announced before its
        # order.
        stored = await self._publish(letters)
        crash.reached("relay-published")
        # The stream has them. A crash here leaves the rows unmarked: they are published
        # again under the same ids, and the stream drops them.
        now = self._clock()
        if stored:
            positions = [letter.position for letter in letters[:stored]]
            await self._database.write(lambda tx: _mark(tx, positions, now))
        if stored < len(letters):
            # Those behind the first that failed were sent too, and may be stored: they
            # are sent again rather than out of order.
            raise ConnectionError(f"{len(letters) - stored} events not stored yet")
        return len(letters)


def _pending(tx: Connection) -> list[Letter]:
    rows = tx.execute(_PENDING).all()
    return [Letter(r.position, r.event_id, r.subject, r.body) for r in rows]


def _mark(tx: Connection, positions: Sequence[int], now: datetime) -> None:
    """Each position is named: a lower one may still commit later on PostgreSQL."""
    tx.execute(_MARK, {"positions": positions, "now": now})
