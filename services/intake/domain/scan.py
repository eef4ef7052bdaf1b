"""Stages of a scan: raw file → rebuilt file → normalised original.

Values only. The hostile bytes are touched by ``adapters.rebuild`` in a process of its
own; what comes back is one of these, or ``ScanRefused`` for that one file
(docs/decisions/0040). Start at ``RebuiltFile``.
"""

from __future__ import annotations  # the worker imports this without pydantic

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecopy.events import ManifestPage

Done = Literal["lifted", "re-encoded", "recompressed", "rendered", "embedded"]
"""What became of a page: *lifted*: its streams stand bit for bit (or with metadata
segments cut, see the flag); *embedded*: the same for a picture file; *re-encoded*: same
pixels, other filter; *recompressed*: a picture that was compressed with loss, now JPEG
of high quality (docs/decisions/0108); *rendered*: drawn anew by pdfium at 300 dpi or
more."""

Flag = Literal[
    "rendered",
    "under-200-dpi",
    "blank",
    "mixed-sizes",
    "metadata-cut",
    "text-layer-dropped",
    "colour-profile-cut",
    "size-assumed",
    "cropped",
    "form-values",
    "laid-on-larger-page",
    "other-pictures-left-out",
    "duplicate",
    "upside-down",
    "sideways",
    "skewed",
    "blurred",
    "cut-edges",
    "straightened",
    "trimmed",
]
"""What the page desk and the wall point out. *size-assumed*: the file told no usable
dpi, so the image was fitted to A4. *cropped*: the file hides a part of an image, which
is not in the page. *form-values*: what stands in a form field was drawn by us, or may
be shown otherwise by another program. *laid-on-larger-page*: the paper is too small for
a copy's footer. *other-pictures-left-out*: a picture file has more pictures like a
page; only its main one, or those that are no thumbnails, became pages.

*duplicate*: the same sheet is there before, by picture or by look. *upside-down* and
*sideways*: its text stands so, as the page lies on the desk. *skewed*: by more than 2°.
*cut-edges*: what stands on the page runs off it. All of them are advice
(docs/decisions/0110). *straightened* and *trimmed*: by a clerk, who has the page as it
was scanned beside (docs/decisions/0130)."""

FOR_GOOD: Final[frozenset[Flag]] = frozenset(
    {
        "rendered",
        "metadata-cut",
        "text-layer-dropped",
        "colour-profile-cut",
        "size-assumed",
        "cropped",
        "form-values",
        "other-pictures-left-out",
    }
)
"""What became of a page on its way, whatever is done with it later; all else is found
anew."""

MIXED_SIZE_POINTS: Final = 12.0
"""Pages whose sides differ by less are one size: scanners cut a few millimetres off."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A raw file on this machine, as uploaded. ``name`` is for sentences only."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Where one page came from and what was done to it."""

    source_file: int
    """0-based, in the clerk's order."""
    source_page: int
    """1-based, in that file."""
    sha256: tuple[str, ...]
    """The digest of each image stream as it stands in the normalised original, in
    order."""
    width: int
    """Pixels of the page's images taken together, before rotation."""
    height: int
    dpi: int
    """Effective: the lower of the two directions, rounded."""
    done: Done
    flags: tuple[Flag, ...] = ()
    same_as: int = 0
    """The earlier page of that file that shows the same sheet, 1-based; 0 for none."""
    lean: float = 0.0
    """Degrees that its lines lean as the page lies in its file, counter-clockwise
    positive; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class RebuiltFile:
    """One file of a document, accepted: a PDF of its page images and nothing else."""

    name: str
    media_type: str
    """The type by magic bytes; what the browser said of it does not count."""
    path: Path
    size: int
    sha256: str
    manifest: tuple[ManifestPage, ...]
    pages: tuple[PageFacts, ...]
    thumbnails: tuple[Path, ...] = ()
    """JPEG, 160 px wide, upright; one a page. Not needed to join."""
    previews: tuple[Path, ...] = ()
    """JPEG, 1100 to 1400 px wide, upright; one a page."""

    @property
    def leaves(self) -> Leaves:
        """All of its pages, as they are."""
        numbers = tuple(range(1, len(self.manifest) + 1))
        return Leaves(self.name, self.path, numbers, self.manifest, self.pages)


@dataclass(frozen=True, slots=True)
class Leaves:
    """Pages of one rebuilt file, as they are to stand in an original."""

    name: str
    path: Path
    numbers: tuple[int, ...]
    """1-based, in the file."""
    manifest: tuple[ManifestPage, ...]
    """Theirs, each with the turn that it is to have."""
    pages: tuple[PageFacts, ...]


@dataclass(frozen=True, slots=True)
class NormalisedOriginal:
    """The document's pages in the clerk's order, rebuilt; what will be certified."""

    path: Path
    size: int
    sha256: str
    manifest: tuple[ManifestPage, ...]
    """Describes exactly what stands in the file, image by image."""
    pages: tuple[PageFacts, ...]


class ScanFault(StrEnum):
    """Why one file is refused. The others go on; the raw file is kept.

    The sentences for people stand in ``intake.web``; each names the file.
    """

    UNREADABLE = "unreadable"
    """This service may not open it, or the disk gives it no more: of a hot folder."""
    PASSWORD = "password"  # noqa: S105 - a slug
    """Encrypted, with or without a password to open it."""
    ALREADY_SIGNED = "already-signed"
    """Code DTU: an electronic original, certified by other rules."""
    BORN_DIGITAL = "born-digital"
    """Code DTU: no page is a picture of paper."""
    UNKNOWN_TYPE = "unknown-type"
    """None of the kinds that are read, by its first bytes."""
    HEIC_NOT_READ = "heic-not-read"
    """HEIC, on a machine without the optional part that reads it."""
    TRUNCATED = "truncated"
    """The end of the file is missing, or rows of a picture in it."""
    CONTRADICTORY = "contradictory"
    """A picture's description and its data say different sizes or colours, so that
    each reader would show another page."""
    UNKNOWN_CODING = "unknown-coding"
    """A picture is written in a way that nothing here can judge."""
    EMPTY = "empty"
    """0 bytes."""
    NOT_DRAWN = "not-drawn"
    """A form value or a note that viewers show is nowhere drawn in the file."""
    XFA_FORM = "xfa-form"
    """An XFA form: most programs show another page than Acrobat does."""
    NO_PAGES = "no-pages"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_MANY_PIXELS = "too-many-pixels"
    """A picture of more pixels than we copy: a bomb, or a wrong dpi."""
    PAGE_TOO_LARGE = "page-too-large"
    """A page larger than a copy's page can be (``ecopy.paper``), in metres."""
    TOO_LARGE = "too-large"
    """More bytes than the limit, before or after rebuilding."""
    DAMAGED = "damaged"
    """Inner structure broken, or the worker crashed on it."""
    TOO_MUCH_WORK = "too-much-work"
    """Wall clock, CPU time or memory ran out on this file."""

    @property
    def dtu(self) -> bool:
        """Refused with code DTU: an electronic document, not a scan of paper."""
        return self in {ScanFault.ALREADY_SIGNED, ScanFault.BORN_DIGITAL}


class ScanRefused(Exception):
    """One file that cannot become part of a document. Says nothing of its content.

    ``detail`` is for the log and for numbers in the sentence (``"412 pages"``).
    """

    def __init__(self, fault: ScanFault, name: str, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault = fault
        self.name = name
        self.detail = detail


def with_mixed_sizes(
    pages: Iterable[PageFacts], manifest: Iterable[ManifestPage]
) -> tuple[PageFacts, ...]:
    """Flag the pages whose paper is not the first page's."""
    laid = list(zip(pages, manifest, strict=True))
    return tuple(_flagged(facts, page, laid[0][1]) for facts, page in laid)


def _flagged(facts: PageFacts, page: ManifestPage, first: ManifestPage) -> PageFacts:
    flags: tuple[Flag, ...] = tuple(f for f in facts.flags if f != "mixed-sizes")
    differs = any(
        abs(a - b) > MIXED_SIZE_POINTS
        for a, b in zip(_paper(page), _paper(first), strict=True)
    )
    return replace(facts, flags=(*flags, "mixed-sizes") if differs else flags)


def _paper(page: ManifestPage) -> list[float]:
    """Short side, long side: a landscape page is the same paper."""
    return sorted((page.width, page.height))
