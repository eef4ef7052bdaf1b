"""The catalogue's tables and the archive's objects counted against each other.

What ``reconcile`` prints. ``findings`` asks the tables alone, one statement each, so
that a loop may ask every minute; ``object_findings`` needs a look at the bucket. Start
at ``findings``.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, exists, func, select

from chassis.objects import Missing, Objects
from ecopy.reckoning import CatalogueLine, Counter, Discrepancy, LinkReckoning
from storage.adapters.aside import SET_ASIDE
from storage.adapters.tables import (
    copies,
    given_up,
    link_factors,
    link_revocations,
    links,
    orders,
)
from storage.domain.copies import archive_key

NONE: Final[Mapping[str, bool]] = {}


def findings(tx: Connection) -> Iterator[Discrepancy]:
    """Rows of the catalogue that lack what they stand on, and numbers that two have."""
    unordered = (
        select(copies.c.entry)
        .outerjoin(orders, orders.c.entry == copies.c.entry)
        .where(orders.c.entry.is_(None))
    )
    for entry in tx.scalars(unordered):
        yield _finding(Counter.MISMATCH, "copy-without-order", entry)
    unlinked = (
        select(copies.c.entry)
        .outerjoin(links, links.c.entry == copies.c.entry)
        .where(links.c.entry.is_(None))
    )
    for entry in tx.scalars(unlinked):
        yield _finding(Counter.MISMATCH, "copy-without-link", entry)
    columns = (copies.c.agency_code, copies.c.number, copies.c.book)
    twice = (
        select(func.min(copies.c.entry), copies.c.number)
        .group_by(*columns)
        .having(func.count() > 1)
    )
    for entry, number in tx.execute(twice):
        yield _finding(Counter.DOUBLE, "archived-twice", entry, number)


def catalogue_lines(tx: Connection) -> tuple[CatalogueLine, ...]:
    """Every entry that was ordered or is archived."""
    ordered = set(tx.scalars(select(orders.c.entry)))
    archived = {
        row.entry: row
        for row in tx.execute(
            select(copies.c.entry, copies.c.sha256, copies.c.archived_at)
        )
    }
    newest = _newest_links(tx)
    return tuple(
        CatalogueLine(
            entry=entry,
            link=newest.get(entry),
            ordered=entry in ordered,
            sha256=archived[entry].sha256 if entry in archived else None,
            archived_at=archived[entry].archived_at if entry in archived else None,
        )
        for entry in sorted(ordered | archived.keys())
    )


def _newest_links(tx: Connection) -> dict[str, LinkReckoning]:
    """Entry → the link of its highest generation."""
    closed = _links_in(tx, link_revocations)
    closed |= _links_in(tx, links, links.c.revoked_at.is_not(None))
    asks = _links_in(tx, link_factors)
    highest = select(links.c.entry, func.max(links.c.generation)).group_by(
        links.c.entry
    )
    return {
        entry: LinkReckoning(
            generation=generation,
            closed=(entry, generation) in closed,
            asks=(entry, generation) in asks,
        )
        for entry, generation in tx.execute(highest)
    }


def _links_in(
    tx: Connection, table: Table, *where: ColumnElement[bool]
) -> set[tuple[str, int]]:
    query = select(table.c.entry, table.c.generation).where(*where)
    return {(row.entry, row.generation) for row in tx.execute(query)}


def archived_sizes(tx: Connection) -> dict[str, tuple[int, str]]:
    """Entry → bytes and digest, as the catalogue has them, of each copy whose file the
    archive keeps.
    """
    gone = exists().where(given_up.c.entry == copies.c.entry)
    rows = tx.execute(
        select(copies.c.entry, copies.c.size, copies.c.sha256).where(~gone)
    )
    return {entry: (size, sha256) for entry, size, sha256 in rows}


def given_up_entries(tx: Connection) -> dict[str, bool]:
    """Entries whose file has had its time → whether it is removed already."""
    rows = tx.execute(select(given_up.c.entry, given_up.c.removed_at))
    return {entry: removed_at is not None for entry, removed_at in rows}


async def object_findings(
    archive: Objects,
    known: Mapping[str, tuple[int, str]],
    *,
    deep: bool,
    gone: Mapping[str, bool] = NONE,
) -> tuple[Discrepancy, ...]:
    """The archive's objects held to the rows *known*: there, of that size and, if
    *deep*, of that digest; and objects without a row, or of a copy that is *gone*
    (``given_up_entries``). Trouble.
    """
    found = []
    expired = {archive_key(entry): removed for entry, removed in gone.items()}
    lacking = {archive_key(entry): entry for entry in known}
    async for key, size in archive.listing():
        if key.startswith(f"{SET_ASIDE}/"):
            continue  # evidence of what was rotten once, and healed
        entry = lacking.pop(key, None)
        if key in expired:
            if expired[key]:
                named = key.removesuffix("/copy.pdf")
                found.append(_finding(Counter.MISMATCH, "removed-is-there", named))
        elif entry is None:
            kind, named = "object-without-row", key.removesuffix("/copy.pdf")
            found.append(_finding(Counter.MISMATCH, kind, named, str(size)))
        elif size != known[entry][0]:
            detail = f"{size} ≠ {known[entry][0]}"
            found.append(_finding(Counter.MISMATCH, "object-size", entry, detail))
        elif deep:
            found += await _compared(archive, key, size, entry, known[entry][1])
    # Archived while the bucket was listed: asked for by name before it counts as lost.
    for key, entry in lacking.items():
        if await archive.size(key) is None:
            found.append(_finding(Counter.MISMATCH, "row-without-object", entry))
    return tuple(found)


async def _compared(
    archive: Objects, key: str, size: int, entry: str, sha256: str
) -> list[Discrepancy]:
    whole = hashlib.sha256()
    try:
        async for chunk in archive.stream(key, 0, size):
            whole.update(chunk)
    except Missing:
        return [_finding(Counter.MISMATCH, "row-without-object", entry)]
    if whole.hexdigest() == sha256:
        return []
    return [_finding(Counter.MISMATCH, "object-digest", entry, whole.hexdigest())]


def _finding(counter: Counter, kind: str, entry: str, detail: str = "") -> Discrepancy:
    return Discrepancy(counter=counter, kind=kind, entry=entry, detail=detail)
