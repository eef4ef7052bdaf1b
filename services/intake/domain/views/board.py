"""The board: the cases of an agency by the hour at which they are due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.domain.numbering import NumberingStop
from intake.domain.views.case import Asked, Stuck
from intake.domain.waiting import Waits


@dataclass(frozen=True, slots=True)
class BoardRow:
    code: str
    short_code: str
    """``261123-0004``: the agency goes without saying on its own board."""
    requester: str
    documents: int
    pages: int
    state: str
    due_at: datetime
    late: bool
    age_minutes: int
    waits: Waits
    waits_since: datetime
    numbers: tuple[str, ...]
    """Displayed numbers taken so far."""
    stuck: Stuck | None
    asked: Asked | None = None
    """Where news is late: how often it was asked for."""


@dataclass(frozen=True, slots=True)
class BoardGroup:
    name: Literal["stuck", "today", "later", "done", "found"]
    due_at: datetime | None
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    now: datetime
    groups: tuple[BoardGroup, ...]
    counts: dict[str, int]
    """State slug → cases, of the whole agency."""
    state: str | None
    """The filter chosen in the rail."""
    query: str
    next_due_at: datetime | None
    due_today: int
    stuck: int
    late: int
    issued_today: int
    more: str | None = None
    """From where the next page of hits goes on; None where nothing is left."""
    may_open: bool = True
    """An administrator counts cases and opens none: no link where 403 would answer."""
    numbering: NumberingStop | None = None
    """Why this agency gets no number now; None while it does."""
