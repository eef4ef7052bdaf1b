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

Shades = NDArray[np.float32]

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
_TILE: Final = (48, 24)
_REACH: Final = (16, 8)
"""Cells by which a part may lie elsewhere, down and across: perspective and the
feeder's slip."""
_TILE_INK: Final = 0.02
"""The mean ink of a part that says something."""
_FEW: Final = 4
_FIRST: Final = 8
"""Parts with the most ink: where not half of them fit, no other is looked for."""
_COARSE: Final = (17, 24)
_LOOKS: Final = 0.5
"""The least correlation of two pages from afar that are looked at closely."""
_ALIKE: Final = 0.72
"""The least correlation of a part, at the place where it fits best: in the labelled set
nine tenths of one sheet's parts have 0.75, of a form filled in twice 0.67."""
_PARTS: Final = 0.95
"""The share of the parts that fit."""


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
    if len(_inked(shades)) < _FEW:
        return None
    return _likeness(shades)


def _cells(level: Bands) -> Bands:
    high = level.shape[1] // _PLACES
    places = level[:, : high * _PLACES].reshape(len(level), high, _PLACES)
    return places.sum(axis=2, dtype=np.uint8)


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
    return _fits(one, other) and _fits(other, one)


def _inked(shades: Shades) -> list[tuple[int, int]]:
    """Where the parts lie that have anything on them, those with most first."""
    (high, wide), (down, across) = shades.shape, _TILE
    found = [
        (float(shades[y : y + down, x : x + across].mean()), y, x)
        for y in range(0, high, down)
        for x in range(0, wide - across + 1, across)
    ]
    return [(y, x) for ink, y, x in sorted(found, reverse=True) if ink > _TILE_INK]


def _fits(one: Shades, other: Shades) -> bool:
    """Whether the parts of *one* are found in *other*, each near its place."""
    places = _inked(one)
    if len(places) < _FEW:
        return False
    first = _found(one, other, places[:_FIRST])
    if np.mean(first >= _ALIKE) < 1 / 2:
        return False
    found = np.concatenate((first, _found(one, other, places[_FIRST:])))
    return float(np.mean(found >= _ALIKE)) >= _PARTS


def _found(
    one: Shades, other: Shades, places: list[tuple[int, int]]
) -> NDArray[np.float64]:
    """How well each part is found, at the best place near its own."""
    if not places:
        return np.empty(0)
    down, across = _REACH
    room = np.pad(other, ((down, down), (across, across)))
    high, wide = _TILE
    parts = np.stack([one[y : y + high, x : x + wide] for y, x in places])
    high, wide = high + 2 * down, wide + 2 * across
    windows = np.stack([room[y : y + high, x : x + wide] for y, x in places])
    return _best_correlation(parts, windows)


def _best_correlation(parts: Shades, windows: Shades) -> NDArray[np.float64]:
    """The highest normalised correlation of each part within its window."""
    shape = windows.shape[1:]
    parts = parts - parts.mean(axis=(1, 2), keepdims=True)
    spectra = np.fft.rfft2(windows) * np.conj(np.fft.rfft2(parts, shape))
    products = np.fft.irfft2(spectra, shape)
    products = products[:, : 2 * _REACH[0] + 1, : 2 * _REACH[1] + 1]
    energy = _box(windows**2) - _box(windows) ** 2 / (_TILE[0] * _TILE[1])
    own = np.sum(parts**2, axis=(1, 2))[:, None, None]
    alike = products / np.sqrt(np.maximum(energy * own, 1e-3))
    return np.asarray(alike.max(axis=(1, 2)), np.float64)


def _box(windows: Shades) -> NDArray[np.float64]:
    """Sums over each place that a part may take in its window."""
    sums = np.zeros((len(windows), *(side + 1 for side in windows.shape[1:])))
    np.cumsum(np.cumsum(windows, axis=1), axis=2, out=sums[:, 1:, 1:])
    down, across = _TILE
    lower, upper = sums[:, down:], sums[:, :-down]
    return (
        lower[:, :, across:]
        - upper[:, :, across:]
        - lower[:, :, :-across]
        + upper[:, :, :-across]
    )
