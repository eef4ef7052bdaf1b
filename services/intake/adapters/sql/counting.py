"""The desk's own books counted: every number that was given, and what does not agree.

All of it is one snapshot. Each minute a loop asks for ``reconciliation``; the command
``reconcile`` asks for every line. Start at ``findings``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from ecopy.marks import YearBook
from ecopy.reckoning import (
    Counter,
    Discrepancy,
    LinkReckoning,
    LostRange,
    RegisterReckoning,
)
from intake.adapters.sql.skipping import lost_lines
from intake.adapters.sql.tables import (
    certifications,
    documents,
    register,
    register_skips,
)
from intake.domain.reconciling import Reconciliation
from intake.domain.skipping import LostLines

IN_WORK: Final = ("toseal", "registered", "signed", "voiding")
ENDED: Final = ("issued", "void")
"""With ``IN_WORK`` every state that a paper with a number may be in."""


def reconciliation(tx: Connection, at: datetime) -> Reconciliation:
    """The books' own findings, and how many numbers stand where."""
    counted = tx.execute(
        select(documents.c.state, func.count())
        .join(certifications, certifications.c.document == documents.c.id)
        .group_by(documents.c.state)
    )
    states = {str(state): int(number) for state, number in counted}
    return Reconciliation(
        at=at,
        issued=states.get("issued", 0),
        in_work=sum(states.get(state, 0) for state in IN_WORK),
        void=states.get("void", 0),
        lost=sum(lines.count for lines in lost(tx)),
        findings=tuple(findings(tx)),
    )


def findings(tx: Connection) -> Iterator[Discrepancy]:
    """What does not agree within the desk's own tables."""
    yield from _holes(tx)
    yield from _doubles(tx)
    yield from _mismatches(tx)


def lost(tx: Connection) -> tuple[LostLines, ...]:
    rows = tx.execute(select(register_skips).order_by(register_skips.c.seq))
    return tuple(lost_lines(row) for row in rows)


def lost_ranges(tx: Connection) -> tuple[LostRange, ...]:
    return tuple(
        LostRange(book=str(lines.book), first=lines.first, last=lines.last)
        for lines in lost(tx)
    )


def register_lines(tx: Connection) -> tuple[RegisterReckoning, ...]:
    """Every number that was given, with where its paper stands."""
    rows = tx.execute(
        select(
            register.c.entry,
            documents.c.state,
            documents.c.changed_at,
            certifications.c.setback,
            certifications.c.announce_at,
            certifications.c.issued_at,
            certifications.c.link_generation,
            certifications.c.link_acts,
        )
        .join(documents, documents.c.id == register.c.document)
        .outerjoin(certifications, certifications.c.entry == register.c.entry)
        .order_by(register.c.agency, register.c.year, register.c.ordinal)
    )
    return tuple(_line(row) for row in rows)


def _line(row: Any) -> RegisterReckoning:
    setback = row.setback
    # A service's own try, or the desk's next question; neither where a person must act.
    halted = setback is not None and setback.next_try_at is None
    next_try = (setback.next_try_at if setback else None) or row.announce_at
    return RegisterReckoning(
        entry=row.entry,
        state=row.state,
        since=row.issued_at or row.changed_at,
        reason=setback.reason if setback else "",
        stage=setback.stage if setback else "",
        next_try_at=None if halted else next_try,
        link=_link(row) if row.issued_at else None,
    )


def _link(row: Any) -> LinkReckoning:
    """What people said of the newest link; the first one is of the issue itself."""
    mine = [act for act in row.link_acts if act.generation == row.link_generation]
    return LinkReckoning(
        generation=row.link_generation,
        closed=any(act.expires_at is None for act in mine),
        asks=any(act.factor is not None for act in mine),
        since=max((act.at for act in mine), default=row.issued_at),
    )


def _holes(tx: Connection) -> Iterator[Discrepancy]:
    explained: dict[YearBook, set[int]] = {}
    for lines in lost(tx):
        known = explained.setdefault(lines.book, set())
        known.update(range(lines.first, lines.last + 1))
    for row in tx.execute(_BOOKS):
        book = YearBook(row.agency, row.series, row.year)
        known = explained.pop(book, set())
        highest = max(row.highest, max(known, default=0))
        # Almost always: as many lines as the highest number says, and no more is read.
        if row.lines + len(known) != highest:
            yield from _missing(tx, book, known, highest)
    for book, known in explained.items():  # a book that has lost lines only
        yield from _missing(tx, book, known, max(known))


_BOOKS: Final = select(
    register.c.agency,
    register.c.series,
    register.c.year,
    func.count().label("lines"),
    func.max(register.c.ordinal).label("highest"),
).group_by(register.c.agency, register.c.series, register.c.year)


def _missing(
    tx: Connection, book: YearBook, known: set[int], highest: int
) -> Iterator[Discrepancy]:
    given = set(
        tx.scalars(
            select(register.c.ordinal).where(
                register.c.agency == book.agency,
                register.c.series == book.series,
                register.c.year == book.year,
            )
        )
    )
    for ordinal in range(1, highest + 1):
        if ordinal not in given and ordinal not in known:
            yield _finding(Counter.GAP, "hole", f"{book}/{ordinal}")
    for ordinal in sorted(given & known):
        yield _finding(Counter.DOUBLE, "given-and-lost", f"{book}/{ordinal}")


def _doubles(tx: Connection) -> Iterator[Discrepancy]:
    """The unique constraint forbids it; a book that was put together by hand need not
    have one.
    """
    columns = (
        register.c.agency,
        register.c.series,
        register.c.year,
        register.c.ordinal,
    )
    twice = select(*columns).group_by(*columns).having(func.count() > 1)
    for row in tx.execute(twice):
        book = YearBook(row.agency, row.series, row.year)
        yield _finding(Counter.DOUBLE, "number-twice", f"{book}/{row.ordinal}")


def _mismatches(tx: Connection) -> Iterator[Discrepancy]:
    unordered = (
        select(register.c.entry)
        .outerjoin(certifications, certifications.c.entry == register.c.entry)
        .where(certifications.c.entry.is_(None))
    )
    for entry in tx.scalars(unordered):
        yield _finding(Counter.MISMATCH, "line-without-order", entry)
    unlisted = (
        select(certifications.c.entry)
        .outerjoin(register, register.c.entry == certifications.c.entry)
        .where(register.c.entry.is_(None))
    )
    for entry in tx.scalars(unlisted):
        yield _finding(Counter.MISMATCH, "order-without-line", entry)
    astray = (
        select(certifications.c.entry, documents.c.state)
        .join(documents, documents.c.id == certifications.c.document)
        .where(_astray())
    )
    for entry, state in tx.execute(astray):
        yield _finding(Counter.MISMATCH, "state-astray", entry, state)
    for entry, archived in tx.execute(_DIFFERING):
        yield _finding(Counter.MISMATCH, "another-archived", entry, archived)


_DIFFERING: Final = select(
    certifications.c.entry,
    func.coalesce(certifications.c.other_sha256, certifications.c.copy_sha256),
).where(
    or_(
        certifications.c.other_sha256.is_not(None),
        certifications.c.copy_sha256 != certifications.c.sealed_sha256,
    )
)
"""Numbers for which the archive announced a second copy, or another than signing did:
a comparison with a missing digest is no difference."""


def _astray() -> ColumnElement[bool]:
    """A paper with a number is issued, in work or void, and nothing else."""
    issued = documents.c.state == "issued"
    return or_(
        documents.c.state.not_in((*IN_WORK, *ENDED)),
        and_(issued, certifications.c.issued_at.is_(None)),
        and_(~issued, certifications.c.issued_at.is_not(None)),
    )


def _finding(counter: Counter, kind: str, entry: str, detail: str = "") -> Discrepancy:
    return Discrepancy(counter=counter, kind=kind, entry=entry, detail=detail)
