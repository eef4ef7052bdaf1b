"""Cases that ended long ago give their scans up.

``release_case`` is the decision; what becomes of the objects is in ``scan_objects``.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, case, func, select, update

from intake.adapters.sql import audit, page_texts, rows, scan_objects
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import cases, documents, files, scan_uses
from intake.adapters.sql.tables import scan_objects as objects_table
from intake.domain.records import Note
from intake.domain.retention import GIVES_UP

AHEAD: Final = timedelta(minutes=5)
"""What was written farther ahead was written by a clock that was set back since."""
ALL: Final = 1000


def due_cases(tx: Connection, before: datetime, most: int) -> list[str]:
    """Codes of cases whose papers have all ended, the last of them before *before*."""
    return list(tx.scalars(_due(before).limit(most)))


def release_case(tx: Connection, code: str, before: datetime, at: datetime) -> None:
    """The papers of a case use their objects no more, all in one transaction with the
    audit's line; nothing where the case is not due any more.
    """
    # The lock under which a paper is added to a case: an ended case stays ended.
    hold(tx, f"case/{code}")
    mine = documents.c.case == code
    found = tx.execute(select(documents).where(mine).with_for_update()).all()
    if code not in tx.scalars(_due(before).where(mine)).all():
        return
    released = sum(scan_objects.release(tx, row.id, at) for row in found)
    tx.execute(update(documents).where(mine).values(scans_removed_at=at))
    for row in found:
        page_texts.release(tx, row.id)
    if released:
        values: dict[str, str | int] = {"objects": released}
        agency = found[0].agency
        audit.append(tx, Note(at, "", "", agency, "scans-removed", code, values=values))


def adopt(tx: Connection, most: int) -> int:
    """Note the uses of files that a version before this one has stored beside it; how
    many files that were.
    """
    unnoted = (
        select(files)
        .join(documents, documents.c.id == files.c.document)
        .outerjoin(scan_uses, scan_uses.c.owner == files.c.id)
        .where(documents.c.scans_removed_at.is_(None), scan_uses.c.owner.is_(None))
        .limit(most)
    )
    found = tx.execute(unnoted).all()
    for row in found:
        file = rows.file_of(row)
        keys = file.object_keys
        scan_objects.use(tx, file.id, file.document, keys, file.uploaded_at)
    return len(found)


def adopt_all(tx: Connection) -> None:
    """``adopt``, and the originals, whatever their number: asked once a day."""
    while adopt(tx, ALL):
        pass
    unnoted = (
        select(documents)
        .outerjoin(scan_uses, scan_uses.c.owner == documents.c.id)
        .where(documents.c.original.is_not(None), scan_uses.c.owner.is_(None))
        .where(documents.c.scans_removed_at.is_(None))
    )
    for row in tx.execute(unnoted).all():
        known = rows.document_of(tx, row)
        if known.original is not None:
            key = known.original.ref.key
            scan_objects.use(tx, known.id, known.id, {key}, known.changed_at)


def released_ahead(tx: Connection, now: datetime) -> list[str]:
    """Documents that gave their scans up by a clock that was set back since."""
    ahead = documents.c.scans_removed_at > now + AHEAD
    return list(tx.scalars(select(documents.c.id).where(ahead)))


def take_back(tx: Connection, document: str) -> None:
    """The document uses its objects again. Raises Trouble(STORE), and changes nothing,
    if one of them is condemned already.
    """
    mine = documents.c.id == document
    tx.execute(update(documents).where(mine).values(scans_removed_at=None))
    for owner, keys, at in _owned(tx, document):
        scan_objects.use(tx, owner, document, keys, at)


def pull_back(tx: Connection, now: datetime) -> None:
    """Moments of objects that lie ahead are of today."""
    for column in (objects_table.c.idle_since, objects_table.c.claimed_at):
        ahead = update(objects_table).where(column > now + AHEAD)
        tx.execute(ahead.values({column: now}))


def due_objects(before: datetime) -> Select[Any]:
    """Counts the objects that due cases use."""
    of_due = select(documents.c.id).where(documents.c.case.in_(_due(before)))
    return select(func.count(scan_uses.c.key.distinct())).where(
        scan_uses.c.document.in_(of_due)
    )


def _owned(
    tx: Connection, document: str
) -> Iterator[tuple[str, frozenset[str], datetime]]:
    row = tx.execute(select(documents).where(documents.c.id == document)).one()
    known = rows.document_of(tx, row)
    for file in known.files:
        yield file.id, file.object_keys, file.uploaded_at
    if known.ordinal == 1:
        yield from _agreed(tx, known.case)
    if known.original is not None:
        yield known.id, frozenset({known.original.ref.key}), known.changed_at


def _agreed(
    tx: Connection, code: str
) -> Iterator[tuple[str, frozenset[str], datetime]]:
    """What was agreed in writing lies with the first paper of its case."""
    row = tx.execute(select(cases).where(cases.c.code == code)).one()
    for agreement in rows.case_of(row).agreements:
        yield agreement.id, agreement.object_keys, agreement.at


def _due(before: datetime) -> Select[Any]:
    open_ones = func.sum(case((documents.c.state.in_(GIVES_UP), 0), else_=1))
    return (
        select(documents.c.case)
        .where(documents.c.scans_removed_at.is_(None))
        .group_by(documents.c.case)
        .having(open_ones == 0, func.max(documents.c.changed_at) < before)
        .order_by(documents.c.case)
    )
