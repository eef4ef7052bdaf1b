"""A step over the papers of one case: one transaction, with its audit.

Start at ``SqlArrangements.change``.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from chassis.database import Database
from intake.adapters.sql import (
    audit,
    board,
    case_words,
    form_uses,
    page_steps,
    papers,
    rows,
    scan_objects,
    superseded,
)
from intake.adapters.sql.holding import hold
from intake.adapters.sql.tables import cases, documents
from intake.domain import searching
from intake.domain.records import Case, NotFound
from intake.domain.stepping import CaseOnDesk, Rearranged


class SqlArrangements:
    """``ports.Arrangements``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(
        self, code: str, decide: Callable[[CaseOnDesk], Rearranged]
    ) -> Rearranged:
        return await form_uses.write(
            self._database,
            lambda tx: change(tx, code, decide),
            lambda after: _changed(code, after),
        )


def _changed(code: str, after: Rearranged) -> dict[str, str]:
    """A split's form leads to the new paper, any other to where it was sent."""
    added = after.added or after.documents
    return {"case": code, "document": added[0].id if added else ""}


def change(
    tx: Connection, code: str, decide: Callable[[CaseOnDesk], Rearranged]
) -> Rearranged:
    """One step of the case, held from reading its papers to the commit."""
    # The case first, as whoever adds a paper takes it, then its papers in their order:
    # nobody who has one of these locks waits for another in the other order.
    hold(tx, f"case/{code}")
    before = _on_desk(tx, code)
    after = decide(before)
    _store(tx, before, after)
    return after


def _on_desk(tx: Connection, code: str) -> CaseOnDesk:
    found = tx.execute(select(cases).where(cases.c.code == code)).first()
    if found is None:
        raise NotFound(code)
    locked: list[Any] = list(
        tx.execute(
            select(documents)
            .where(documents.c.case == code)
            .order_by(documents.c.ordinal)
            .with_for_update()
        )
    )
    papers = rows.documents_of(tx, code, locked)
    return CaseOnDesk(rows.case_of(found), papers)


def _store(tx: Connection, before: CaseOnDesk, after: Rearranged) -> None:
    for document in after.added:
        tx.execute(insert(documents).values(**rows.document_values(document)))
    for document in after.documents:
        tx.execute(
            update(documents)
            .where(documents.c.id == document.id)
            .values(**rows.document_values(document))
        )
        superseded.note_paper(tx, before.document(document.id), document)
        papers.store_files(tx, before.document(document.id), document)
    if after.case is not None:
        superseded.note_case(tx, before.case, len(before.documents), after.case)
        _note_agreements(tx, before, after.case)
        tx.execute(
            update(cases)
            .where(cases.c.code == after.case.code)
            .values(**rows.named(after.case, rows.CASE))
        )
    board.renew(tx, before.case.code)
    if _found_otherwise(before, after):
        case_words.renew(tx, before.case.code)
    page_steps.store(tx, before.history, after.steps)
    audit.append(tx, *after.notes)


def _note_agreements(tx: Connection, before: CaseOnDesk, after: Case) -> None:
    """What a new agreement is made of is used, and given up with the scans of the case:
    it goes with those of its first paper.
    """
    for agreement in after.agreements[len(before.case.agreements) :]:
        first, keys = before.documents[0].id, agreement.object_keys
        scan_objects.use(tx, agreement.id, first, keys, agreement.at)


def _found_otherwise(before: CaseOnDesk, after: Rearranged) -> bool:
    """Whether the words by which the case is found are others now."""
    if after.added or after.case is not None:
        return True
    known = searching.found_by
    return any(known(d) != known(before.document(d.id)) for d in after.documents)
