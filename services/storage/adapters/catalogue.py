"""The catalogue in SQL: what was ordered, what is archived, which link opens what.

Tables are in ``tables``; what a row means is in ``storage.domain.copies``. Start at
``SqlCatalogue.enter``, then at ``settle``: both decide under one lock.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, insert, select, text, update

from chassis import outbox
from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import CertificationOrdered, CopyArchived, Event
from ecopy.identifiers import EntryId, Sha256
from ecopy.refusals import Reason, Refusal
from storage.adapters import link_factors, links, ratings
from storage.adapters.beginnings import erased_copy
from storage.adapters.copy_rows import copy_of, row_of, select_copies
from storage.adapters.tables import (
    accesses,
    closures,
    copies,
    orders,
    rejections,
)
from storage.domain.copies import ArchivedCopy, FoundLink, Link
from storage.domain.records import Stored
from storage.domain.rulings import EntryStanding, Ruling

SOURCE: Final = "storage"
RULING_LOCK: Final = 4703003
"""The number of PostgreSQL's advisory lock; any that nothing else in this database
uses will do."""

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_COPY: Final = select_copies().where(copies.c.entry == bindparam("one"))
_COPY_BY_CODE: Final = select_copies().where(copies.c.code == bindparam("one"))
_REJECTED: Final = select(rejections.c.sha256, rejections.c.reason).where(
    rejections.c.entry == bindparam("one")
)
_CLOSED: Final = select(closures.c.revision).where(closures.c.entry == bindparam("one"))
_ORDER: Final = select(orders.c.body).where(orders.c.entry == bindparam("one"))
_REVISION: Final = select(orders.c.revision).where(orders.c.entry == bindparam("one"))
_ANNOUNCED: Final = select(outbox.outbox.c.position).where(
    outbox.outbox.c.event_id == bindparam("one")
)
_NEW_ORDER: Final = insert(orders)
_NEW_COPY: Final = insert(copies)
_NEW_REJECTION: Final = insert(rejections)
_NEW_CLOSURE: Final = insert(closures)


class SqlCatalogue:
    """Over SQLite or PostgreSQL; a database that does not answer is Trouble."""

    def __init__(self, database: Database, clock: Clock, *, address_key: bytes) -> None:
        """``address_key`` makes the digests of addresses worthless to others."""
        self._database = database
        self._clock = clock
        self._address_key = address_key

    async def standing(self, entry: EntryId) -> EntryStanding:
        return await self._database.read(lambda tx: _standing(tx, entry))

    async def settle(
        self, entry: EntryId, rule: Callable[[EntryStanding], Ruling]
    ) -> Ruling:
        return await self._database.write(lambda tx: self._settle(tx, entry, rule))

    async def order(self, entry: EntryId) -> CertificationOrdered | None:
        return await self._database.read(lambda tx: _order(tx, entry))

    async def copy(self, entry: EntryId) -> ArchivedCopy | None:
        return await self._database.read(lambda tx: _one(tx, _COPY, entry))

    async def erased(self, entry: EntryId, beginning: int) -> Stored | None:
        return await self._database.read(lambda tx: erased_copy(tx, entry, beginning))

    async def copy_by_code(self, code: str) -> ArchivedCopy | None:
        return await self._database.read(lambda tx: _one(tx, _COPY_BY_CODE, code))

    async def copies_by_digest(
        self, digests: tuple[Sha256, ...]
    ) -> dict[Sha256, ArchivedCopy]:
        query = select_copies().where(copies.c.sha256.in_(digests))
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        return {row.sha256: copy_of(row) for row in rows}

    async def copy_by_token(self, token_sha256: Sha256) -> FoundLink | None:
        return await self._database.read(lambda tx: _by_token(tx, token_sha256))

    async def enter(self, copy: ArchivedCopy, link: Link, event: CopyArchived) -> bool:
        return await self._database.write(lambda tx: _enter(tx, copy, link, event))

    async def announce(self, event: Event) -> None:
        await self._database.write(lambda tx: _announce(tx, event))

    async def log_access(self, link: Link, what: str, address: str) -> None:
        row = {
            "at": self._clock(),
            "entry": link.entry,
            "what": what,
            # Keyed, because there are so few IPv4 addresses that a plain digest of one
            # is undone by trying all of them.
            "address_digest": hmac.digest(
                self._address_key, address.encode(), hashlib.sha256
            ).hex(),
        }
        await self._database.write(lambda tx: _log(tx, link, row))

    def _settle(
        self, tx: Connection, entry: EntryId, rule: Callable[[EntryStanding], Ruling]
    ) -> Ruling:
        _lock(tx)
        ruling = rule(_standing(tx, entry))
        if ruling.order is not None:
            self._record_order(tx, ruling.order)
        if ruling.rejection is not None:
            row = {"sha256": ruling.rejection.copy, "reason": ruling.rejection.reason}
            tx.execute(_NEW_REJECTION, {"entry": entry, "at": self._clock(), **row})
        if ruling.closed_at_revision is not None:
            revised = {"revision": ruling.closed_at_revision}
            tx.execute(_NEW_CLOSURE, {"entry": entry, "at": self._clock(), **revised})
        for event in ruling.events:
            _announce(tx, event)
        return ruling

    def _record_order(self, tx: Connection, order: CertificationOrdered) -> None:
        row = {
            "revision": order.revision,
            "body": order.encode("intake"),
            "recorded_at": self._clock(),
        }
        # Two first deliveries at once: one insert breaks on the primary key. Its event
        # is tried again and finds the other's row.
        if tx.scalar(_REVISION, {"one": order.entry}) is None:
            tx.execute(_NEW_ORDER, {"entry": order.entry, **row})
            return
        # Compared by the database, not by what was read above: of two revisions that
        # come at once the higher one must stay, in whichever order they are written.
        newer = (orders.c.entry == order.entry) & (orders.c.revision < order.revision)
        tx.execute(update(orders).where(newer).values(row))


def _lock(tx: Connection) -> None:
    """Let one transaction at a time decide what becomes of copies and numbers, however
    many replicas run: archived and rejected, or archived and closed, must never both
    come true. PostgreSQL releases the lock at the end; SQLite has one writer anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": RULING_LOCK})


def _standing(tx: Connection, entry: EntryId) -> EntryStanding:
    return replace(_answered(tx, entry), order=_order(tx, entry))


def _answered(tx: Connection, entry: EntryId) -> EntryStanding:
    """How the number was answered until now, without its order: to read that takes
    longer than all the rest.
    """
    which = {"one": entry}
    return EntryStanding(
        copy=_one(tx, _COPY, entry),
        rejected={row.sha256: row.reason for row in tx.execute(_REJECTED, which)},
        closed=tx.scalar(_CLOSED, which) is not None,
    )


def _order(tx: Connection, entry: EntryId) -> CertificationOrdered | None:
    body = tx.scalar(_ORDER, {"one": entry})
    return None if body is None else CertificationOrdered.decode(body)


def _enter(tx: Connection, copy: ArchivedCopy, link: Link, event: CopyArchived) -> bool:
    """The first copy of an entry stays; a fact commits with its cause."""
    _lock(tx)
    standing = _answered(tx, copy.entry)
    existing = standing.copy
    if existing is not None and existing.sha256 != copy.sha256:
        raise Refusal(Reason.OTHER_COPY_ARCHIVED, existing.sha256)
    if existing is not None:
        return True
    if standing.bars(copy.sha256):
        return False
    # Where two processes both found nothing, the primary key lets one insert through;
    # the other's event is tried again and meets the row.
    tx.execute(_NEW_COPY, row_of(copy))
    links.enter(tx, link)
    outbox.add(tx, event, source=SOURCE)
    return True


def _announce(tx: Connection, event: Event) -> None:
    if tx.scalar(_ANNOUNCED, {"one": event.id}) is None:
        outbox.add(tx, event, source=SOURCE)


def _one(tx: Connection, query: Select[Any], named: str) -> ArchivedCopy | None:
    row = tx.execute(query, {"one": named}).first()
    return None if row is None else copy_of(row)


def _log(tx: Connection, link: Link, row: dict[str, Any]) -> None:
    tx.execute(insert(accesses).values(row))
    links.note_use(tx, link.entry, link.generation, row["what"], row["at"])


def _by_token(tx: Connection, token_sha256: Sha256) -> FoundLink | None:
    found = links.by_token(tx, token_sha256)
    if found is None:
        return None
    newest, copy = (
        links.newest(tx, found.entry),
        _one(tx, _COPY, found.entry),
    )
    if newest is None or copy is None:
        return None
    factor = link_factors.factor_of(tx, found.entry, found.generation)
    rated = ratings.is_rated(tx, token_sha256)
    return FoundLink(found, newest, copy, factor, rated)
