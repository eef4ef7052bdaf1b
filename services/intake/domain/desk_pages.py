"""The pages of one paper as they lie on the desk, with their pictures, and what of
which file is joined into the original. Start at ``desk_pages``.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Final

from ecopy.events import ManifestPage
from ecopy.identifiers import ObjectRef
from intake.domain import pictures
from intake.domain.arranging import FULL_TURN, LaidPage, PageId
from intake.domain.files import Part, StoredFile
from intake.domain.scan import PageFacts, with_mixed_sizes

POINTS_PER_INCH: Final = 72
MOST_SIDE: Final = 12_000
"""Pixels; a strip of paper as narrow as a receipt must not become a tower."""
MOST_DRAWN: Final = 40_000_000
"""Pixels of a page drawn in full: A4 at 600 dpi has 35 million."""
TILE: Final = 1024
"""Pixels of a tile's side; ``zoom.js`` has the same."""


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page as it lies on the desk, with the object keys of its pictures."""

    id: PageId
    file_name: str
    part: Part
    """The file that it is a page of."""
    manifest: ManifestPage
    """As it will be signed: turned."""
    turn: int
    """How far its picture in the store is to be turned to be seen like that."""
    facts: PageFacts
    digest: str
    """The digest of the page as it will be signed (``pictures.digest``)."""
    thumb: str
    preview: str

    @property
    def rotation(self) -> int:
        """How far the page is turned clockwise, in degrees."""
        return self.manifest.rotation

    @property
    def full_size(self) -> tuple[int, int]:
        """Pixels of the page drawn as sharp as it was scanned, upright as seen; less
        where that would be more than ``MOST_DRAWN``.
        """
        width, height = self.manifest.width, self.manifest.height
        if self.rotation in {90, 270}:
            width, height = height, width
        scale = min(
            self.facts.dpi / POINTS_PER_INCH,
            MOST_SIDE / max(width, height),
            math.sqrt(MOST_DRAWN / (width * height)),
        )
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Pages of one part, one after the other, as they stand in the original."""

    ref: ObjectRef
    numbers: tuple[int, ...]
    """1-based, in the part."""
    manifest: tuple[ManifestPage, ...]
    pages: tuple[PageFacts, ...]
    whole: bool
    """The part itself, page for page, so that its bytes can stand for it."""


def desk_pages(
    laid: Iterable[LaidPage],
    files: Iterable[StoredFile],
    names: Mapping[str, str],
) -> tuple[DeskPage, ...]:
    """The pages that are there to be seen, in order; those of files that were removed
    are not. Sizes are compared among them.
    """
    good = {f.id: f for f in files if f.state == "good"}
    pages = tuple(
        _desk_page(page, good[page.id.file], names)
        for page in laid
        if page.id.file in good
    )
    facts = with_mixed_sizes(map(_facts, pages), (page.manifest for page in pages))
    return tuple(
        replace(page, facts=seen) for page, seen in zip(pages, facts, strict=True)
    )


def excerpts(pages: Iterable[DeskPage]) -> tuple[Excerpt, ...]:
    """The pages in their order, those side by side of one file together."""
    runs = groupby(pages, key=attrgetter("id.file"))
    return tuple(_excerpt(tuple(run)) for _, run in runs)


def tile_names(size: tuple[int, int]) -> tuple[str, ...]:
    """``<column>-<row>`` of each tile of a page of that many pixels."""
    columns, rows = (-(-side // TILE) for side in size)
    return tuple(f"{x}-{y}" for x in range(columns) for y in range(rows))


def turned(page: ManifestPage, degrees: int) -> ManifestPage:
    """The page turned clockwise; nothing in it changes but how it is shown."""
    rotation = (page.rotation + degrees) % FULL_TURN
    return page.model_copy(update={"rotation": rotation}) if degrees else page


def _desk_page(page: LaidPage, file: StoredFile, names: Mapping[str, str]) -> DeskPage:
    if file.part is None:
        raise AssertionError("a good file has a part")
    index = page.id.number - 1
    manifest = turned(file.part.manifest[index], page.turn)
    return DeskPage(
        id=page.id,
        file_name=names.get(file.id, file.name),
        part=file.part,
        manifest=manifest,
        turn=page.turn,
        facts=file.part.pages[index],
        digest=pictures.digest(manifest),
        thumb=file.part.thumbs[index],
        preview=file.part.previews[index],
    )


def _facts(page: DeskPage) -> PageFacts:
    return page.facts


def _excerpt(pages: tuple[DeskPage, ...]) -> Excerpt:
    part = pages[0].part
    manifest = tuple(page.manifest for page in pages)
    numbers = tuple(page.id.number for page in pages)
    return Excerpt(
        ref=part.ref,
        numbers=numbers,
        manifest=manifest,
        pages=tuple(page.facts for page in pages),
        whole=manifest == part.manifest
        and numbers == tuple(range(1, len(part.manifest) + 1)),
    )
