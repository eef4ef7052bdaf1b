"""Arrivals in the database, with the objects that they use.

An arrival uses its objects under its own id (docs/decisions/0102) until a paper does,
or until retention gives them up (``held_arrivals``). Start at ``SqlArrivals.change``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from chassis import crash
from chassis.clock import Clock
from chassis.database import Database
from intake.adapters.sql import audit, form_uses, hot_folders, papers, scan_objects
from intake.adapters.sql.tables import arrivals
from intake.domain.arrivals import Arrival, FolderReport, Moved
from intake.domain.records import CaseDocument, Note, NotFound, Outcome

FIELDS: Final = tuple(c.name for c in arrivals.c if c.name != "touched_at")
BATCH: Final = 20
SHOWN: Final = 200
"""So many of each kind stand on the page; a clerk who has more assigns some first."""
Decide = Callable[[tuple[Arrival, ...], CaseDocument | None], Moved]


class SqlArrivals:
    """``ports.Arrivals``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, arrival: Arrival, note: Note) -> Arrival:
        return await self._database.write(lambda tx: _add(tx, arrival, note))

    async def find(self, arrival: str) -> Arrival:
        return await self._database.read(lambda tx: _find(tx, arrival))

    async def unchecked(self) -> tuple[Arrival, ...]:
        return await self._database.read(_unchecked)

    async def settle(self, arrival: Arrival) -> None:
        at = self._clock()
        await self._database.write(lambda tx: _settle(tx, arrival, at))

    async def waiting(self, agency: str) -> int:
        return await self._database.read(lambda tx: _waiting(tx, agency))

    async def of_agency(self, agency: str, since: datetime) -> tuple[Arrival, ...]:
        return await self._database.read(lambda tx: _of_agency(tx, agency, since))

    async def change(
        self, ids: tuple[str, ...], document: str, decide: Decide
    ) -> Moved:
        at = self._clock()
        return await form_uses.write(
            self._database,
            lambda tx: _change(tx, ids, document, decide, at),
            lambda _: {},
        )

    async def report(self, seen: FolderReport) -> None:
        await self._database.write(lambda tx: hot_folders.report(tx, seen))

    async def folders(self, agency: str = "") -> tuple[FolderReport, ...]:
        return await self._database.read(lambda tx: hot_folders.folders(tx, agency))


def _add(tx: Connection, arrival: Arrival, note: Note) -> Arrival:
    """The arrival; or the one that was made of the same file before a crash."""
    found = tx.execute(
        select(arrivals).where(arrivals.c.origin == arrival.origin)
    ).first()
    if found is not None:
        return _arrival(found)
    tx.execute(
        insert(arrivals).values(**_values(arrival), touched_at=arrival.arrived_at)
    )
    _use(tx, arrival, arrival.arrived_at)
    audit.append(tx, note)
    crash.reached("intake-arrival-before-commit")
    return arrival


def _find(tx: Connection, arrival: str) -> Arrival:
    found = tx.execute(select(arrivals).where(arrivals.c.id == arrival)).first()
    if found is None:
        raise NotFound(arrival)
    return _arrival(found)


def _unchecked(tx: Connection) -> tuple[Arrival, ...]:
    query = select(arrivals).where(arrivals.c.checked == "busy")
    found = tx.execute(query.order_by(arrivals.c.arrived_at).limit(BATCH))
    return tuple(map(_arrival, found))


def _settle(tx: Connection, arrival: Arrival, at: datetime) -> None:
    """Only what the check found; a hand may have moved the arrival meanwhile."""
    found = ("checked", "fault", "detail", "part")
    tx.execute(
        update(arrivals)
        .where(arrivals.c.id == arrival.id, arrivals.c.checked == "busy")
        .values(**{name: getattr(arrival, name) for name in found})
    )
    _use(tx, arrival, at)


def _waiting(tx: Connection, agency: str) -> int:
    mine = (arrivals.c.agency == agency) & (arrivals.c.state == "waiting")
    return tx.scalar(select(func.count()).select_from(arrivals).where(mine)) or 0


def _of_agency(tx: Connection, agency: str, since: datetime) -> tuple[Arrival, ...]:
    waits = arrivals.c.state == "waiting"
    query = (
        select(arrivals)
        .where(
            arrivals.c.agency == agency,
            or_(waits, arrivals.c.at >= since),
        )
        .order_by(waits.desc(), arrivals.c.arrived_at.desc(), arrivals.c.id)
        .limit(SHOWN)
    )
    return tuple(map(_arrival, tx.execute(query)))


def _change(
    tx: Connection, ids: tuple[str, ...], document: str, decide: Decide, at: datetime
) -> Moved:
    # Arrivals first, in the order of their ids, then the paper: nobody who has one of
    # these locks waits for another in the other order.
    before = tuple(_locked(tx, each) for each in sorted(set(ids)))
    where = document or next((a.document for a in before if a.document), "")
    after = _decided(tx, before, where, decide)
    known = {arrival.id: arrival for arrival in before}
    for arrival in after.arrivals:
        if arrival != known[arrival.id]:
            _store(tx, known[arrival.id], arrival, at)
    audit.append(tx, *after.notes)
    return after


def _decided(
    tx: Connection, before: tuple[Arrival, ...], document: str, decide: Decide
) -> Moved:
    if not document:
        return decide(before, None)
    moved: list[Moved] = []

    def on_paper(known: CaseDocument) -> Outcome:
        after = decide(before, known)
        moved.append(after)
        return after.outcome or Outcome(known)

    papers.change(tx, document, on_paper)
    return moved[-1]


def _locked(tx: Connection, arrival: str) -> Arrival:
    query = select(arrivals).where(arrivals.c.id == arrival).with_for_update()
    found = tx.execute(query).first()
    if found is None:
        raise NotFound(arrival)
    return _arrival(found)


def _store(tx: Connection, before: Arrival, after: Arrival, at: datetime) -> None:
    tx.execute(
        update(arrivals)
        .where(arrivals.c.id == after.id)
        .values(**_values(after), touched_at=at)
    )
    if after.state == "assigned":
        scan_objects.release(tx, after.id, at)  # its paper uses them from here on
    elif before.state == "assigned":
        _use(tx, after, at)


def _use(tx: Connection, arrival: Arrival, at: datetime) -> None:
    if arrival.object_keys:
        scan_objects.use(tx, arrival.id, arrival.id, arrival.object_keys, at)


def _values(arrival: Arrival) -> dict[str, Any]:
    return {name: getattr(arrival, name) for name in FIELDS}


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(**{name: getattr(row, name) for name in FIELDS})
