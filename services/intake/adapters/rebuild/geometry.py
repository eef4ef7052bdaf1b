"""Where a page's images stand on the page as a copy lays it: box at 0 0, in points.

What is a scan, what was cropped away, what lies over what: all by plain geometry,
before anything is decoded. See docs/decisions/0040 and 0042. Start at ``sheet``.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageDraw

from ecopy.paper import MOST_PAGE_POINTS
from intake.adapters.rebuild.drawing import Drawn
from intake.adapters.rebuild.flat import Leaf
from intake.adapters.rebuild.matrices import Box, bounds, common, multiply
from intake.adapters.rebuild.pages import Matrix, UnfitPage, rounded
from intake.domain.scan import ScanFault

SCAN_COVERS: Final = 0.5
"""The share of a scanned page that its raster images cover together, at least
(docs/decisions/0042)."""
MORE_THAN_A_LOGO: Final = 0.05
"""The share that a page of nothing but images needs beside typed pages. Two identity
cards cover 15 % of A4, one 7.5 %; a logo 4 cm square 2.6 %."""
TRIM: Final = 8.5
"""Points, 3 mm: how far an image may stick out of the page and still travel whole.
Scanners and printers trim that much; more was cut away on purpose."""
_MOSTLY: Final = 0.8
"""The share of an image that must be on the page for it to travel whole: a sliver
beyond the edge is not a trim."""
_SLACK: Final = 1.0
"""Points that a clip may cut off an image's edge, or that one image may lie over its
neighbour, and still count as not doing so."""
_SLANT: Final = 0.05
"""Points that a side may lean before it counts as skewed."""
_THIN: Final = 0.01
"""Points: an image thinner than that shows nothing."""
_MASK: Final = 512
"""Pixels a side of the mask on which covered areas are counted."""
_MOST_PLACED: Final = 200
"""Images that one page of a copy is made of; a page of more is rendered."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One image on the page."""

    drawn: Drawn
    matrix: Matrix
    seen: Box
    """The upright box of its visible part; of no area if it is hidden."""
    over: float
    """Points by which it sticks out of the page, at its worst side."""
    clipped: float
    """The same for the clip it is drawn under."""

    @property
    def is_seen(self) -> bool:
        return self.area > 0

    @property
    def area(self) -> float:
        """Points² of the visible part."""
        wide, high = self.seen[2] - self.seen[0], self.seen[3] - self.seen[1]
        return wide * high if min(wide, high) > _THIN else 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's visible box, from its corner, and its images."""

    width: float
    height: float
    rotation: int
    spots: tuple[Spot, ...]


def sheet(leaf: Leaf, images: Iterable[Drawn]) -> Sheet:
    """Raises UnfitPage(page-too-large) for a page that no copy can have."""
    left, low, right, top = leaf.box
    width, height = (right - left) * leaf.unit, (top - low) * leaf.unit
    if max(width, height) > MOST_PAGE_POINTS:
        raise UnfitPage(ScanFault.PAGE_TOO_LARGE, f"{width:.0f} × {height:.0f} pt")
    shift: Matrix = (leaf.unit, 0, 0, leaf.unit, -left * leaf.unit, -low * leaf.unit)
    page = (0.0, 0.0, width, height)
    spots = tuple(_spot(drawn, shift, page) for drawn in images)
    return Sheet(width, height, leaf.rotation, spots)


def _spot(drawn: Drawn, shift: Matrix, page: Box) -> Spot:
    matrix = multiply(drawn.matrix, shift)
    whole = bounds(matrix)
    clip = bounds(shift, drawn.clip) if drawn.clip else whole
    flat = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) < _THIN * _THIN
    seen = common(common(whole, clip), page)
    nothing: Box = (seen[0], seen[1], seen[0], seen[1])
    return Spot(
        drawn,
        matrix,
        nothing if flat else seen,
        _overhang(whole, page),
        _overhang(whole, clip),
    )


def _overhang(inner: Box, outer: Box) -> float:
    return max(
        *(outer[0] - inner[0], outer[1] - inner[1]),
        *(inner[2] - outer[2], inner[3] - outer[3]),
    )


def covered(found: Sheet) -> float:
    """The share of the page, 0 to 1, that its images cover together."""
    mask = Image.new("1", (_MASK, _MASK))
    draw = ImageDraw.Draw(mask)
    for spot in found.spots:
        if spot.is_seen:
            draw.polygon(_outline(spot, found), fill=1)
    return sum(mask.histogram()[1:]) / (_MASK * _MASK)


def _outline(spot: Spot, found: Sheet) -> list[tuple[float, float]]:
    """Corners on the mask; a clip that cuts counts as its visible box."""
    across, down = _MASK / found.width, _MASK / found.height
    matrix = spot.matrix
    if spot.clipped > _SLACK:
        left, low, right, top = spot.seen
        matrix = (right - left, 0, 0, top - low, left, low)
    a, b, c, d, e, f = matrix
    corners = ((e, f), (e + a, f + b), (e + a + c, f + b + d), (e + c, f + d))
    return [(x * across, y * down) for x, y in corners]


def is_cropped(found: Sheet) -> bool:
    """Whether the page hides a part of an image that a person would call content."""
    return any(
        not spot.is_seen or max(spot.over, spot.clipped) > TRIM
        for spot in found.spots
        if _has_area(spot)
    )


def _has_area(spot: Spot) -> bool:
    left, low, right, top = bounds(spot.matrix)
    return min(right - left, top - low) > _THIN


def without_unseen(found: Sheet) -> Sheet:
    """The page without the images that nobody sees: they must not travel."""
    return replace(found, spots=tuple(spot for spot in found.spots if spot.is_seen))


def travels_whole(spot: Spot) -> bool:
    """Whether a copy of the whole image shows no more than the page does."""
    left, low, right, top = bounds(spot.matrix)
    mostly = spot.area >= _MOSTLY * (right - left) * (top - low)
    return mostly and spot.over <= TRIM and spot.clipped <= _SLACK


def apart(spots: Sequence[Spot]) -> bool:
    """Whether no image lies over another one, so that each is seen whole: cards,
    strips, tiles, columns. Gaps are paper.
    """
    if len(spots) > _MOST_PLACED:
        return False
    boxes = [bounds(spot.matrix) for spot in spots]
    return not any(_overlap(a, b) for a, b in itertools.combinations(boxes, 2))


def _overlap(a: Box, b: Box) -> bool:
    left, low, right, top = both = common(a, b)
    return both in (a, b) or min(right - left, top - low) > _SLACK


def upright(found: Sheet) -> Sheet:
    """Quarter turns of the images moved into /Rotate, so that they stand upright; the
    page as it is if they are skewed, mirrored or turned in different ways.
    """
    turned = found
    for _ in range(4):
        if all(_is_upright(spot.matrix) for spot in turned.spots):
            return _cleaned(turned, straight=True)
        turned = _turned(turned)
    return _cleaned(found, straight=False)


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
        tuple(
            replace(spot, matrix=multiply(spot.matrix, quarter)) for spot in found.spots
        ),
    )


def _is_upright(m: Matrix) -> bool:
    return m[0] > 0 and m[3] > 0 and abs(m[1]) <= _SLANT and abs(m[2]) <= _SLANT


def _cleaned(found: Sheet, *, straight: bool) -> Sheet:
    return Sheet(
        rounded(found.width),
        rounded(found.height),
        found.rotation,
        tuple(
            replace(spot, matrix=_rounded(spot.matrix, straight=straight))
            for spot in found.spots
        ),
    )


def _rounded(m: Matrix, *, straight: bool) -> Matrix:
    a, b, c, d, e, f = (rounded(value) for value in m)
    return (a, 0.0, 0.0, d, e, f) if straight else (a, b, c, d, e, f)
