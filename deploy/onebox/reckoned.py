"""Three reckonings compared: where every number stands, and what does not agree.

Pure. Intake was read first and once more at the end, storage and signing between: what
intake calls issued was archived before, and what the others know was given before the
second reading. So whatever is on its way agrees, however busy the house is. Start at
``compared``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ecopy.marks import book_of
from ecopy.reckoning import (
    CatalogueLine,
    Counter,
    Discrepancy,
    JournalLine,
    Reckoning,
    RegisterReckoning,
)
from onebox.reckoned_links import links_compared

ON_ITS_WAY: Final = timedelta(minutes=2)
"""So long the news of an archived copy may be under way to the desk."""
LATE: Final = timedelta(minutes=15)
"""A number in work for longer, of which nobody says what hinders it, stands still."""
ISSUED: Final = "issued"
VOID: Final = "void"


@dataclass(frozen=True, slots=True)
class Readings:
    """One reading of each service, in the order in which they were made."""

    before: Reckoning
    """Intake's first."""
    storage: Reckoning
    signing: Reckoning
    after: Reckoning
    """Intake's second."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every number in exactly one of three places, and the findings."""

    issued: int
    in_work: tuple[RegisterReckoning, ...]
    void: int
    lost: int
    findings: tuple[Discrepancy, ...]


def compared(read: Readings) -> Comparison:
    """The findings are each service's own, then those between two of them."""
    lines = read.after.register_lines
    between = (
        *_issued_and_archived(read),
        *_archived_and_sealed(read),
        *_unregistered(read),
        *_objects(read),
        *_standing_still(read),
        *_links(read),
    )
    own = (read.after, read.storage, read.signing)
    return Comparison(
        issued=sum(line.state == ISSUED for line in lines),
        in_work=tuple(line for line in lines if line.state not in {ISSUED, VOID}),
        void=sum(line.state == VOID for line in lines),
        lost=sum(lost.last - lost.first + 1 for lost in read.after.lost),
        findings=(*(f for reckoning in own for f in reckoning.findings), *between),
    )


def repairable(found: Comparison) -> tuple[str, ...]:
    """Entries whose order is to be announced again: that brings what is late."""
    kinds = {"not-issued", "stands-still"}
    return tuple(dict.fromkeys(f.entry for f in found.findings if f.kind in kinds))


def _issued_and_archived(read: Readings) -> Iterator[Discrepancy]:
    catalogue = _catalogue(read)
    for line in read.before.register_lines:
        here = catalogue.get(line.entry)
        if line.state == ISSUED and (here is None or here.sha256 is None):
            yield _mismatch("not-archived", line.entry)
    for line in read.after.register_lines:
        here = catalogue.get(line.entry)
        if here is None or here.archived_at is None:
            continue
        if line.state == VOID:
            yield _mismatch("void-and-archived", line.entry)
        elif line.state != ISSUED and read.after.at - here.archived_at > ON_ITS_WAY:
            yield _mismatch("not-issued", line.entry, f"{here.archived_at:%d/%m %H:%M}")


def _archived_and_sealed(read: Readings) -> Iterator[Discrepancy]:
    journal = _journal(read)
    for line in read.storage.catalogue:
        if line.sha256 is None:
            continue
        sealed = journal.get(line.entry)
        if sealed is None or line.sha256 not in sealed.made:
            yield _mismatch("key-without-journal", line.entry, line.sha256)
        elif sealed.copy_sha256 != line.sha256:
            other = sealed.copy_sha256 or "–"
            yield _mismatch("other-copy-sealed", line.entry, f"{other} ≠ {line.sha256}")


def _unregistered(read: Readings) -> Iterator[Discrepancy]:
    """Numbers that the others know and intake does not: its register is older."""
    given = {line.entry for line in read.after.register_lines}
    known = {line.entry for line in read.storage.catalogue}
    known |= {line.entry for line in read.signing.journal}
    for entry in sorted(known - given):
        if not _lost(entry, read.after):
            yield _finding(Counter.GAP, "not-in-register", entry)


def _lost(entry: str, intake: Reckoning) -> bool:
    book, ordinal = book_of(entry)
    return any(
        lost.book == str(book) and lost.first <= ordinal <= lost.last
        for lost in intake.lost
    )


def _objects(read: Readings) -> Iterator[Discrepancy]:
    """Signing's bucket: nothing in it that no key was written down for, and nothing
    lost of what is still to be archived.
    """
    journal, catalogue = _journal(read), _catalogue(read)
    there = {stored.key for stored in read.signing.objects}
    for key in sorted(there):
        entry, _, name = key.rpartition("/")
        line = journal.get(entry)
        if line is None or name.removesuffix(".pdf") not in line.made:
            yield _mismatch("copy-without-journal", entry or key, key)
    for sealed in read.signing.journal:
        archived = catalogue.get(sealed.entry)
        if sealed.copy_sha256 is None or (archived and archived.sha256):
            continue
        if f"{sealed.entry}/{sealed.copy_sha256}.pdf" not in there:
            yield _mismatch("copy-lost", sealed.entry, sealed.copy_sha256)


def _standing_still(read: Readings) -> Iterator[Discrepancy]:
    catalogue = _catalogue(read)
    for line in read.after.register_lines:
        archived = catalogue.get(line.entry)
        if line.state in {ISSUED, VOID} or (archived and archived.sha256):
            continue
        hindered = line.reason or line.next_try_at
        if not hindered and read.after.at - line.since > LATE:
            minutes = (read.after.at - line.since) // timedelta(minutes=1)
            yield _mismatch("stands-still", line.entry, str(minutes))


def _links(read: Readings) -> Iterator[Discrepancy]:
    before, after = (
        {line.entry: line for line in reading.register_lines}
        for reading in (read.before, read.after)
    )
    now, catalogue = read.after.at, _catalogue(read)
    yield from links_compared(before, catalogue, after, now, ON_ITS_WAY)


def _catalogue(read: Readings) -> dict[str, CatalogueLine]:
    return {line.entry: line for line in read.storage.catalogue}


def _journal(read: Readings) -> dict[str, JournalLine]:
    return {line.entry: line for line in read.signing.journal}


def _mismatch(kind: str, entry: str, detail: str = "") -> Discrepancy:
    return _finding(Counter.MISMATCH, kind, entry, detail)


def _finding(counter: Counter, kind: str, entry: str, detail: str = "") -> Discrepancy:
    return Discrepancy(counter=counter, kind=kind, entry=entry, detail=detail)
