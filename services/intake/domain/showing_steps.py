"""The lines of a case's history, from its audit. Start at ``step``."""

from datetime import datetime

from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import local_day
from intake.domain.case_history import Correction
from intake.domain.records import Case, Note
from intake.domain.views.case import Step


def step(note: Note, case: Case, tables: AgencyTables) -> Step:
    code = str(note.values.get("code", ""))
    return Step(
        at=note.at,
        action=note.action,
        actor=note.actor_name,
        document=note.document,
        values=note.values,
        correction=_correction(note, case),
        due=_due(note),
        ground=tables.ground(code, local_day(note.at)) if code else None,
    )


def _correction(note: Note, case: Case) -> Correction | None:
    """The words behind a line of audit that has the field alone."""
    nth = note.values.get("nth")
    if note.action != "corrected" or not isinstance(nth, int):
        return None
    return case.corrections[nth]


def _due(note: Note) -> datetime | None:
    said = note.values.get("due")
    return datetime.fromisoformat(str(said)) if said is not None else None
