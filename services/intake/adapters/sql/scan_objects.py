"""Which objects of the bucket of scans are used, and by which file.

Keys are named by digests, so two papers may share one, and the same bytes may arrive
again while they are being removed. Three transactions decide, each under the lock of
the object's own row: ``claim`` before the bytes are put, ``use`` with the row of the
file that is made of them, and ``condemn`` before they are deleted. A condemned key is
never written again (docs/decisions/0102). Start at ``claim``.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.clock import Clock
from chassis.database import Database
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.sql.tables import scan_objects, scan_uses
from intake.domain.records import CaseDocument

ROWS: Final = 500
"""So many keys in one statement: SQLite bounds how many values one may have."""


class SqlScanClaims:
    """``scans.Claims``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, *names: str) -> dict[str, str]:
        at = self._clock()
        return await self._database.write(lambda tx: claim(tx, names, at))


def claim(tx: Connection, names: Iterable[str], at: datetime) -> dict[str, str]:
    """Name → the key under which these bytes are to be put. Whoever removes objects
    leaves a claimed key alone for a day.
    """
    wanted = sorted(set(names))
    latest = _latest(tx, wanted)
    # Another transaction may make the same rows at the same moment: whoever is second
    # waits for its commit, makes nothing, and looks again.
    while lacking := [n for n in wanted if n not in latest or _gone(latest[n])]:
        rows = [_row(n, _after(latest.get(n)), at, idle_since=at) for n in lacking]
        insert_new(tx, scan_objects, rows)
        latest = _latest(tx, wanted)
    keys = {name: latest[name].key for name in wanted}
    for some in _portions(sorted(keys.values())):
        mine = scan_objects.c.key.in_(some)
        tx.execute(update(scan_objects).where(mine).values(claimed_at=at))
    return keys


def note_uses(tx: Connection, before: CaseDocument, after: CaseDocument) -> None:
    """In the transaction that stores *after*: what its new files are made of is used.
    Raises Trouble(STORE) if one of these objects was condemned meanwhile.
    """
    known = {file.id: file.object_keys for file in before.files}
    for file in after.files:
        if new := file.object_keys - known.get(file.id, frozenset()):
            use(tx, file.id, after.id, new, after.changed_at)
    if after.original is not None and after.original != before.original:
        use(tx, after.id, after.id, {after.original.ref.key}, after.changed_at)


def use(
    tx: Connection, owner: str, document: str, keys: Iterable[str], at: datetime
) -> None:
    wanted = sorted(set(keys))
    # A key without a row was never claimed, so it was never condemned either.
    insert_new(tx, scan_objects, [_row(key, 1, at) for key in wanted])
    for some in _portions(wanted):
        mine = scan_objects.c.key.in_(some)
        locked = tx.execute(
            select(scan_objects)
            .where(mine)
            .order_by(scan_objects.c.key)
            .with_for_update()
        ).all()
        if gone := next((row.key for row in locked if _gone(row)), None):
            # Nothing is lost: the upload is sent again, the rebuild is done again, and
            # both get a key of the next generation.
            raise Trouble(Hindrance.STORE, f"{gone} was removed meanwhile")
        tx.execute(update(scan_objects).where(mine).values(idle_since=None))
    rows = [{"key": key, "owner": owner, "document": document} for key in wanted]
    insert_new(tx, scan_uses, rows)


def release(tx: Connection, document: str, at: datetime) -> int:
    """The document uses its objects no more; how many objects that were."""
    own = select(scan_uses.c.key).where(scan_uses.c.document == document)
    keys = sorted(set(tx.scalars(own)))
    for some in _portions(keys):
        mine = scan_objects.c.key.in_(some)
        tx.execute(
            select(scan_objects.c.key)
            .where(mine)
            .order_by(scan_objects.c.key)
            .with_for_update()
        )
        tx.execute(
            scan_uses.delete().where(
                scan_uses.c.document == document, scan_uses.c.key.in_(some)
            )
        )
        idle = update(scan_objects).where(mine, ~_used()).values(idle_since=at)
        tx.execute(idle)
    return len(keys)


def condemn(tx: Connection, before: datetime, most: int, at: datetime) -> list[str]:
    """Keys that nobody has used, nor claimed, since *before*: from now on nobody may.

    On PostgreSQL the lock of a row waits for a ``use`` that has it, and looks at the
    row anew afterwards; the uses are asked once more under all of the locks.
    """
    idle = (
        select(scan_objects.c.key)
        .where(
            scan_objects.c.idle_since < before,
            scan_objects.c.claimed_at < before,
            scan_objects.c.condemned_at.is_(None),
        )
        .order_by(scan_objects.c.key)
        .limit(most)
        .with_for_update()
    )
    keys = list(tx.scalars(idle))
    for some in _portions(keys):
        mine = scan_objects.c.key.in_(some)
        tx.execute(update(scan_objects).where(mine, ~_used()).values(condemned_at=at))
    return keys


def condemned(tx: Connection, most: int) -> list[str]:
    """Keys whose objects are still to be deleted."""
    query = (
        select(scan_objects.c.key)
        .where(
            scan_objects.c.condemned_at.is_not(None),
            scan_objects.c.removed_at.is_(None),
            scan_objects.c.idle_since.is_not(None),
        )
        .order_by(scan_objects.c.idle_since)
        .limit(most)
    )
    return list(tx.scalars(query))


def note_removed(tx: Connection, keys: Sequence[str], at: datetime) -> None:
    """``idle_since`` goes, too, so that its index has only what is still to be done."""
    for some in _portions(keys):
        mine = scan_objects.c.key.in_(some)
        values = {"removed_at": at, "idle_since": None}
        tx.execute(update(scan_objects).where(mine).values(values))


def _used() -> Any:
    return exists().where(scan_uses.c.key == scan_objects.c.key)


def _latest(tx: Connection, names: Sequence[str]) -> dict[str, Row[Any]]:
    """The row of the highest generation of each name, locked to the end of the
    transaction.
    """
    found: dict[str, Row[Any]] = {}
    for some in _portions(names):
        query = (
            select(scan_objects)
            .where(scan_objects.c.name.in_(some))
            .order_by(scan_objects.c.name, scan_objects.c.generation)
            .with_for_update()
        )
        found |= {row.name: row for row in tx.execute(query)}
    return found


def _gone(row: Row[Any]) -> bool:
    return row.condemned_at is not None


def _after(row: Row[Any] | None) -> int:
    return 1 if row is None else int(row.generation) + 1


def _row(
    name: str, generation: int, at: datetime, idle_since: datetime | None = None
) -> dict[str, Any]:
    return {
        "key": _key(name, generation),
        "name": name,
        "generation": generation,
        "claimed_at": at,
        "idle_since": idle_since,
    }


def _key(name: str, generation: int) -> str:
    """``raw/<digest>``, after that ``raw/2/<digest>`` and so on."""
    if generation == 1:
        return name
    folder, _, rest = name.partition("/")
    return f"{folder}/{generation}/{rest}"


def insert_new(tx: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    made = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(made(table).on_conflict_do_nothing(), rows)


def _portions(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[at : at + ROWS] for at in range(0, len(keys), ROWS))
