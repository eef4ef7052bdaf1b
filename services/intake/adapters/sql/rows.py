"""Rows to records and back.

Nothing is written here; ``cases`` does. Start at ``document_of``.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from intake.adapters.sql import page_steps
from intake.adapters.sql.tables import certifications, documents, files
from intake.domain.arranging import History
from intake.domain.certifications import Certification
from intake.domain.files import StoredFile
from intake.domain.records import Case, CaseDocument, Paper
from intake.domain.states import State

CASE = (
    "code",
    "agency",
    "requester",
    "channel",
    "privacy_at",
    "received_by",
    "received_by_name",
    "received_at",
    "complete_at",
    "due_at",
    "rule_set",
    "version",
    "changed_by",
    "changed_at",
    "corrections",
    "supplements",
    "extensions",
    "agreements",
)
PLAIN = (
    "id",
    "case",
    "agency",
    "ordinal",
    "fee",
    "received_by",
    "version",
    "changed_by",
    "changed_at",
    "compared_by",
    "compared_by_name",
    "compared_at",
    "places",
    "scans_removed_at",
    "original",
    "refused",
    "handed",
)
FILE = (
    "id",
    "document",
    "position",
    "name",
    "raw",
    "uploaded_by",
    "uploaded_at",
    "state",
    "fault",
    "detail",
    "part",
    "coming",
    "replaces",
    "made_of",
    "in_hand_until",
)
CERTIFICATION = (
    "entry",
    "approved_by",
    "approved_by_name",
    "order",
    "link_generation",
    "setback",
    "sealed_at",
    "issued_at",
    "copy_pages",
    "copy_size",
    "copy_sha256",
    "sealed_sha256",
    "other_sha256",
    "renewals",
    "announced_at",
    "announcements",
    "announce_at",
    "voiding",
    "link_acts",
    "link_reports",
)


# Made once: to make a statement anew for each reading took as long as to run it.
_FILES: Final = (
    select(files).where(files.c.document == bindparam("one")).order_by(files.c.position)
)
_CERTIFICATION: Final = select(certifications).where(
    certifications.c.document == bindparam("one")
)


def named(source: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def case_of(row: Row[Any]) -> Case:
    return Case(**named(row, CASE))


def document_of(tx: Connection, row: Row[Any]) -> CaseDocument:
    """With its files in order, its certification if there is one, and the files of the
    case's other papers where a step may have laid pages of theirs into it.
    """
    history = page_steps.history(tx, row.case)
    known = _document(tx, row, history)
    if not history.steps:
        return known
    found = tx.execute(
        select(files)
        .join(documents, documents.c.id == files.c.document)
        .where(documents.c.case == row.case, documents.c.id != row.id)
        .order_by(documents.c.ordinal, files.c.position)
    )
    return replace(known, others=tuple(file_of(each) for each in found))


def documents_of(
    tx: Connection, case: str, found: Iterable[Row[Any]]
) -> tuple[CaseDocument, ...]:
    """All papers of a case, each with the files of all others."""
    history = page_steps.history(tx, case)
    papers = [_document(tx, row, history) for row in found]
    return tuple(
        replace(
            paper,
            others=tuple(f for p in papers if p.id != paper.id for f in p.files),
        )
        for paper in papers
    )


def _document(tx: Connection, row: Row[Any], history: History) -> CaseDocument:
    return CaseDocument(
        **named(row, PLAIN),
        compared_pages=tuple(row.compared_pages),
        brought_by=tuple(row.brought_by),
        paper=_paper(row),
        state=State(row.state),
        certification=_certification(tx, row.id),
        files=_files(tx, row.id),
        history=history,
    )


def _paper(row: Row[Any]) -> Paper:
    return Paper(
        title=row.title,
        kind=row.kind,
        issuing_body=row.issuing_body,
        pages=row.declared_pages,
        number=row.original_number,
        issued_on=row.issued_on,
        holder=row.holder,
        copies=row.copies,
    )


def document_values(document: CaseDocument) -> dict[str, Any]:
    return _own_values(document) | _page_values(document)


def changed_values(before: CaseDocument, after: CaseDocument) -> dict[str, Any]:
    """The columns of the paper's row that are others now, with what they hold now."""
    changed = differing(_own_values(before), _own_values(after))
    # To lay out the pages is the dearest part of it, and most steps move none.
    if _laid_from(before) == _laid_from(after):
        return changed
    return changed | _page_values(after)


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What of *after* is not as it was; the same object is not looked into."""
    return {
        name: value
        for name, value in after.items()
        if value is not before[name] and value != before[name]
    }


def _laid_from(document: CaseDocument) -> tuple[object, ...]:
    return document.files, document.others, document.history


def _page_values(document: CaseDocument) -> dict[str, Any]:
    pages = document.pages
    return {
        "pages": len(pages),
        "flags": sorted({flag for page in pages for flag in page.facts.flags}),
        "refused_files": sum(f.state == "refused" for f in document.files),
    }


def _own_values(document: CaseDocument) -> dict[str, Any]:
    paper = document.paper
    return named(document, PLAIN) | {
        "title": paper.title,
        "kind": paper.kind,
        "issuing_body": paper.issuing_body,
        "declared_pages": paper.pages,
        "original_number": paper.number,
        "issued_on": paper.issued_on,
        "holder": paper.holder,
        "copies": paper.copies,
        "state": document.state,
        "compared_pages": list(document.compared_pages),
        "brought_by": list(document.brought_by),
    }


def file_values(file: StoredFile) -> dict[str, Any]:
    return named(file, FILE)


def certification_values(certified: Certification, of: CaseDocument) -> dict[str, Any]:
    return named(certified, CERTIFICATION) | {
        "document": of.id,
        "number": certified.order.clause.number,
        "code": certified.order.code,
        "link_given": of.link_given,
    }


def file_of(row: Row[Any]) -> StoredFile:
    return StoredFile(**named(row, FILE))


def _files(tx: Connection, document: str) -> tuple[StoredFile, ...]:
    return tuple(file_of(row) for row in tx.execute(_FILES, {"one": document}))


def _certification(tx: Connection, document: str) -> Certification | None:
    row = tx.execute(_CERTIFICATION, {"one": document}).first()
    return None if row is None else Certification(**named(row, CERTIFICATION))
