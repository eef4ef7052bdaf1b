"""What intake knows of the house around it: for the administrator's page.

Start at ``Backlog``.
"""

from dataclasses import dataclass
from datetime import datetime

from intake.domain.states import State


@dataclass(frozen=True, slots=True)
class Waiting:
    """The papers of an agency in one state, and the one that waits longest."""

    state: State
    papers: int
    since: datetime
    case: str
    """Code of the case of the oldest."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the database."""

    waiting: tuple[Waiting, ...]
    unpublished: int
    """Events that were committed and that the bus has not taken yet."""
    oldest_unpublished: datetime | None


@dataclass(frozen=True, slots=True)
class Growing:
    """One thing that is held to a time (``domain.retention``)."""

    name: str
    count: int
    oldest: datetime | None
    due: int
    """How many the next purge removes."""


@dataclass(frozen=True, slots=True)
class BusState:
    connected: bool
    lost: frozenset[str] = frozenset()
    """Consumers that the bus does not have (any more): their news do not arrive."""
