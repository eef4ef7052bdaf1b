"""One paper as rows: read, and changed by a decision with all that hangs on it.

Whoever changes a paper in a transaction of theirs calls ``change``; start there.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from chassis import outbox
from intake.adapters.sql import (
    audit,
    board,
    case_words,
    delegations,
    register,
    rows,
    scan_objects,
    superseded,
)
from intake.adapters.sql.tables import certifications, documents, files
from intake.domain import searching
from intake.domain.records import CaseDocument, NotFound, Outcome

SOURCE: Final = "intake"

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_ONE: Final = select(documents).where(documents.c.id == bindparam("one"))
_ONE_LOCKED: Final = _ONE.with_for_update()
_CHANGE: Final = update(documents).where(documents.c.id == bindparam("one"))
_NEW_CERTIFICATION: Final = insert(certifications)
_CHANGE_CERTIFICATION: Final = update(certifications).where(
    certifications.c.entry == bindparam("one")
)


def change(
    tx: Connection, document: str, decide: Callable[[CaseDocument], Outcome]
) -> Outcome:
    before = read_paper(tx, document, locked=True)
    outcome = decide(before)
    store(tx, before, outcome)
    return outcome


def change_papers(
    tx: Connection,
    code: str,
    decide: Callable[[tuple[CaseDocument, ...]], tuple[Outcome, ...]],
) -> tuple[Outcome, ...]:
    """The papers that *decide* changes, held in the order of their ordinals."""
    before = read_papers(tx, code, locked=True)
    outcomes, known = decide(before), {paper.id: paper for paper in before}
    for outcome in outcomes:
        store(tx, known[outcome.document.id], outcome)
    return outcomes


def store(tx: Connection, before: CaseDocument, outcome: Outcome) -> None:
    """Row, files, certification, register line, audit and event: all or nothing. Raises
    Trouble(STORE) if an object that a file is made of was removed meanwhile.
    """
    after = outcome.document
    if after == before:
        # A repeat: the timeline would show an act that did nothing.
        return
    # Only what is new is written: the large columns, with the pages of a paper or the
    # words of an order, are as they were at most steps.
    if changed := rows.changed_values(before, after):
        tx.execute(_CHANGE, {"one": after.id, **changed})
    superseded.note_paper(tx, before, after)
    store_files(tx, before, after)
    _store_certification(tx, before, after)
    board.renew(tx, after.case)
    if searching.found_by(before) != searching.found_by(after):
        case_words.renew(tx, after.case)
    if outcome.under is not None:
        delegations.check_stands(tx, outcome.under)
    if outcome.entry is not None:
        register.enter(tx, outcome.entry)
    if outcome.remark is not None and after.certification is not None:
        register.remark(tx, after.certification.entry, outcome.remark)
    audit.append(tx, *outcome.notes)
    if outcome.event is not None:
        outbox.add(tx, outcome.event, source=SOURCE)


def store_files(tx: Connection, before: CaseDocument, after: CaseDocument) -> None:
    """Those that are new or have changed, and the objects that they use. Raises
    Trouble(STORE) if one of these was removed meanwhile.
    """
    known = {file.id: file for file in before.files}
    for file in after.files:
        values = rows.file_values(file)
        if file.id not in known:
            tx.execute(insert(files).values(**values))
        elif known[file.id] != file:
            tx.execute(update(files).where(files.c.id == file.id).values(**values))
    scan_objects.note_uses(tx, before, after)
    good = {file.id for file in before.files if file.state == "good"}
    if any(file.id in good and file.state != "good" for file in after.files):
        case_words.renew_pages(tx, after.id)


def _store_certification(
    tx: Connection, before: CaseDocument, after: CaseDocument
) -> None:
    certified = after.certification
    same = certified == before.certification and after.handed == before.handed
    if certified is None or same:
        return
    values = rows.certification_values(certified, after)
    if before.certification is None:
        tx.execute(_NEW_CERTIFICATION, values)
        return
    known = rows.certification_values(before.certification, before)
    if changed := rows.differing(known, values):
        tx.execute(_CHANGE_CERTIFICATION, {"one": certified.entry, **changed})


def read_paper(tx: Connection, document: str, *, locked: bool = False) -> CaseDocument:
    row: Any = tx.execute(_ONE_LOCKED if locked else _ONE, {"one": document}).first()
    if row is None:
        raise NotFound(document)
    return rows.document_of(tx, row)


def read_papers(
    tx: Connection, code: str, *, locked: bool = False
) -> tuple[CaseDocument, ...]:
    query = (
        select(documents).where(documents.c.case == code).order_by(documents.c.ordinal)
    )
    found = tx.execute(query.with_for_update() if locked else query).all()
    return rows.documents_of(tx, code, found)
