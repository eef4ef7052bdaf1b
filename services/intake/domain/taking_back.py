"""A planned row is taken back before its day: days off, an hour of closing, a fee, a
switch, a template.

Rows of the declared tables have their own page and the same rule (``table_rows``).
Start at ``taken_back``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor
from intake.domain.records import Note, NotFound
from intake.domain.table_rows import PlannedRow, TakenBack, check_planned

Plan = Literal["calendar", "hours", "fees", "switches"]
"""The tables of an agency that are in memory."""
STORED_IN: Final[Mapping[Plan, str]] = {
    "calendar": "calendar_days",
    "hours": "closing_hours",
    "fees": "own_fees",
    "switches": "own_switches",
}
"""Where the rows of each are kept."""


def rows_of(known: OwnTables, table: Plan) -> Sequence[PlannedRow]:
    rows: Mapping[Plan, Sequence[PlannedRow]] = {
        "calendar": known.days,
        "hours": known.hours,
        "fees": known.fees,
        "switches": known.switches,
    }
    return rows[table]


def taken_back(
    rows: Sequence[PlannedRow], table: str, seq: int, by: Actor, at: datetime
) -> tuple[TakenBack, Note]:
    """The row of the agency's own *rows* will not count. Raises Conflict, NotAllowed,
    NotFound.
    """
    row = next((row for row in rows if row.seq == seq), None)
    if row is None:
        raise NotFound(str(seq))
    check_planned(row, at)
    note = Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="row-taken-back",
        address=by.address,
        values={"table": table, "row": seq, "from": row.valid_from.isoformat()},
    )
    return TakenBack(by.name, at), note
