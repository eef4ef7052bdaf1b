"""The seal keeper's queue."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealRow:
    document: str
    version: int
    number: str
    title: str
    requester: str
    case: str
    short_code: str
    pages: int
    officer: str
    since: datetime
    """When it was approved, or ordered again."""
    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class SealView:
    now: datetime
    rows: tuple[SealRow, ...]
    manual: bool
    """Whether the agency has its seal released by hand now; papers that were approved
    while it had wait all the same."""
