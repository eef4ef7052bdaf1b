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
from intake.domain.files import Adjustment, Part, StoredFile
from intake.domain.scan import Flag, PageFacts, with_mixed_sizes

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
    """The page as it will be signed: turned."""
    turn: int
    """How far its picture in the store is to be turned to be seen like that."""
    facts: PageFacts
    digest: str
    """The digest of the page as it will be signed (``pictures.digest``)."""
    thumb: str
    preview: str
    adjustment: Adjustment | None = None
    """How it was made of a scanned page; None for one that is as scanned."""

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
    are not. Sizes and sheets are compared among them.
    """
    good = {f.id: f for f in files if f.state == "good"}
    pages = tuple(
        _desk_page(page, good[page.id.file], names)
        for page in laid
        if page.id.file in good
    )
    facts = with_mixed_sizes(map(_facts, pages), (page.manifest for page in pages))
    flagged = (replace(page, facts=f) for page, f in zip(pages, facts, strict=True))
    return _with_duplicates(tuple(flagged))


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
        facts=_as_turned(file.part.pages[index], page.turn),
        digest=pictures.digest(manifest),
        thumb=file.part.thumbs[index],
        preview=file.part.previews[index],
        adjustment=file.made_of,
    )


def _with_duplicates(pages: tuple[DeskPage, ...]) -> tuple[DeskPage, ...]:
    """Flag each page whose sheet lies there once more: as the same picture before it,
    or as the page of its file that it looks like. A dropped page is no longer there.
    """
    there = {page.id for page in pages}
    pictures_before: set[tuple[str, ...]] = set()
    out = []
    for page in pages:
        facts = page.facts
        twin = PageId(page.id.file, facts.same_as) in there
        again = facts.sha256 in pictures_before and "blank" not in facts.flags
        pictures_before.add(facts.sha256)
        out.append(_flagged(page, "duplicate") if twin or again else page)
    return tuple(out)


def _flagged(page: DeskPage, flag: Flag) -> DeskPage:
    flags = (*page.facts.flags, flag)
    return replace(page, facts=replace(page.facts, flags=flags))


def _as_turned(facts: PageFacts, turn: int) -> PageFacts:
    """Without what a clerk's turn has set right: a page on its side may then be upright
    or upside down, and whoever turned it saw which; half a turn leaves it there.
    """
    lying = "sideways" in facts.flags
    if not turn or (lying and turn == FULL_TURN // 2):
        return facts
    flags = tuple(f for f in facts.flags if f not in {"upside-down", "sideways"})
    if "upside-down" in facts.flags and turn != FULL_TURN // 2:
        flags = (*flags, "sideways")
    return replace(facts, flags=flags)


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
