"""The board: the cases of an agency by the hour at which they are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.domain.board_filters import BoardFilter
from intake.domain.calendar import local_day
from intake.domain.case_history import Extension, SupplementRequest
from intake.domain.numbering import NumberingStop
from intake.domain.searching import TextPart
from intake.domain.views.case import Asked, Stuck
from intake.domain.waiting import Waits


@dataclass(frozen=True, slots=True)
class ShownHits:
    """Where a case has what was sought, as far as its row shows it."""

    code: Sequence[TextPart]
    requester: Sequence[TextPart]
    titles: Sequence[Sequence[TextPart]]
    """The papers whose title or number has some of it."""


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
    supplement: SupplementRequest | None = None
    """What is awaited from the requester; while it is, the clock stands."""
    hits: ShownHits | None = None
    """What of it was sought; None on a board that nothing was sought on."""
    extension: Extension | None = None
    """How the due hour was put off last, by the clock that runs now."""


@dataclass(frozen=True, slots=True)
class BoardGroup:
    name: Literal[
        "stuck", "hand-over", "late", "today", "later", "age", "done", "found"
    ]
    due_at: datetime | None
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view that the reader has saved, with the address that opens it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class BoardView:
    now: datetime
    groups: tuple[BoardGroup, ...]
    asked: BoardFilter
    counts: dict[str, int]
    """State slug → open cases of the agency, or of the reader."""
    ended: dict[str, int]
    """State slug → cases that ended in this month."""
    next_due_at: datetime | None
    due_today: int
    stuck: int
    late: int
    issued_today: int
    query: str = ""
    less: str | None = None
    """From where the page before goes back; None where there is none."""
    saved: tuple[ShownView, ...] = ()
    """The reader's own."""
    more: str | None = None
    """From where the next page goes on; None where nothing is left."""
    first: bool = True
    """It is the first page."""
    may_open: bool = True
    """An administrator counts cases and opens none: no link where 403 would answer."""
    numbering: NumberingStop | None = None
    """Why this agency gets no number now; None while it does."""

    @property
    def opened(self) -> ShownView | None:
        """The saved view that this board is."""
        here = self.asked.address()
        return next((view for view in self.saved if view.address == here), None)

    @property
    def this_month(self) -> str:
        """``2026-11``, the last month in which cases have ended."""
        return f"{local_day(self.now):%Y-%m}"
