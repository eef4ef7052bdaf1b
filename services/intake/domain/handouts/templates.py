"""Versions of a template, and which of them holds on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from intake.domain.calendar import local_day
from intake.domain.handouts import language
from intake.domain.handouts.fields import Handout
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from intake.domain.table_rows import TakenBack

NOTICE: Final = timedelta(days=1)
"""A template holds from the next day at the earliest: papers of a day that has begun
were printed from the one before, and printed again they must look the same."""


@dataclass(frozen=True, slots=True)
class HandoutTemplate:
    """One version of a template."""

    handout: Handout
    valid_from: date
    text: str
    agency: str = ""
    """Empty for the one that comes with the program, which each agency begins with."""
    by: str = ""
    """The name of the administrator who has issued it."""
    at: datetime | None = None
    seq: int = 0
    taken_back: TakenBack | None = None


def in_force(
    templates: Iterable[HandoutTemplate], handout: Handout, day: date
) -> tuple[HandoutTemplate, int]:
    """The version of *day*, and its ordinal. An agency's own goes before those of the
    program, and of two from one day the later one counts; *templates* come in the order
    in which they were issued.
    """
    ordered = versions(templates, handout)
    begun = [known for known in ordered if known.valid_from <= day]
    own = [known for known in begun if known.agency]
    # Before the program's first day there is no case; its first version is the least
    # surprising answer for a clock that is wrong.
    chosen = (own or begun or ordered[:1])[-1]
    return chosen, ordered.index(chosen) + 1


def versions(
    templates: Iterable[HandoutTemplate], handout: Handout
) -> tuple[HandoutTemplate, ...]:
    """All versions of *handout* by the day from which they hold; what was taken back
    never did.
    """
    kept = (known for known in templates if known.taken_back is None)
    mine = (known for known in kept if known.handout is handout)
    return tuple(sorted(mine, key=lambda known: known.valid_from))


def issued(
    handout: Handout, text: str, valid_from: date, *, by: Actor, at: datetime
) -> tuple[HandoutTemplate, Note]:
    """A new version with its line of audit. Raises BadTemplate, NotAllowed."""
    language.parse(text, handout)
    earliest = local_day(at) + NOTICE
    if valid_from < earliest:
        raise NotAllowed("error.template-day", day=f"{earliest:%d/%m/%Y}")
    lines = "\n".join(text.splitlines()) + "\n"
    template = HandoutTemplate(handout, valid_from, lines, by.agency, by.name, at)
    note = Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="template-issued",
        address=by.address,
        values={"handout": handout, "from": valid_from.isoformat()},
    )
    return template, note
