"""Links of archived copies: granted, closed, used, and what the desk hears of it.

The rules are in ``storage.domain.links``. Start at ``SqlLinks``.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis import outbox
from chassis.clock import Clock
from chassis.database import Database
from ecopy.events import LinkFactor, LinkVisits
from ecopy.identifiers import EntryId
from ecopy.refusals import Hindrance, Trouble
from storage.adapters import link_factors
from storage.adapters.tables import copies, link_revocations, link_uses, links
from storage.domain.copies import Link
from storage.domain.factors import Factor
from storage.domain.links import REPORT_EVERY, LinkUse, report

SOURCE: Final = "storage"
AT_ONCE: Final = 100
"""Reports of one turn; the next turn takes the rest."""
_NEW_LINK: Final = insert(links)


class SqlLinks:
    """``ports.Links``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def grant(self, link: Link, factor: LinkFactor | None) -> None:
        await self._database.write(lambda tx: self._grant(tx, link, factor))

    async def answer(self, link: Link, answer: str) -> tuple[bool, Factor] | None:
        return await self._database.write(lambda tx: self._answer(tx, link, answer))

    async def revoke(self, entry: EntryId, generation: int) -> None:
        await self._database.write(lambda tx: self._revoke(tx, entry, generation))

    async def report_due(self) -> int:
        return await self._database.write(lambda tx: _report_due(tx, self._clock()))

    def _grant(self, tx: Connection, link: Link, factor: LinkFactor | None) -> None:
        _check_archived(tx, link.entry)
        # A second delivery, or one that is older than what is here, changes nothing; it
        # is answered all the same, so that a desk that came from a backup learns which
        # generation is the newest.
        tx.execute(
            _insert(tx, links)
            .values(
                token_sha256=link.token_sha256,
                entry=link.entry,
                generation=link.generation,
                expires_at=link.expires_at,
            )
            .on_conflict_do_nothing()
        )
        if factor is not None:
            link_factors.put(tx, link.entry, link.generation, factor)
        _announce(tx, link.entry, self._clock())

    def _answer(
        self, tx: Connection, link: Link, answer: str
    ) -> tuple[bool, Factor] | None:
        now = self._clock()
        found = link_factors.tried(tx, link.entry, link.generation, answer, now)
        if found is not None and not found[1].left:
            _announce(tx, link.entry, now)
        return found

    def _revoke(self, tx: Connection, entry: EntryId, generation: int) -> None:
        _check_archived(tx, entry)
        row = {"entry": entry, "generation": generation, "at": self._clock()}
        closing = _insert(tx, link_revocations).values(row)
        tx.execute(closing.on_conflict_do_nothing())
        _announce(tx, entry, self._clock())


def enter(tx: Connection, link: Link) -> None:
    """The first link of a copy, in the transaction that enters the copy."""
    tx.execute(
        _NEW_LINK,
        {
            "token_sha256": link.token_sha256,
            "entry": link.entry,
            "generation": link.generation,
            "expires_at": link.expires_at,
        },
    )


def note_use(
    tx: Connection, entry: EntryId, generation: int, what: str, now: datetime
) -> None:
    """Count one more use of a link; *what* is ``opened`` or ``fetched``. The first of
    each is reported in the same transaction, the others with the next report.
    """
    counted = link_uses.c[what]
    first, last = link_uses.c[f"{what}_first_at"], link_uses.c[f"{what}_last_at"]
    new = {"opened": 0, "fetched": 0, what: 1, first.name: now, last.name: now}
    added = _insert(tx, link_uses).values(entry=entry, generation=generation, **new)
    times = tx.scalar(
        added.on_conflict_do_update(
            index_elements=["entry", "generation"],
            set_={
                what: counted + 1,
                first.name: func.coalesce(first, now),
                last.name: now,
            },
        ).returning(counted)
    )
    mine = (link_uses.c.entry == entry) & (link_uses.c.generation == generation)
    if times == 1:
        tx.execute(update(link_uses).where(mine).values(report_at=None))
        _announce(tx, entry, now)
        return
    waits = mine & link_uses.c.report_at.is_(None)
    tx.execute(update(link_uses).where(waits).values(report_at=now + REPORT_EVERY))


def by_token(tx: Connection, token_sha256: str) -> Link | None:
    mine = links.c.token_sha256 == token_sha256
    return _link(tx.execute(_links().where(mine)))


def newest(tx: Connection, entry: EntryId) -> Link | None:
    of_entry = _links().where(links.c.entry == entry)
    return _link(tx.execute(of_entry.order_by(links.c.generation.desc()).limit(1)))


def _links() -> Any:
    # A row of before this table had the moment in itself.
    closed = func.coalesce(link_revocations.c.at, links.c.revoked_at)
    columns = (
        links.c.token_sha256,
        links.c.entry,
        links.c.generation,
        links.c.expires_at,
        closed.label("revoked_at"),
    )
    same = (link_revocations.c.entry == links.c.entry) & (
        link_revocations.c.generation == links.c.generation
    )
    return select(*columns).outerjoin(link_revocations, same)


def _link(found: Any) -> Link | None:
    row = found.first()
    return None if row is None else Link(*row)


def _report_due(tx: Connection, now: datetime) -> int:
    query = select(link_uses.c.entry).where(link_uses.c.report_at <= now)
    # Two replicas at once: each takes rows that the other has not.
    due = tx.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for entry in set(due):
        mine = link_uses.c.entry == entry
        tx.execute(update(link_uses).where(mine).values(report_at=None))
        _announce(tx, entry, now)
    return len(due)


def _announce(tx: Connection, entry: EntryId, now: datetime) -> None:
    link = newest(tx, entry)
    if link is not None:
        use = _use(tx, entry, link.generation)
        outbox.add(tx, report(entry, link, use, now), source=SOURCE)


def _use(tx: Connection, entry: EntryId, generation: int) -> LinkUse:
    locked = link_factors.locked_at(tx, entry, generation)
    row = tx.execute(
        select(link_uses).where(
            link_uses.c.entry == entry, link_uses.c.generation == generation
        )
    ).first()
    if row is None:
        return LinkUse(locked_at=locked)
    return LinkUse(
        _visits(row.opened, row.opened_first_at, row.opened_last_at),
        _visits(row.fetched, row.fetched_first_at, row.fetched_last_at),
        locked,
    )


def _visits(
    count: int, first: datetime | None, last: datetime | None
) -> LinkVisits | None:
    if first is None or last is None:
        return None
    return LinkVisits(count=count, first_at=first, last_at=last)


def _check_archived(tx: Connection, entry: EntryId) -> None:
    """Raises Trouble where no copy is archived under this number: the catalogue came
    from a backup that is older than the copy, and ``reconcile`` may bring it back.
    """
    here = tx.scalar(select(copies.c.entry).where(copies.c.entry == entry))
    if here is None:
        raise Trouble(Hindrance.ORDER, f"no copy of {entry}")


def _insert(tx: Connection, table: Any) -> Any:
    made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    return made(table)
