"""What the board orders and counts a case by, with an index for each of its filters.

Written beside the papers from now on, and here for those that are there. An older desk
beside this one knows nothing of it: what it writes while an upgrade rolls is put right
when the newer starts (``SqlBoardRows.adopt``).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from intake.domain import states
from intake.domain.states import State

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN, ENDED = sa.text("ended_at IS NULL"), sa.text("ended_at IS NOT NULL")
INDEXES = (
    ("open", ("stuck", "due_at"), OPEN),
    ("open_state", ("state", "due_at"), OPEN),
    ("open_mine", ("received_by", "stuck", "due_at"), OPEN),
    ("open_age", ("received_at",), OPEN),
    ("ended", ("ended_at",), ENDED),
    ("ended_state", ("state", "ended_at"), ENDED),
    ("ended_mine", ("received_by", "ended_at"), ENDED),
)
BATCH = 500
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    false = sa.false()
    for column in (
        sa.Column("state", sa.String(), nullable=False, server_default=""),
        sa.Column("stuck", sa.Boolean(), nullable=False, server_default=false),
        sa.Column("ended_at", MOMENT),
    ):
        op.add_column("cases", column)
    tx = op.get_bind()
    last = ""
    while codes := _next_codes(tx, last):
        _fill(tx, codes)
        last = codes[-1]
    for name, columns, where in INDEXES:
        op.create_index(
            f"ix_cases_{name}",
            "cases",
            ["agency", *columns, "code"],
            sqlite_where=where,
            postgresql_where=where,
        )


def _next_codes(tx: sa.Connection, last: str) -> list[str]:
    query = sa.text("SELECT code FROM cases WHERE code > :last ORDER BY code LIMIT :n")
    return list(tx.scalars(query, {"last": last, "n": BATCH}))


documents = sa.table(
    "documents",
    *(sa.column(name) for name in ("id", "case", "state")),
    sa.column("changed_at", MOMENT),
)
certifications = sa.table(
    "certifications",
    *(sa.column(name) for name in ("document", "setback", "announcements")),
    sa.column("issued_at", MOMENT),
)
cases = sa.table(
    "cases",
    *(sa.column(name) for name in ("code", "state")),
    sa.column("stuck", sa.Boolean()),
    sa.column("ended_at", MOMENT),
)


def _fill(tx: sa.Connection, codes: list[str]) -> None:
    query = (
        sa.select(documents, certifications)
        .outerjoin(certifications, certifications.c.document == documents.c.id)
        .where(documents.c.case.in_(codes))
    )
    papers: dict[str, list[Any]] = {}
    for row in tx.execute(query):
        papers.setdefault(row.case, []).append(row)
    written = sa.update(cases).where(cases.c.code == sa.bindparam("of"))
    values = [{"of": code, **_standing(found)} for code, found in papers.items()]
    if values:
        tx.execute(
            written.values(
                {name: sa.bindparam(name) for name in ("state", "stuck", "ended_at")}
            ),
            values,
        )


def _standing(papers: list[Any]) -> dict[str, Any]:
    """What ``summaries.case_standing`` says, of rows of this day."""
    state = states.case_state(State(paper.state) for paper in papers)
    hindered = any(paper.setback is not None for paper in papers)
    asked = any(paper.announcements for paper in papers)
    unsigned = state is State.REGISTERED and hindered
    ended = all(State(paper.state) in states.ENDS for paper in papers)
    moments = [paper.issued_at or paper.changed_at for paper in papers]
    return {
        "state": "unsigned" if unsigned else str(state),
        "stuck": hindered or asked or state is State.RETURNED,
        "ended_at": max(moments) if ended else None,
    }
