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
"""Of 255, between two readers in one cell. Some fifty good copies reached 20
(29/11/2026), and a line of the smallest words more or less makes cells of 70."""

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
            most = cells_apart(a, b)
            if most > MOST:
                yield f"page {page}: {one} and {other} are {most} apart"


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
    """Each page but the last is the original's, with a margin below: the same pixels,
    since the same image lies on the same grid.
    """
    for page, (copied, own) in enumerate(zip(shown, original, strict=False), 1):
        if copied.height - own.height != MARGIN_PIXELS:
            yield f"page {page}: {name} shows another height"
            continue
        part = copied.crop((0, 0, own.width, own.height))
        if part.tobytes() != own.tobytes():
            yield f"page {page}: {name} shows the original otherwise"
