"""What the dashboard is counted from, read in one snapshot.

Two questions: the papers of every case that ended lately, with the instants that the
audit has of them, and the papers that are open now. Start at ``SqlMeasures``.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CompoundSelect, Connection, select

from chassis.database import Database
from intake.adapters.sql.tables import audit, cases, certifications, documents
from intake.domain import states
from intake.domain.figures import MeasuredPaper, OpenPaper
from intake.domain.states import State

NOTED: Final = ("submitted", "approved", "returned", "seal-released")
"""The lines of the audit that begin or end a step."""
WITHOUT_COPY: Final = tuple(states.WITHOUT_COPY - {State.MERGED})


class SqlMeasures:
    """``ports.Measures``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def papers(
        self, agency: str, first: datetime, after: datetime
    ) -> tuple[MeasuredPaper, ...]:
        return await self._database.read(lambda tx: _papers(tx, agency, first, after))

    async def open(self, agency: str) -> tuple[OpenPaper, ...]:
        return await self._database.read(lambda tx: _open(tx, agency))


@dataclass(slots=True)
class _Way:
    """What the audit says of one paper, in the order of its lines."""

    submitted_at: datetime | None = None
    submitted_by: str = ""
    approved_at: datetime | None = None
    approved_by: str = ""
    released_at: datetime | None = None
    released_by: str = ""
    sent_back: int = field(default=0)

    def note(self, line: Any) -> None:
        if line.action == "submitted":
            self.submitted_at, self.submitted_by = line.at, line.actor_name
        elif line.action == "approved":
            self.approved_at, self.approved_by = line.at, line.actor_name
        elif line.action == "seal-released":
            self.released_at, self.released_by = line.at, line.actor_name
        else:
            self.sent_back += 1


def _papers(
    tx: Connection, agency: str, first: datetime, after: datetime
) -> tuple[MeasuredPaper, ...]:
    ended = _ended(agency, first, after)
    ways = _ways(tx, ended)
    found = tx.execute(
        select(
            documents.c.case,
            documents.c.ordinal,
            documents.c.kind,
            documents.c.state,
            documents.c.changed_at,
            cases.c.complete_at,
            cases.c.due_at,
            certifications.c.sealed_at,
            certifications.c.issued_at,
        )
        .join(cases, cases.c.code == documents.c.case)
        .outerjoin(certifications, certifications.c.document == documents.c.id)
        .where(documents.c.case.in_(ended))
        .order_by(documents.c.case, documents.c.ordinal)
    )
    return tuple(_paper(row, ways) for row in found)


def _ended(agency: str, first: datetime, after: datetime) -> CompoundSelect[tuple[str]]:
    """The codes of the cases of which a paper ended between the two instants. A paper
    that ended without a copy has not changed since.
    """
    # Two questions and no OR: each has an index, and an OR over both tables has none.
    issued = (
        select(documents.c.case)
        .join(certifications, certifications.c.document == documents.c.id)
        .where(documents.c.agency == agency)
        .where(certifications.c.issued_at >= first, certifications.c.issued_at < after)
    )
    without_copy = (
        select(documents.c.case)
        .where(documents.c.agency == agency, documents.c.state.in_(WITHOUT_COPY))
        .where(documents.c.changed_at >= first, documents.c.changed_at < after)
    )
    return issued.union(without_copy)


def _ways(
    tx: Connection, ended: CompoundSelect[tuple[str]]
) -> Mapping[tuple[str, int | None], _Way]:
    ways: dict[tuple[str, int | None], _Way] = defaultdict(_Way)
    for line in tx.execute(
        select(
            audit.c.case,
            audit.c.document,
            audit.c.action,
            audit.c.at,
            audit.c.actor_name,
        )
        .where(audit.c.case.in_(ended), audit.c.action.in_(NOTED))
        .order_by(audit.c.seq)
    ):
        ways[line.case, line.document].note(line)
    return ways


def _paper(row: Any, ways: Mapping[tuple[str, int | None], _Way]) -> MeasuredPaper:
    way, state = ways.get((row.case, row.ordinal), _Way()), State(row.state)
    ended = row.changed_at if state in states.WITHOUT_COPY else row.issued_at
    return MeasuredPaper(
        case=row.case,
        ordinal=row.ordinal,
        kind=row.kind,
        state=state,
        complete_at=row.complete_at,
        due_at=row.due_at,
        ended_at=ended,
        submitted_at=way.submitted_at,
        submitted_by=way.submitted_by,
        approved_at=way.approved_at,
        approved_by=way.approved_by,
        released_at=way.released_at,
        released_by=way.released_by,
        sealed_at=row.sealed_at,
        sent_back=way.sent_back,
    )


def _open(tx: Connection, agency: str) -> tuple[OpenPaper, ...]:
    found = tx.execute(
        select(
            documents.c.state,
            documents.c.changed_at,
            cases.c.due_at,
            cases.c.received_by_name,
            certifications.c.setback,
        )
        .join(cases, cases.c.code == documents.c.case)
        .outerjoin(certifications, certifications.c.document == documents.c.id)
        .where(documents.c.agency == agency, documents.c.state.in_(states.OPEN))
    )
    return tuple(
        OpenPaper(
            state=State(row.state),
            due_at=row.due_at,
            since=row.changed_at,
            received_by=row.received_by_name,
            stuck=row.setback is not None,
        )
        for row in found
    )
