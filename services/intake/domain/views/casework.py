"""Forms about a whole case. Values only, filled in by ``usecases.casework``."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    kinds: tuple[Choice, ...]
    requester: Mapping[str, str]
    """Key of the label → what is typed there."""
    requester_stamp: str
    requester_open: bool
    """False once a paper has a number: its line in the register has the name."""
    papers: tuple[CorrectedPaperView, ...]
