"""A document's files as stored: raw, then rebuilt as parts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ecopy.events import ManifestPage
from ecopy.identifiers import ObjectRef
from intake.domain.people import Actor
from intake.domain.scan import PageFacts


@dataclass(frozen=True, slots=True)
class Part:
    """An accepted file, rebuilt alone; parts joined are the normalised original."""

    ref: ObjectRef
    manifest: tuple[ManifestPage, ...]
    pages: tuple[PageFacts, ...]
    thumbs: tuple[str, ...]
    """Object keys, one a page."""
    previews: tuple[str, ...]

    @property
    def object_keys(self) -> tuple[str, ...]:
        return (self.ref.key, *self.thumbs, *self.previews)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a sender wanted of a file: to lie in the place of a page."""

    page: str
    """The page that goes (``str`` of a ``PageId``)."""
    by: Actor


NOTHING_TRIMMED: Final = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How a page was made of a scanned one, which stays beside it."""

    page: str
    """The page as it was scanned (``str`` of a ``PageId``)."""
    degrees: float = 0.0
    """How far its pictures were turned clockwise, to lie straight."""
    trim: tuple[float, float, float, float] = NOTHING_TRIMMED
    """Per cent of the page that were cut off: left, top, right, foot, as it lies in its
    file, before any turn."""

    @property
    def trims(self) -> bool:
        return any(self.trim)


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    document: str
    position: int
    """In the clerk's order; 0 before it has one."""
    name: str
    """The file's name as sent, made safe to show."""
    raw: ObjectRef
    uploaded_by: str
    uploaded_at: datetime
    state: Literal["busy", "good", "refused", "removed"]
    fault: str | None = None
    detail: str = ""
    part: Part | None = None
    coming: tuple[str, ...] = ()
    """Object keys of thumbnails of a busy file, page by page as they are drawn."""
    replaces: Replacement | None = None
    """The page in whose place it was sent; None for a file of its own, and where that
    page had gone when the file was good."""
    made_of: Adjustment | None = None
    """Nobody sent it: it is one page, made of a page of another file at the desk."""
    in_hand_until: datetime | None = None
    """The end of a busy file's lease: whoever checks it renews it; past it nobody
    does."""

    @property
    def object_keys(self) -> frozenset[str]:
        """Keys of all objects that were made of this file, the raw one among them."""
        made = self.part.object_keys if self.part is not None else ()
        return frozenset((self.raw.key, *made))

    @property
    def thumbs(self) -> tuple[str, ...]:
        """Object keys of the thumbnails that there are so far."""
        return self.coming if self.part is None else self.part.thumbs

    def waits(self, now: datetime) -> bool:
        """Whether the file is still to be checked, and nobody is at it."""
        until = self.in_hand_until
        return self.state == "busy" and (until is None or until <= now)
