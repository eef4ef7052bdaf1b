"""The administrator's page of templates."""

from dataclasses import dataclass
from datetime import date

from intake.domain.handouts.fields import Handout
from intake.domain.handouts.templates import HandoutTemplate


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One paper with the version that holds today."""

    handout: Handout
    ordinal: int
    valid_from: date
    own: bool
    """Issued by this agency; else it comes with the program."""
    by: str
    next_from: date | None
    """From when on another version holds; None where none is issued."""


@dataclass(frozen=True, slots=True)
class TemplatesView:
    rows: tuple[TemplateRow, ...]


@dataclass(frozen=True, slots=True)
class TemplateView:
    row: TemplateRow
    rows: tuple[TemplateRow, ...]
    text: str
    """The latest version's, to begin the next one with."""
    valid_from: date
    """The earliest day from which a new version may hold."""
    fields: tuple[str, ...]
    """Names that may stand in braces."""
    versions: tuple[HandoutTemplate, ...]
