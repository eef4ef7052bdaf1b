"""The status by which the national portal knows a case, as a table.

Start at ``parse``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from intake.domain.states import State


@dataclass(frozen=True, slots=True)
class NationalStatus:
    """One of the portal's ten, with its name as the portal shows it."""

    code: int
    name: str


Statuses = Mapping[State, NationalStatus]


def parse(table: str) -> Statuses:
    """State → status. Raises ValueError for a state of ours that the table leaves out
    or names twice.
    """
    found: dict[State, NationalStatus] = {}
    for row in tomllib.loads(table)["statuses"]:
        for state in map(State, row["states"]):
            if state in found:
                raise ValueError(f"{state} has two national statuses")
            found[state] = NationalStatus(row["code"], row["name"])
    missing = set(State) - set(found)
    if missing:
        raise ValueError(f"no national status of {', '.join(sorted(missing))}")
    return found
