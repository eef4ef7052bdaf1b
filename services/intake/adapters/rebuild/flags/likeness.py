"""Whether two pages are pictures of one sheet, taken twice.

Two forms that differ in what was filled in are not: so every part of the one page must
lie in the other one, a little shifted at most. Start at ``same_sheet``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from intake.adapters.rebuild.flags.look import Bands, Mask
from intake.adapters.rebuild.flags.overlay import FEW, Shades, alike, inked_parts

_PLACES: Final = 4
"""Pixels along a band that are one here."""
_SIZE: Final = (136, 384)
"""Cells: of A4, some 1.8 and 0.9 mm each."""
_MIDDLE: Final = (0.1, 0.9)
"""The ink that a sheet is laid by: a lid's shadow and punched holes lie outside."""
_SPREADS: Final = 1.8
"""How far is looked, in halves of the width and the height of that ink."""
_INKED: Final = 6
"""Pixels of ink in a cell of 32 that a rule up the page has."""
_RULE: Final = 15
"""Cells, 10 mm, of a stroke that runs up the page: a table's, whoever filled it in, or
a lid's shadow."""
_LEAST_INK: Final = 400
"""Cells of ink that are enough to know a sheet by."""
_COARSE: Final = (17, 24)
_LOOKS: Final = 0.5
"""The least correlation of two pages from afar that are looked at closely."""
_ALIKE: Final = 0.845
"""What ``alike`` is at least: in the labelled set of one sheet mostly above 0.85,
of two tables or cards of one template up to 0.84, of forms filled in twice 0.43."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A page small and level, its lines running along the rows."""

    shades: Shades
    coarse: Shades
    """The same from afar, as a vector of length 1 about its mean."""


def likeness(level: Bands) -> Likeness | None:
    """None of a page with hardly anything on it. *level* is its straightened ink,
    without rules: two forms share those.
    """
    inked = _without_columns(_cells(level)).T
    if np.count_nonzero(inked) < _LEAST_INK:
        return None
    sides = [_spread(inked.sum(axis=axis, dtype=np.float64)) for axis in (0, 1)]
    shades = _framed(Image.fromarray(inked * np.uint8(7)), sides)
    if len(inked_parts(shades)) < FEW:
        return None
    return _likeness(shades)


def _cells(level: Bands) -> Bands:
    end = level.shape[1] // _PLACES * _PLACES
    cells: Bands = level[:, :end:_PLACES].copy()
    for n in range(1, _PLACES):
        cells += level[:, n:end:_PLACES]
    return cells


def _without_columns(cells: Bands) -> Bands:
    """Without strokes that run up the page through ``_RULE`` cells."""
    full: Mask = cells >= _INKED
    runs = full
    for step in (1, 2, 4, 7):
        runs = runs[:, :-step] & runs[:, step:]
    rule = np.zeros_like(full)
    for first in range(_RULE):
        rule[:, first : first + runs.shape[1]] |= runs
    return cells * ~rule


def _spread(ink: NDArray[np.float64]) -> tuple[float, float]:
    """The middle of the ink along one side, and half of how far it spreads."""
    sums = np.cumsum(ink)
    least, most = np.searchsorted(sums, np.multiply(_MIDDLE, sums[-1]))
    return float(least + most) / 2, float(most - least) / 2 + 1


def _framed(small: Image.Image, sides: list[tuple[float, float]]) -> Shades:
    """The page about its ink's centre, so large that its ink spreads as every page's:
    two photographs of a sheet are rarely taken from one distance.
    """
    (across, left), (down, top) = (
        (2 * _SPREADS * one / to, at - _SPREADS * one)
        for (at, one), to in zip(sides, _SIZE, strict=True)
    )
    way, smooth = Image.Transform.AFFINE, Image.Resampling.BILINEAR
    blurred = small.filter(ImageFilter.BoxBlur((0.25, 0.5)))
    framed = blurred.transform(_SIZE, way, (across, 0, left, 0, down, top), smooth)
    return np.asarray(framed).astype(np.float32) / np.float32(224)


def same_sheet(one: Likeness, other: Likeness) -> bool:
    """Also if one of them was laid upside down."""
    if float(one.coarse @ other.coarse) >= _LOOKS and _same(one.shades, other.shades):
        return True
    turned = float(one.coarse @ other.coarse[::-1]) >= _LOOKS
    return turned and _same(one.shades, np.ascontiguousarray(other.shades[::-1, ::-1]))


def _likeness(shades: Shades) -> Likeness:
    small = Image.fromarray(shades).resize(_COARSE, Image.Resampling.BOX)
    coarse = np.asarray(small).ravel() - shades.mean()
    return Likeness(shades, coarse / max(float(np.linalg.norm(coarse)), 1e-6))


def _same(one: Shades, other: Shades) -> bool:
    return alike(one, other) >= _ALIKE
