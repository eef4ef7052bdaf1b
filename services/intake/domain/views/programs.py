"""The administrator's page of programs."""

from dataclasses import dataclass
from datetime import date, datetime

from intake.domain.programs import ProgramStanding


@dataclass(frozen=True, slots=True)
class ProgramRow:
    prefix: str
    name: str
    scopes: tuple[str, ...]
    last_day: date
    days_left: int
    standing: ProgramStanding
    made_by: str
    made_at: datetime
    revoked_by: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProgramsView:
    rows: tuple[ProgramRow, ...]
    """Those in force first."""
    scopes: tuple[str, ...]
    now: datetime
    proposed: date
    """The last day that the form proposes."""
    latest: date
    """The latest last day that is allowed."""
    given: str = ""
    """The token that was just made: shown once, and nowhere kept."""
    given_to: str = ""
