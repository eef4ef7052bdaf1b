"""Do four readers show the same of a copy, and of each original page what the original
shows? Start at ``disagreements``.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Final

import numpy as np
from PIL import Image

from support.readers import Show

MARGIN_PIXELS: Final = 34
CELL: Final = 8
"""Pixels, two millimetres: readers smooth letters and edges by rules of their own, and
within such a cell that evens out."""
MOST: Final = 40
"""Of 255, between two readers in one cell of what we write: margins and clause page.
A good copy reached 20 (30/11/2026), and a line of the smallest words more or
less makes cells of 70."""
MOST_OF_PICTURE: Final = 96
"""The same of a scan, where it is the readers' own affair: each makes a picture smaller
by its own rule, and hard edges on a small page reached 55. What the copy may have done
to it is seen by holding one reader's page against the original's."""
MOST_OF_ORIGINAL: Final = 24
"""Of 255, in one reader between a page and the original's. The pixels are the same but
in MuPDF, which rounds where a picture that it makes smaller begins; it reached 12."""

Pages = Mapping[str, Sequence[Image.Image]]


def disagreements(
    readers: Mapping[str, Show], copy: bytes, original: bytes
) -> Iterator[str]:
    """What a person would see otherwise, in one sentence each."""
    shown = {name: show(copy) for name, show in readers.items()}
    yield from _between(shown)
    for name, show in readers.items():
        yield from _from_original(name, shown[name], show(original))


def _between(shown: Pages) -> Iterator[str]:
    for one, other in combinations(shown, 2):
        first, second = shown[one], shown[other]
        if len(first) != len(second):
            yield f"{one} shows {len(first)} pages, {other} {len(second)}"
            continue
        for page, (a, b) in enumerate(zip(first, second, strict=True), 1):
            part = _apart(a, b, whole=page == len(first))
            if part:
                yield f"page {page}: {one} and {other} are apart in the {part}"


def _apart(one: Image.Image, other: Image.Image, *, whole: bool) -> str:
    """The part in which two readers show something else; empty where in none."""
    if whole:
        return "clause" if cells_apart(one, other) > MOST else ""
    upper, lower = zip(*(_halves(page) for page in (one, other)), strict=True)
    if cells_apart(*lower) > MOST:
        return "margin"
    return "picture" if cells_apart(*upper) > MOST_OF_PICTURE else ""


def _halves(page: Image.Image) -> tuple[Image.Image, Image.Image]:
    """The original's page and the margin below it."""
    wide, high = page.size
    edge = high - MARGIN_PIXELS
    return page.crop((0, 0, wide, edge)), page.crop((0, edge, wide, high))


def cells_apart(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two cells, of 255, where one page may lie a pixel
    beside the other; pages of two sizes are as far apart as can be, unless it is a
    pixel of rounding.
    """
    if max(abs(one.width - other.width), abs(one.height - other.height)) > 1:
        return 255
    size = min(one.width, other.width) - 2, min(one.height, other.height) - 2
    cells = _cells(one, (1, 1), size)
    shifts = product((0, 1, 2), repeat=2)
    apart = [abs(cells - _cells(other, shift, size)).max(axis=2) for shift in shifts]
    return int(np.minimum.reduce(apart).max())


def _cells(
    page: Image.Image, corner: tuple[int, int], size: tuple[int, int]
) -> np.ndarray:
    """The mean colour of each cell of the part that begins at *corner*."""
    (left, top), (wide, high) = corner, size
    part = page.crop((left, top, left + wide, top + high))
    return np.asarray(part.reduce(CELL), np.int16)


def _from_original(
    name: str, shown: Sequence[Image.Image], original: Sequence[Image.Image]
) -> Iterator[str]:
    """Each page but the last is the original's, with a margin below."""
    for page, (copied, own) in enumerate(zip(shown, original, strict=False), 1):
        if copied.height - own.height != MARGIN_PIXELS:
            yield f"page {page}: {name} shows another height"
            continue
        part = copied.crop((0, 0, own.width, own.height))
        if cells_apart(part, own) > MOST_OF_ORIGINAL:
            yield f"page {page}: {name} shows the original otherwise"
