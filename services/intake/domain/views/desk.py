"""The desk of one paper: its files, laid out page by page beside the original."""

from dataclasses import dataclass
from datetime import datetime

from intake.domain.views.case import DocumentView


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
    uploads: tuple[UploadView, ...] = ()
    """The viewer's own that stopped in the middle."""
