"""Whoever asks again is found by the number of their identity paper, in their own
agency's cases. It is an offer: nothing is filled in before a clerk takes it. Pure;
start at ``earlier``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from intake.domain import text
from intake.domain.people import Actor
from intake.domain.records import Case, Note, Requester

LEAST_CHARACTERS: Final = 6
"""Letters and digits of a number that is looked for: fewer would list strangers."""
MOST_OFFERED: Final = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """A requester as they were written last, and how often they came."""

    case: str
    """The last of their cases."""
    requester: Requester
    last: datetime
    times: int


def plain(number: str) -> str:
    """The letters and digits of a number: how it is grouped does not matter."""
    return "".join(filter(str.isalnum, text.folded(text.line(number))))


def long_enough(number: str) -> bool:
    return len(plain(number)) >= LEAST_CHARACTERS


def earlier(cases: Iterable[Case], number: str) -> tuple[Earlier, ...]:
    """Each requester with exactly this number, whoever came last first. One number may
    be of several: it was typed wrongly once, or an organisation was written twice.
    """
    wanted = plain(number)
    mine = [c for c in cases if plain(c.requester.id_number) == wanted]
    mine.sort(key=lambda case: case.received_at, reverse=True)
    grouped: dict[tuple[str, str], list[Case]] = {}
    for case in mine:
        known = case.requester
        grouped.setdefault((known.kind, text.folded(known.name)), []).append(case)
    found = tuple(_earlier(group) for group in grouped.values())
    return found[:MOST_OFFERED]


def looked_up(found: int, by: Actor, at: datetime) -> Note:
    """The line of audit. Neither number nor names: it is kept for ever."""
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="requester-looked-up",
        address=by.address,
        values={"found": found},
    )


def _earlier(cases: list[Case]) -> Earlier:
    last = cases[0]
    return Earlier(last.code, last.requester, last.received_at, len(cases))
