"""The journal's tables counted against each other: what ``reconcile`` prints of them.

Start at ``findings``; each of its questions is one statement, so that a loop may ask
them every minute.
"""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, case, func, select

from ecopy.reckoning import Counter, Discrepancy, JournalLine
from signing.adapters.journal.tables import entries, seal_journal

_KIND = seal_journal.c.kind


def findings(tx: Connection) -> Iterator[Discrepancy]:
    """Entries whose copy the journal does not have as it says, or has twice."""
    issued = func.sum(case((_KIND == "issue", 1), else_=0))
    withdrawn = func.sum(case((_KIND == "withdrawal", 1), else_=0))
    standing = (
        select(seal_journal.c.entry, (issued - withdrawn).label("copies"))
        .group_by(seal_journal.c.entry)
        .subquery()
    )
    # One copy stands for each issue that no withdrawal took back, never two; and the
    # table of entries says the same.
    for entry, copies in tx.execute(select(standing).where(standing.c.copies > 1)):
        yield _finding(Counter.DOUBLE, "two-copies", entry, str(copies))
    without = (
        select(entries.c.entry)
        .outerjoin(standing, standing.c.entry == entries.c.entry)
        .where(entries.c.copy_sha256.is_not(None))
        .where(func.coalesce(standing.c.copies, 0) < 1)
    )
    for entry in tx.scalars(without):
        yield _finding(Counter.MISMATCH, "copy-without-issue", entry)
    unnoted = (
        select(standing.c.entry)
        .outerjoin(entries, entries.c.entry == standing.c.entry)
        .where(standing.c.copies > 0, entries.c.copy_sha256.is_(None))
    )
    for entry in tx.scalars(unnoted):
        yield _finding(Counter.MISMATCH, "issue-without-copy", entry)


def journal_lines(tx: Connection) -> tuple[JournalLine, ...]:
    """Every entry that was ever ordered here, or for which a key was ever used."""
    made: defaultdict[str, list[str]] = defaultdict(list)
    outcomes = select(seal_journal.c.entry, seal_journal.c.copy_sha256).where(
        _KIND.in_(("outcome", "issue"))
    )
    for entry, digest in tx.execute(outcomes):
        if digest is not None and digest not in made[entry]:
            made[entry].append(digest)
    standing = select(entries.c.entry, entries.c.copy_sha256)
    copies = {row.entry: row.copy_sha256 for row in tx.execute(standing)}
    return tuple(
        JournalLine(entry=entry, copy_sha256=copies.get(entry), made=tuple(made[entry]))
        for entry in sorted({*copies, *made})
    )


def _finding(counter: Counter, kind: str, entry: str, detail: str = "") -> Discrepancy:
    return Discrepancy(counter=counter, kind=kind, entry=entry, detail=detail)
