"""Where a page's images stand on the page as a copy lays it: box at 0 0, upright."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pikepdf

from intake.adapters.rebuild.matrices import Box, bounds, common, multiply
from intake.adapters.rebuild.pages import Matrix, Unfit, rounded
from intake.domain.scan import ScanFault

SCAN_COVERS: Final = 0.5
"""Of the page, by one image or by strips together (spec 9.4)."""
_SLANT: Final = 0.05
"""Points that a side may lean before it counts as skewed."""
_GAP: Final = 1.0
"""Points between two strips of one image."""
_LARGEST: Final = 14_400.0
"""Points; a PDF's own limit."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's visible box and the matrices of its images, from the box's corner."""

    width: float
    height: float
    rotation: int
    matrices: tuple[Matrix, ...]


def sheet(page: pikepdf.Page, matrices: Sequence[Matrix]) -> Sheet:
    """Raises Unfit for a page without an area."""
    unit = float(page.obj.get("/UserUnit", 1))
    media = _box(page.mediabox)
    left, low, right, top = common(media, _box(page.cropbox))
    width, height = (right - left) * unit, (top - low) * unit
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise Unfit(ScanFault.DAMAGED, "page box")
    shift: Matrix = (unit, 0.0, 0.0, unit, -left * unit, -low * unit)
    return Sheet(
        width, height, page.rotation % 360, tuple(multiply(m, shift) for m in matrices)
    )


def covers(found: Sheet) -> bool:
    """Whether one image, or strips together, make this page a scan."""
    area = found.width * found.height * SCAN_COVERS
    if any(_visible(found, m) >= area for m in found.matrices):
        return True
    together = _union(found.matrices)
    return are_strips(found.matrices) and _visible(found, together) >= area


def are_strips(matrices: Sequence[Matrix]) -> bool:
    """One image, or several of one width that follow each other without a gap."""
    if not matrices:
        return False
    boxes = sorted((bounds(m) for m in matrices), key=lambda box: -box[3])
    same = all(
        abs(box[0] - boxes[0][0]) <= _GAP and abs(box[2] - boxes[0][2]) <= _GAP
        for box in boxes
    )
    pairs = itertools.pairwise(boxes)
    return same and all(abs(a[1] - b[3]) <= _GAP for a, b in pairs)


def upright(found: Sheet) -> Sheet | None:
    """Quarter turns of the images moved into /Rotate; None if they are skewed,
    mirrored or turned in different ways.
    """
    for _ in range(4):
        if all(_is_upright(m) for m in found.matrices):
            return _cleaned(found)
        found = _turned(found)
    return None


def resolution(size: tuple[int, int], matrix: Matrix) -> float:
    """Dots per inch, the lower of the two directions."""
    across = math.hypot(matrix[0], matrix[1])
    along = math.hypot(matrix[2], matrix[3])
    if not across or not along:
        return 0.0
    return min(size[0] / across, size[1] / along) * 72


def _turned(found: Sheet) -> Sheet:
    """The page's content a quarter clockwise, and /Rotate one less: looks the same."""
    quarter: Matrix = (0.0, -1.0, 1.0, 0.0, 0.0, found.width)
    return Sheet(
        found.height,
        found.width,
        (found.rotation - 90) % 360,
        tuple(multiply(m, quarter) for m in found.matrices),
    )


def _is_upright(m: Matrix) -> bool:
    return m[0] > 0 and m[3] > 0 and abs(m[1]) <= _SLANT and abs(m[2]) <= _SLANT


def _cleaned(found: Sheet) -> Sheet:
    return Sheet(
        rounded(found.width),
        rounded(found.height),
        found.rotation,
        tuple(
            (rounded(a), 0.0, 0.0, rounded(d), rounded(e), rounded(f))
            for a, _, _, d, e, f in found.matrices
        ),
    )


def _union(matrices: Sequence[Matrix]) -> Matrix:
    boxes = [bounds(m) for m in matrices] or [(0.0, 0.0, 0.0, 0.0)]
    left, low = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return right - left, 0.0, 0.0, top - low, left, low


def _visible(found: Sheet, m: Matrix) -> float:
    """Points² of the image on the page; a slanted one by its own share of its box."""
    box = bounds(m)
    left, low, right, top = common(box, (0.0, 0.0, found.width, found.height))
    outer = (box[2] - box[0]) * (box[3] - box[1])
    share = abs(m[0] * m[3] - m[1] * m[2]) / outer if outer else 0.0
    return (right - left) * (top - low) * share


def _box(values: Any) -> Box:
    a, b, c, d = (float(v) for v in values)
    return min(a, c), min(b, d), max(a, c), max(b, d)
