"""The inbox: what hot folders brought, and the papers that it can become part of."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ArrivalView:
    id: str
    name: str
    folder: str
    sender: str
    """The folder inside the hot folder, or nothing."""
    size: int
    pages: int
    dpi: int
    """The least of its pages; 0 before they are there."""
    arrived_at: datetime
    state: str
    """``waiting``, ``assigned`` or ``set-aside``."""
    checked: str
    """``busy``, ``good``, ``refused`` or ``moved`` (aside, in its folder)."""
    fault: str
    """Key ``file.<slug>``, where it cannot be a scan."""
    low: bool
    """A page has less than 200 dpi."""
    by: str
    at: datetime | None
    reason: str
    paper: "PaperChoice | None" = None
    """Where it was assigned to, while that can still be undone."""


@dataclass(frozen=True, slots=True)
class PaperChoice:
    """A paper that takes a file now."""

    document: str
    case: str
    short_code: str
    requester: str
    ordinal: int
    title: str
    pages: int
    declared_pages: int


@dataclass(frozen=True, slots=True)
class FolderView:
    name: str
    looked_at: datetime
    trouble: str
    """Key ``inbox.trouble.<slug>``, or nothing."""
    since: datetime | None
    arriving: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class InboxView:
    now: datetime
    waiting: tuple[ArrivalView, ...]
    assigned: tuple[ArrivalView, ...]
    """Today's."""
    put_aside: tuple[ArrivalView, ...]
    """Today's."""
    folders: tuple[FolderView, ...]
    papers: tuple[PaperChoice, ...]
    document: str = ""
    """The paper that is chosen already."""

    @property
    def last(self) -> ArrivalView | None:
        """What was moved last and can be brought back: what an undo is about."""
        undone = [v for v in self.assigned if v.paper] + list(self.put_aside)
        return max(undone, key=lambda v: v.at or v.arrived_at, default=None)
