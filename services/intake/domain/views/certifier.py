"""The certifier's wall: the queue, and one paper wholly."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from intake.domain.numbering import NumberingStop
from intake.domain.views.case import DocumentView, Stuck
from intake.domain.views.desk import PageView
from intake.domain.views.page import Choice
from intake.domain.waiting import Waits


@dataclass(frozen=True, slots=True)
class QueueRow:
    document: str
    title: str
    kind: str
    requester: str
    short_code: str
    due_at: datetime
    late: bool
    pages: int
    flags: tuple[str, ...]
    here: bool
    waits: Waits
    since: datetime
    """When it came to where it waits."""
    version: int = 0
    seen: int = 0
    """How many of its pages the viewer has seen to the end."""
    may: bool = False
    """The viewer may approve it: all of it is seen, and it is not their own."""


@dataclass(frozen=True, slots=True)
class ClauseView:
    """The clause as it will be signed; its number is taken at the approval."""

    statement: str
    number: str | None
    book: str
    date: date
    title_lines: tuple[str, ...]
    officer: str
    agency: str
    place: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What became of one paper of an act: a number, or a reason and what to do."""

    document: str
    title: str
    requester: str
    short_code: str
    case: str = ""
    key: str = ""
    """The sentence that says why it was not approved; empty where it was."""
    values: dict[str, str | int] = field(default_factory=dict)
    who: str = ""
    when: datetime | None = None
    """Who was first, and when, where somebody was."""
    number: str | None = None
    state: str = ""
    stuck: Stuck | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """The papers of one act, refused ones first."""

    now: datetime
    began_at: datetime
    ended_at: datetime
    rows: tuple[BatchRow, ...]
    approved: int
    moving: bool
    """A machine is at work on one of them: the page looks again by itself."""


@dataclass(frozen=True, slots=True)
class RefusalChoice:
    """A ground on which the paper may be refused."""

    code: str
    group: Literal["law", "held", "asked"]
    """What follows, under ``refuse.group``."""


@dataclass(frozen=True, slots=True)
class WallView:
    """``document`` is None when the queue is empty.

    Each page is an ``<input type=checkbox name=seen value={digest}>`` in the form of
    the approval, ticked by the script when the page's lower edge was in view, and by
    hand without a script. The server refuses an approval unless ``seen`` names every
    page.
    """

    now: datetime
    queue: tuple[QueueRow, ...]
    document: DocumentView | None
    case_code: str
    short_code: str
    requester: str
    received_by: str
    pages: tuple[PageView, ...]
    clause: ClauseView | None
    why_not: str | None
    """Slug why the viewer cannot approve: ``own-case``, ``no-office``."""
    refusals: tuple[RefusalChoice, ...]
    """Why a paper may not be certified, to choose from (Nghị định 23/2015 art. 22)."""
    wrongs: tuple[Choice, ...] = ()
    """What may be wrong with a page, to choose from when the paper is sent back."""
    seen: frozenset[str] = frozenset()
    """Digests of the pages that the viewer has seen to the end before."""
    numbering: NumberingStop | None = None
    """Why this agency gets no number now; None while it does."""
