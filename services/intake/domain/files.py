"""A document's files as stored, and the pages that they lay on the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ecopy.events import ManifestPage
from ecopy.identifiers import ObjectRef
from intake.domain import pictures
from intake.domain.scan import PageFacts, with_mixed_sizes


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
    in_hand_until: datetime | None = None
    """The end of a busy file's lease: whoever checks it renews it; past it nobody
    does."""

    @property
    def object_keys(self) -> frozenset[str]:
        """Keys of all objects that were made of this file, the raw one among them."""
        made = self.part.object_keys if self.part is not None else ()
        return frozenset((self.raw.key, *made))

    def waits(self, now: datetime) -> bool:
        """Whether the file is still to be checked, and nobody is at it."""
        until = self.in_hand_until
        return self.state == "busy" and (until is None or until <= now)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page as it lies on the desk, with the object keys of its pictures."""

    file_name: str
    facts: PageFacts
    rotation: int
    """How far the page is turned clockwise, in degrees."""
    digest: str
    """The digest of the page as it will be signed (``pictures.digest``)."""
    thumb: str
    preview: str


def pages_in_order(
    files: tuple[StoredFile, ...], names: Mapping[str, str]
) -> tuple[DeskPage, ...]:
    """The pages of these files in their order, each with the name of its file."""
    parts = [(names[f.id], f.part) for f in files if f.part is not None]
    manifest = [page for _, part in parts for page in part.manifest]
    facts = with_mixed_sizes([p for _, part in parts for p in part.pages], manifest)
    images = [
        (name, thumb, preview)
        for name, part in parts
        for thumb, preview in zip(part.thumbs, part.previews, strict=True)
    ]
    return tuple(
        DeskPage(name, seen, page.rotation, pictures.digest(page), thumb, preview)
        for (name, thumb, preview), seen, page in zip(
            images, facts, manifest, strict=True
        )
    )
