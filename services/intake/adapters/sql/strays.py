"""Rows of objects that the bucket of scans had and no table spoke of.

Such a row has no use and is not idle either: no other has both, because whoever claims
a key leaves it idle until it is used. Start at ``note``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, update

from chassis.retention import Amount
from intake.adapters.sql import scan_objects
from intake.adapters.sql.finished import AHEAD
from intake.adapters.sql.tables import scan_objects as table
from intake.adapters.sql.tables import scan_uses

FOLDERS: Final = ("raw", "parts", "originals", "thumbs", "previews")
"""What ``adapters.scans`` names its objects by; others have rows of their own."""
_PLACES: Final = 3
"""``raw/2/<digest>``: a folder, a generation, a name."""


def note(tx: Connection, keys: Sequence[str], at: datetime) -> list[str]:
    """The keys among *keys* that no row had; each has one now."""
    if not keys:
        return []
    known = set(tx.scalars(select(table.c.key).where(table.c.key.in_(keys))))
    new = [key for key in keys if key not in known]
    # Whoever claims one of them at this moment has a row of its own: it stays.
    scan_objects.insert_new(tx, table, [_row(key, at) for key in new])
    return new


def give_up(tx: Connection, before: datetime, most: int, at: datetime) -> list[str]:
    """Those that were noted before *before*, and nobody has used or claimed since, are
    idle from now on; a day later they are condemned as every idle one is.
    """
    due = select(table.c.key).where(_stray(), table.c.claimed_at < before)
    keys = list(tx.scalars(due.order_by(table.c.key).limit(most).with_for_update()))
    mine = and_(table.c.key.in_(keys), _stray())
    tx.execute(update(table).where(mine).values(idle_since=at))
    return keys


def take_back(tx: Connection, now: datetime) -> None:
    """What a clock that ran ahead has given up begins its month anew."""
    ahead = and_(
        table.c.idle_since > now + AHEAD,
        table.c.condemned_at.is_(None),
        ~exists().where(scan_uses.c.key == table.c.key),
    )
    tx.execute(update(table).where(ahead).values(idle_since=None, claimed_at=now))


def amount(tx: Connection, before: datetime | None) -> Amount:
    counted = select(func.count(), func.min(table.c.claimed_at)).where(_stray())
    count, oldest = tx.execute(counted).one()
    due = 0
    if before is not None:
        old = select(func.count()).where(_stray(), table.c.claimed_at < before)
        due = tx.scalar(old) or 0
    return Amount(count, oldest, due)


def _stray() -> ColumnElement[bool]:
    return and_(
        table.c.idle_since.is_(None),
        table.c.condemned_at.is_(None),
        table.c.removed_at.is_(None),
        ~exists().where(scan_uses.c.key == table.c.key),
    )


def _row(key: str, at: datetime) -> dict[str, Any]:
    parts = key.split("/")
    name, generation = key, 1
    if len(parts) == _PLACES and parts[1].isdecimal():
        name, generation = f"{parts[0]}/{parts[2]}", int(parts[1])
    return {
        "key": key,
        "name": name,
        "generation": generation,
        "claimed_at": at,
        "idle_since": None,
    }
