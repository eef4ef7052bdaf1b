"""Forms about a whole case. Values only, filled in by ``usecases.casework``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.domain.case_history import Agreement
from intake.domain.views.page import Choice


@dataclass(frozen=True, slots=True)
class CorrectedPaperView:
    """A paper whose words can still be corrected."""

    id: str
    ordinal: int
    fields: Mapping[str, str]
    """Key of the label → what is typed there."""
    stamp: str
    """Comes back with the form and says what it was made from."""
    fee: int
    scanned: int
    """How many pages the scan has; 0 without one."""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    code: str
    short_code: str
    channels: tuple[Choice, ...]
    id_kinds: tuple[Choice, ...]
    kinds: tuple[str, ...]
    originals_back: tuple[Choice, ...]
    requester: Mapping[str, str]
    """Key of the label → what is typed there."""
    requester_stamp: str
    requester_open: bool
    """False once a paper has a number: its line in the register has the name."""
    papers: tuple[CorrectedPaperView, ...]


@dataclass(frozen=True, slots=True)
class EndingPaperView:
    """A paper that can still end at the desk."""

    value: str
    """What its box sends: id and version."""
    ordinal: int
    title: str
    state: str
    at_certifier: bool
    """It awaits approval, so it can be taken back only."""


@dataclass(frozen=True, slots=True)
class EndingView:
    """The form by which papers end without a copy."""

    code: str
    short_code: str
    requester: str
    papers: tuple[EndingPaperView, ...]
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskingPaperView:
    """A paper that a clerk has in hand, so that something of it may be missing."""

    id: str
    value: str
    """What its box sends: id and version."""
    ordinal: int
    title: str
    pages: int
    state: str


@dataclass(frozen=True, slots=True)
class SupplementView:
    """The form that asks the requester for what is missing."""

    code: str
    short_code: str
    requester: str
    due_at: datetime
    received_at: datetime
    now: datetime
    until: str
    """The last day that is proposed, ``07/12/2026``."""
    grounds: tuple[str, ...]
    """Keys of the table ``lacks`` that can be chosen today."""
    papers: tuple[AskingPaperView, ...]


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """The form that puts a due hour off."""

    code: str
    short_code: str
    requester: str
    version: int
    """Comes back with the form: who is second hears who was first."""
    due_at: datetime
    now: datetime
    grounds: tuple[Choice, ...]
    offers: tuple[tuple[int, datetime], ...]
    """Working days that need no agreement, each with the hour that it comes to."""
    agreed_days: int
    """The most that is taken with one."""
    agreements: tuple[Agreement, ...]
    """Those on which no extension rests yet."""
    takes: bool
    """Whether the case takes one more."""
