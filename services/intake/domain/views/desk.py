"""The desk of one paper: its files, laid out page by page beside the original."""

from dataclasses import dataclass
from datetime import datetime

from intake.domain.page_texts import Why
from intake.domain.proposing import Field, Sure
from intake.domain.views.case import DocumentView, ObjectionView


@dataclass(frozen=True, slots=True)
class ScannedView:
    """The page as it was scanned, of which the page that is shown was made."""

    large_url: str
    width: int
    height: int
    """Pixels, upright as seen."""
    degrees: float
    """How far it was turned clockwise, to lie straight."""
    trim: tuple[float, float, float, float]
    """Per cent that were cut off, as seen: left, top, right, foot."""


@dataclass(frozen=True, slots=True)
class PageView:
    number: int
    digest: str
    """The digest of the page as it will be signed: what a form names as seen or
    compared."""
    thumb_url: str
    large_url: str
    file_name: str
    dpi: int
    width: int
    height: int
    """Pixels, upright as seen."""
    flags: tuple[str, ...]
    """``rendered``, ``under-200-dpi``, ``blank``, ``mixed-sizes`` …"""
    name: str = ""
    """What a form calls it, wherever it lies (``arranging.PageId``)."""
    drawn: tuple[int, int] = (0, 0)
    """Pixels of the page drawn in full, upright as seen: what the tiles make up."""
    scanned: ScannedView | None = None
    """The page as scanned, where a clerk has straightened or trimmed it."""
    lean: float = 0.0
    """Degrees clockwise that would lay its lines level."""


@dataclass(frozen=True, slots=True)
class ComingView:
    """A page that is seen already, while the rest of its file is being rebuilt."""

    number: int
    """In its file."""
    file_name: str
    thumb_url: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step that can be taken back or done again."""

    kind: str
    """Key ``desk-steps.did.<kind>``."""
    pages: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper of the case, as the forms between papers name and show it."""

    id: str
    ordinal: int
    title: str
    version: int
    declared_pages: int
    compared: bool
    open: bool
    """It can be worked on."""
    pages: tuple[PageView, ...]


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload that waits for the rest of its bytes."""

    url: str
    name: str
    size: int
    modified: str
    """When the file was last changed, in its machine's words: with name and size it
    tells which file goes on here."""
    place: int
    percent: int
    since: datetime
    """When its last byte came."""
    kept_until: datetime
    """Then what came is removed, unless somebody goes on."""


@dataclass(frozen=True, slots=True)
class OfferView:
    """A value that was read, for the clerk to take or leave."""

    value: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of what the paper says, with what is offered for it."""

    name: Field
    value: str
    """The field as it is put down now; a day is ``dd/mm/yyyy``."""
    offer: OfferView | None = None
    """The offer is None where nothing was read, or what is put down already."""


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How far the pages are read, and what the paper says of itself."""

    fields: tuple[FieldView, ...]
    lacking: tuple[str, ...] = ()
    """An operator must give these first: packages, or the setting that is off."""
    waiting: int = 0
    read: int = 0
    failed: tuple[tuple[int, Why], ...] = ()
    """The number of each page that could not be read, and why."""


@dataclass(frozen=True, slots=True)
class PageDeskView:
    case_code: str
    short_code: str
    requester: str
    due_at: datetime
    now: datetime
    document: DocumentView
    siblings: tuple[tuple[str, int, str], ...]
    """(document id, ordinal, title) of the case, for the tabs."""
    pages: tuple[PageView, ...]
    count_differs: bool
    limit_bytes: int
    limit_pages: int
    coming: tuple[ComingView, ...] = ()
    uploads: tuple[UploadView, ...] = ()
    """The viewer's own that stopped in the middle."""
    dropped: tuple[PageView, ...] = ()
    """Put aside: they can be brought back."""
    papers: tuple[PaperView, ...] = ()
    """All of the case, this one among them, also those that were merged into another.
    """
    kinds: tuple[str, ...] = ()
    last_step: StepView | None = None
    """What an undo takes back."""
    undone_step: StepView | None = None
    """What comes back with a redo."""
    reading: ReadingView | None = None
    objections: tuple[ObjectionView, ...] = ()
    """The pages that a certifier sent back, as they lie now."""

    @property
    def others(self) -> tuple[PaperView, ...]:
        """The other papers that can be worked on."""
        return tuple(p for p in self.papers if p.open and p.id != self.document.id)
