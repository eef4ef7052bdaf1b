"""What the board and the wall have of each case: its papers, and how it stands.

``renew`` writes what the board orders and counts by, in the transaction of each act;
whoever changes a paper calls it. Which cases are on a page is in ``board_rows``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, astuple
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from intake.adapters.sql import rows
from intake.adapters.sql.tables import cases, certifications, documents
from intake.domain.records import Case
from intake.domain.states import State
from intake.domain.summaries import Summary, case_standing


def renew(tx: Connection, code: str) -> None:
    """Write what the board orders and counts the case by, as its papers stand now."""
    # Two papers of a case may change at once. Whoever is second waits here, before the
    # papers are read, and then sees what the first has made of the other one.
    known = tx.execute(_STANDING, {"one": code}).one()
    papers = by_case(tx.execute(_PAPERS, {"one": code}))
    stands = case_standing(papers[code])
    if tuple(known) != astuple(stands):
        tx.execute(_RENEW, {"one": code, **asdict(stands)})


def queue(
    tx: Connection, agency: str, state: State
) -> tuple[tuple[Case, Summary], ...]:
    """Papers that stand so, due first."""
    waiting = (documents.c.agency == agency, documents.c.state == state)
    return _with_cases(tx, summaries().where(*waiting))


def papers(
    tx: Connection, agency: str, names: tuple[str, ...]
) -> tuple[tuple[Case, Summary], ...]:
    """The documents of these names, due first."""
    named = (documents.c.agency == agency, documents.c.id.in_(names))
    return _with_cases(tx, summaries().where(*named))


def _with_cases(
    tx: Connection, wanted: Select[Any]
) -> tuple[tuple[Case, Summary], ...]:
    papers = by_case(tx.execute(wanted))
    found = tx.execute(
        select(cases)
        .where(cases.c.code.in_(papers))
        .order_by(cases.c.due_at, cases.c.code)
    )
    return tuple(
        (rows.case_of(row), paper) for row in found for paper in papers[row.code]
    )


def summaries() -> Select[Any]:
    return (
        select(
            documents.c.id,
            documents.c.case,
            documents.c.ordinal,
            documents.c.title,
            documents.c.kind,
            documents.c.state,
            documents.c.version,
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


def by_case(found: Iterable[Row[Any]]) -> dict[str, list[Summary]]:
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


# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_MINE: Final = cases.c.code == bindparam("one")
_STANDING: Final = (
    select(cases.c.state, cases.c.stuck, cases.c.ended_at)
    .where(_MINE)
    .with_for_update()
)
_PAPERS: Final = summaries().where(documents.c.case == bindparam("one"))
_RENEW: Final = update(cases).where(_MINE)
