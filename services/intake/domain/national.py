"""The status by which the national portal knows a case, as a table.

Start at ``parse``.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intake.domain import states
from intake.domain.records import CaseDocument
from intake.domain.states import State


@dataclass(frozen=True, slots=True)
class NationalStatus:
    """One of the portal's ten, with its name as the portal shows it."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class Statuses:
    """All that the table says."""

    by_state: Mapping[State, NationalStatus]
    handed_over: NationalStatus
    """The status of a case whose issued copies were all given out."""

    def of(self, documents: Iterable[CaseDocument]) -> NationalStatus:
        """The status of a case with these papers."""
        known = tuple(documents)
        state = states.case_state(document.state for document in known)
        given = all(d.link_given for d in known if d.state is State.ISSUED)
        if state is State.ISSUED and given:
            return self.handed_over
        return self.by_state[state]


def parse(table: str) -> Statuses:
    """Raises ValueError for a state of ours that the table leaves out or names twice,
    and unless one row is of what was handed over.
    """
    found: dict[State, NationalStatus] = {}
    rows = tomllib.loads(table)["statuses"]
    for row in rows:
        for state in map(State, row["states"]):
            if state in found:
                raise ValueError(f"{state} has two national statuses")
            found[state] = NationalStatus(row["code"], row["name"])
    missing = set(State) - set(found)
    if missing:
        raise ValueError(f"no national status of {', '.join(sorted(missing))}")
    (handed,) = (row for row in rows if row.get("handed_over"))
    return Statuses(found, NationalStatus(handed["code"], handed["name"]))
