"""Every number that was handed out, and where it stands: issued, in work, or void.

Read in one snapshot, from this service's own tables alone. What the others have is
compared elsewhere. Start at ``reckoning``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, select

from chassis.database import Database
from intake.adapters.sql.tables import certifications, documents, register
from intake.domain.states import State

Standing = Literal["issued", "in-work", "void"]


@dataclass(frozen=True, slots=True)
class NumberRun:
    """The numbers of one agency, series and year run through from 1."""

    agency: str
    series: str
    year: int


@dataclass(frozen=True, slots=True)
class ReckonedEntry:
    """One number and where it stands."""

    entry: str
    number: str
    book: NumberRun
    ordinal: int
    standing: Standing
    state: State
    since: datetime
    """When a person last acted on it: for one in work, the start of its age."""
    reason: str = ""
    """The slug of what hinders one in work (``ecopy.refusals``); empty while nothing is
    known to."""
    next_try_at: datetime | None = None
    """When a service tries again, or else when this one asks again; None where a person
    must act."""
    copy_sha256: str | None = None
    """The digest of the archived copy; None for one issued before it was noted."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A number below the highest of its book that stands in no line."""

    book: NumberRun
    ordinal: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Each line of the register once, and what contradicts it. The other three are
    empty in a sound house.
    """

    entries: tuple[ReckonedEntry, ...]
    gaps: tuple[Gap, ...] = field(default=())
    doubles: tuple[str, ...] = field(default=())
    """Entries that share their number, or their document, with another; and those that
    were certified without a line."""
    mismatches: tuple[str, ...] = field(default=())
    """Entries whose sealed digest is not the archived one, or for which the archive
    announced a second copy."""


async def reckoning(database: Database) -> Reckoning:
    """Where every number stands now. Raises Trouble(DATABASE)."""
    return await database.read(_reckoning)


def _reckoning(tx: Connection) -> Reckoning:
    rows = tx.execute(_lines()).all()
    entries = tuple(_entry(row) for row in rows)
    return Reckoning(
        entries=entries,
        gaps=tuple(_gaps(entries)),
        doubles=tuple(sorted({*_doubles(rows), *_without_line(tx)})),
        mismatches=tuple(row.entry for row in rows if _differs(row)),
    )


def _lines() -> Select[Any]:
    return (
        select(
            register.c.entry,
            register.c.number,
            register.c.agency,
            register.c.series,
            register.c.year,
            register.c.ordinal,
            register.c.document,
            documents.c.state,
            documents.c.changed_at,
            certifications.c.setback,
            certifications.c.announce_at,
            certifications.c.copy_sha256,
            certifications.c.sealed_sha256,
            certifications.c.other_sha256,
            certifications.c.issued_at,
        )
        .join(documents, documents.c.id == register.c.document)
        .outerjoin(certifications, certifications.c.entry == register.c.entry)
        .order_by(
            register.c.agency, register.c.series, register.c.year, register.c.ordinal
        )
    )


def _entry(row: Row[Any]) -> ReckonedEntry:
    setback = row.setback
    standing = _standing(row)
    in_work = standing == "in-work"
    hindered = setback is not None and in_work
    halted = hindered and setback.next_try_at is None
    return ReckonedEntry(
        entry=row.entry,
        number=row.number,
        book=NumberRun(row.agency, row.series, row.year),
        ordinal=row.ordinal,
        standing=standing,
        state=State(row.state),
        since=row.changed_at,
        reason=setback.reason if hindered else "",
        next_try_at=_next_try(row) if in_work and not halted else None,
        copy_sha256=row.copy_sha256,
    )


def _standing(row: Row[Any]) -> Standing:
    if row.state == State.VOID:
        return "void"
    return "issued" if row.state == State.ISSUED else "in-work"


def _next_try(row: Row[Any]) -> datetime | None:
    """The service's own try, or ours where it has named none."""
    named: datetime | None = row.setback.next_try_at if row.setback else None
    ours: datetime | None = row.announce_at
    return named or ours


def _gaps(entries: Iterable[ReckonedEntry]) -> Iterable[Gap]:
    books: dict[NumberRun, set[int]] = defaultdict(set)
    for each in entries:
        books[each.book].add(each.ordinal)
    for book, given in books.items():
        for missing in sorted(set(range(1, max(given) + 1)) - given):
            yield Gap(book, missing)


def _doubles(rows: Sequence[Row[Any]]) -> set[str]:
    """Constraints keep these out of a sound database; a restored one is looked at."""
    shared: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for row in rows:
        shared["number", row.agency, row.series, row.year, row.ordinal].add(row.entry)
        shared["document", row.document].add(row.entry)
    return {entry for same in shared.values() if len(same) > 1 for entry in same}


def _without_line(tx: Connection) -> set[str]:
    lines = select(register.c.entry)
    found = select(certifications.c.entry).where(certifications.c.entry.not_in(lines))
    return set(tx.scalars(found))


def _differs(row: Row[Any]) -> bool:
    if row.other_sha256 is not None:
        return True
    both = row.copy_sha256 is not None and row.sealed_sha256 is not None
    return both and row.copy_sha256 != row.sealed_sha256
