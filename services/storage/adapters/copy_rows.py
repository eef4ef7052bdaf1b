"""A line of the catalogue, made from an archived copy and read back."""

from typing import Any

from sqlalchemy import Row, Select, select

from storage.adapters.tables import copies, given_up
from storage.domain.copies import ArchivedCopy, PublicFacts, Withdrawal


def select_copies() -> Select[Any]:
    """Each line of the catalogue, with what became of its file."""
    return select(copies, given_up.c.at.label("given_up_at")).outerjoin(
        given_up, given_up.c.entry == copies.c.entry
    )


def copy_of(row: Row[Any]) -> ArchivedCopy:
    return ArchivedCopy(
        entry=row.entry,
        sha256=row.sha256,
        size=row.size,
        pages=row.pages,
        code=row.code,
        facts=PublicFacts(
            agency_code=row.agency_code,
            agency_lines=tuple(row.agency_lines),
            number=row.number,
            book=row.book,
            date=row.date,
            kind=row.kind,
            kind_name=row.kind_name,
            officer_title_lines=tuple(row.officer_title_lines),
        ),
        title=row.title,
        officer_at=row.officer_at,
        seal_at=row.seal_at,
        tsa_name=row.tsa_name,
        demo=row.demo,
        archived_at=row.archived_at,
        withdrawal=_withdrawal(row),
        given_up_at=row.given_up_at,
    )


def _withdrawal(row: Row[Any]) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(
        at=row.withdrawn_at,
        decision=row.withdrawn_decision or "",
        reason=row.withdrawn_reason or "",
        successor=row.withdrawn_successor or "",
    )


def row_of(copy: ArchivedCopy) -> dict[str, object]:
    facts = copy.facts
    return {
        "entry": copy.entry,
        "sha256": copy.sha256,
        "size": copy.size,
        "pages": copy.pages,
        "code": copy.code,
        "agency_code": facts.agency_code,
        "agency_lines": list(facts.agency_lines),
        "number": facts.number,
        "book": facts.book,
        "date": facts.date,
        "kind": facts.kind,
        "kind_name": facts.kind_name,
        "officer_title_lines": list(facts.officer_title_lines),
        "title": copy.title,
        "officer_at": copy.officer_at,
        "seal_at": copy.seal_at,
        "tsa_name": copy.tsa_name,
        "demo": copy.demo,
        "archived_at": copy.archived_at,
    }
