"""What a paper says of itself, as a clerk puts it down or takes it over. Pure; start at
``describe``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from intake.domain import desk, text
from intake.domain.people import Actor
from intake.domain.proposing import Field
from intake.domain.records import CaseDocument, Outcome, Paper
from intake.domain.states import NotAllowed


@dataclass(frozen=True, slots=True)
class Details:
    """Fields of the paper that a form gives; those that it leaves out stay."""

    values: Mapping[Field, str | date | None]


def details(typed: Mapping[Field, str]) -> Details:
    """The fields as typed. Raises NotAllowed for a title that is empty, a line that is
    too long, or a day that no calendar has.
    """
    values: dict[Field, str | date | None] = {}
    for field, value in typed.items():
        values[field] = _day(value) if field == "issued_on" else _line(value)
    if values.get("title", "?") == "":
        raise NotAllowed("error.title")
    return Details(values)


def describe(
    document: CaseDocument, given: Details, version: int, by: Actor, at: datetime
) -> Outcome:
    """The paper with these fields, and whose word that is. The audit has the names of
    the fields alone: what they say is the citizen's.
    """
    changed = {
        field: value
        for field, value in given.values.items()
        if getattr(document.paper, field) != value
    }
    if not changed:
        return Outcome(document)
    desk.check_version(document, version)
    desk.check_editable(document)
    paper = _with(document.paper, changed)
    noted = desk.note(document, "described", by, at, fields=", ".join(sorted(changed)))
    return Outcome(desk.touched(replace(document, paper=paper), by, at), (noted,))


def _with(paper: Paper, changed: Mapping[Field, str | date | None]) -> Paper:
    values: dict[str, Any] = {str(field): value for field, value in changed.items()}
    return replace(paper, **values)


def _line(typed: str) -> str:
    value = text.line(typed)
    if len(value) > text.LINE_CHARACTERS:
        raise NotAllowed("error.too-long", most=text.LINE_CHARACTERS)
    return value


def _day(typed: str) -> date | None:
    try:
        return text.day(typed)
    except ValueError as error:
        raise NotAllowed("error.date") from error
