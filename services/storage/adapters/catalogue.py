"""The catalogue in SQL: what was ordered, what is archived, which link opens what.

Tables are in ``tables``; what a row means is in ``storage.domain.copies``. Start at
``SqlCatalogue.enter``.
"""

import hashlib
import hmac
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from chassis import outbox
from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import CertificationOrdered, CopyArchived, Event
from ecopy.identifiers import EntryId, Sha256
from ecopy.refusals import Reason, Refusal
from storage.adapters.tables import accesses, copies, links, orders
from storage.domain.copies import ArchivedCopy, Link, PublicFacts, Withdrawal

SOURCE = "storage"


class SqlCatalogue:
    """Over SQLite or PostgreSQL; a database that does not answer is Trouble."""

    def __init__(self, database: Database, clock: Clock, *, address_key: bytes) -> None:
        """``address_key`` makes the digests of addresses worthless to others."""
        self._database = database
        self._clock = clock
        self._address_key = address_key

    async def record_order(self, order: CertificationOrdered) -> None:
        await self._database.write(lambda tx: self._record_order(tx, order))

    async def order(self, entry: EntryId) -> CertificationOrdered | None:
        body = await self._database.read(
            lambda tx: tx.scalar(select(orders.c.body).where(orders.c.entry == entry))
        )
        return None if body is None else CertificationOrdered.decode(body)

    async def copy(self, entry: EntryId) -> ArchivedCopy | None:
        return await self._database.read(lambda tx: _one(tx, copies.c.entry == entry))

    async def copy_by_code(self, code: str) -> ArchivedCopy | None:
        return await self._database.read(lambda tx: _one(tx, copies.c.code == code))

    async def copies_by_digest(
        self, digests: tuple[Sha256, ...]
    ) -> dict[Sha256, ArchivedCopy]:
        query = select(copies).where(copies.c.sha256.in_(digests))
        rows = await self._database.read(lambda tx: tx.execute(query).all())
        return {row.sha256: copy_of(row) for row in rows}

    async def copy_by_token(
        self, token_sha256: Sha256
    ) -> tuple[Link, ArchivedCopy] | None:
        return await self._database.read(lambda tx: _by_token(tx, token_sha256))

    async def enter(self, copy: ArchivedCopy, link: Link, event: CopyArchived) -> None:
        await self._database.write(lambda tx: _enter(tx, copy, link, event))

    async def announce(self, event: Event) -> None:
        await self._database.write(lambda tx: _announce(tx, event))

    async def log_access(self, entry: EntryId, what: str, address: str) -> None:
        row = {
            "at": self._clock(),
            "entry": entry,
            "what": what,
            # Keyed, because there are so few IPv4 addresses that a plain digest of one
            # is undone by trying all of them.
            "address_digest": hmac.digest(
                self._address_key, address.encode(), hashlib.sha256
            ).hex(),
        }
        await self._database.write(lambda tx: tx.execute(insert(accesses).values(row)))

    def _record_order(self, tx: Connection, order: CertificationOrdered) -> None:
        row = {
            "revision": order.revision,
            "body": order.encode("intake"),
            "recorded_at": self._clock(),
        }
        # Two first deliveries at once: one insert breaks on the primary key. Its event
        # is tried again and finds the other's row.
        here = tx.scalar(select(orders.c.revision).where(orders.c.entry == order.entry))
        if here is None:
            tx.execute(insert(orders).values(entry=order.entry, **row))
            return
        # Compared by the database, not by what was read above: of two revisions that
        # come at once the higher one must stay, in whichever order they are written.
        newer = (orders.c.entry == order.entry) & (orders.c.revision < order.revision)
        tx.execute(update(orders).where(newer).values(row))


def _enter(tx: Connection, copy: ArchivedCopy, link: Link, event: CopyArchived) -> None:
    """The first copy of an entry stays; a fact commits with its cause."""
    existing = _one(tx, copies.c.entry == copy.entry)
    if existing is not None and existing.sha256 != copy.sha256:
        raise Refusal(Reason.OTHER_COPY_ARCHIVED, existing.sha256)
    if existing is not None:
        return
    # Where two processes both found nothing, the primary key lets one insert through;
    # the other's event is tried again and meets the row.
    tx.execute(insert(copies).values(_row(copy)))
    tx.execute(
        insert(links).values(
            token_sha256=link.token_sha256,
            entry=link.entry,
            generation=link.generation,
            expires_at=link.expires_at,
        )
    )
    outbox.add(tx, event, source=SOURCE)


def _announce(tx: Connection, event: Event) -> None:
    known = select(outbox.outbox.c.position).where(outbox.outbox.c.event_id == event.id)
    if tx.scalar(known) is None:
        outbox.add(tx, event, source=SOURCE)


def _one(tx: Connection, condition: Any) -> ArchivedCopy | None:
    row = tx.execute(select(copies).where(condition)).first()
    return None if row is None else copy_of(row)


def _by_token(tx: Connection, token_sha256: Sha256) -> tuple[Link, ArchivedCopy] | None:
    found = tx.execute(
        select(links).where(links.c.token_sha256 == token_sha256)
    ).first()
    copy = None if found is None else _one(tx, copies.c.entry == found.entry)
    if found is None or copy is None:
        return None
    return Link(*found), copy


def copy_of(row: Row[Any]) -> ArchivedCopy:
    """The archived copy of a row of ``copies``."""
    return ArchivedCopy(
        entry=row.entry,
        sha256=row.sha256,
        size=row.size,
        pages=row.pages,
        code=row.code,
        facts=PublicFacts(
            agency_code=row.agency_code,
            agency_lines=tuple(row.agency_lines),
            number=row.number,
            book=row.book,
            date=row.date,
            kind=row.kind,
            kind_name=row.kind_name,
            officer_title_lines=tuple(row.officer_title_lines),
        ),
        title=row.title,
        officer_at=row.officer_at,
        seal_at=row.seal_at,
        tsa_name=row.tsa_name,
        demo=row.demo,
        archived_at=row.archived_at,
        withdrawal=_withdrawal(row),
    )


def _withdrawal(row: Row[Any]) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(
        at=row.withdrawn_at,
        decision=row.withdrawn_decision or "",
        reason=row.withdrawn_reason or "",
        successor=row.withdrawn_successor or "",
    )


def _row(copy: ArchivedCopy) -> dict[str, object]:
    facts = copy.facts
    return {
        "entry": copy.entry,
        "sha256": copy.sha256,
        "size": copy.size,
        "pages": copy.pages,
        "code": copy.code,
        "agency_code": facts.agency_code,
        "agency_lines": list(facts.agency_lines),
        "number": facts.number,
        "book": facts.book,
        "date": facts.date,
        "kind": facts.kind,
        "kind_name": facts.kind_name,
        "officer_title_lines": list(facts.officer_title_lines),
        "title": copy.title,
        "officer_at": copy.officer_at,
        "seal_at": copy.seal_at,
        "tsa_name": copy.tsa_name,
        "demo": copy.demo,
        "archived_at": copy.archived_at,
    }
