"""What an office has one way or the other, each decision with its first day.

A row is never changed or removed; of those that have begun the last one entered counts,
so that today's can be taken back today. A paper that was approved keeps what held then.
Start at ``switched``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from intake.domain import table_rows
from intake.domain.calendar import local_day
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from intake.domain.table_rows import TakenBack

AHEAD_DAYS: Final = 366


class Switch(StrEnum):
    """One question that an office answers for itself."""

    MANUAL_SEAL = "manual-seal"
    """Whether the seal keeper releases the seal of each copy."""
    SAME_PERSON = "same-person"
    """Whether who received, scanned or compared a paper may approve it, too (Circular
    01/2020/TT-BTP, article 11)."""


@dataclass(frozen=True, slots=True)
class Switching:
    """An answer from a day on, and who gave it."""

    agency: str
    switch: Switch
    on: bool
    valid_from: date
    by: str
    at: datetime
    seq: int = 0
    taken_back: TakenBack | None = None


def is_on(rows: Sequence[Switching], switch: Switch, day: date, *, usual: bool) -> bool:
    """How the office has it on that day; *usual* before its first answer."""
    begun = table_rows.begun((row for row in rows if row.switch is switch), day)
    # Sorted by their first day; of one day the last one entered stays last.
    ordered = sorted(begun, key=lambda row: row.valid_from)
    return ordered[-1].on if ordered else usual


def switched(
    known: Sequence[Switching],
    switch: Switch,
    *,
    on: bool,
    valid_from: date,
    version: int,
    by: Actor,
    at: datetime,
) -> tuple[Switching, Note]:
    """Another answer, from today on at the earliest. Raises Conflict, NotAllowed."""
    table_rows.check_changes(known, version)
    today = local_day(at)
    if not today <= valid_from or (valid_from - today).days > AHEAD_DAYS:
        raise NotAllowed("error.table-from", day=f"{today:%d/%m/%Y}")
    row = Switching(by.agency, switch, on, valid_from, by.name, at)
    values: dict[str, str | int] = {
        "switch": str(switch),
        "on": int(on),
        "from": valid_from.isoformat(),
    }
    note = Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="switched",
        address=by.address,
        values=values,
    )
    return row, note
