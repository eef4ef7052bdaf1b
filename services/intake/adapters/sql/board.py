"""Reading for the board and the wall: one query for the cases, one for their papers."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from intake.adapters.sql import rows
from intake.adapters.sql.tables import cases, certifications, documents
from intake.domain import states
from intake.domain.boards import Summary
from intake.domain.records import Case
from intake.domain.states import State

Board = tuple[tuple[Case, tuple[Summary, ...]], ...]


def board(
    tx: Connection, agency: str, since: datetime, *, also: tuple[str, ...] = ()
) -> Board:
    """Cases with an open paper, those whose papers changed since, and those of the
    codes *also*; due first.
    """
    wanted = (
        select(documents.c.case)
        .where(documents.c.agency == agency)
        .where(
            or_(
                documents.c.state.in_(states.OPEN),
                documents.c.changed_at >= since,
                documents.c.case.in_(also),
            )
        )
        .union(
            select(documents.c.case)
            .join(certifications, certifications.c.document == documents.c.id)
            .where(documents.c.agency == agency, certifications.c.issued_at >= since)
        )
    )
    papers = _by_case(tx.execute(_summaries().where(documents.c.case.in_(wanted))))
    found = tx.execute(
        select(cases).where(cases.c.code.in_(wanted)).order_by(cases.c.due_at)
    )
    return tuple((rows.case_of(row), tuple(papers[row.code])) for row in found)


def queue(tx: Connection, agency: str) -> tuple[tuple[Case, Summary], ...]:
    """Papers that await approval, due first."""
    waiting = (documents.c.agency == agency, documents.c.state == State.AWAITING)
    return _with_cases(tx, _summaries().where(*waiting))


def papers(
    tx: Connection, agency: str, names: tuple[str, ...]
) -> tuple[tuple[Case, Summary], ...]:
    """The documents of these names, due first."""
    named = (documents.c.agency == agency, documents.c.id.in_(names))
    return _with_cases(tx, _summaries().where(*named))


def _with_cases(
    tx: Connection, wanted: Select[Any]
) -> tuple[tuple[Case, Summary], ...]:
    papers = _by_case(tx.execute(wanted))
    found = tx.execute(
        select(cases)
        .where(cases.c.code.in_(papers))
        .order_by(cases.c.due_at, cases.c.code)
    )
    return tuple(
        (rows.case_of(row), paper) for row in found for paper in papers[row.code]
    )


def _summaries() -> Select[Any]:
    return (
        select(
            documents.c.id,
            documents.c.case,
            documents.c.ordinal,
            documents.c.title,
            documents.c.kind,
            documents.c.state,
            documents.c.declared_pages,
            documents.c.pages,
            documents.c.refused_files,
            documents.c.flags,
            documents.c.changed_at,
            documents.c.received_by,
            documents.c.compared_by,
            documents.c.brought_by,
            certifications.c.approved_by,
            certifications.c.approved_by_name,
            certifications.c.number,
            certifications.c.setback,
            certifications.c.issued_at,
            certifications.c.announced_at,
            certifications.c.announcements,
            certifications.c.announce_at,
            certifications.c.link_given,
        )
        .outerjoin(certifications, certifications.c.document == documents.c.id)
        .order_by(documents.c.case, documents.c.ordinal)
    )


def _by_case(found: Iterable[Row[Any]]) -> dict[str, list[Summary]]:
    papers: dict[str, list[Summary]] = defaultdict(list)
    for row in found:
        papers[row.case].append(_summary(row))
    return papers


def _summary(row: Row[Any]) -> Summary:
    values = row._asdict()
    values["state"] = State(row.state)
    values["announcements"] = row.announcements or 0  # none before an approval
    values["link_given"] = bool(row.link_given)
    values["flags"] = tuple(row.flags)
    values["brought_by"] = tuple(row.brought_by)
    return Summary(**values)
