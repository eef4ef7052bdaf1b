"""Whether two pages are pictures of one sheet, taken twice.

Two forms that differ in what was filled in are not: so every part of the one page must
lie in the other one, a little shifted at most. Start at ``same_sheet``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from intake.adapters.rebuild.flags.lines import without_rules
from intake.adapters.rebuild.flags.look import Mask

Shades = NDArray[np.float32]

_SIZE: Final = (272, 384)
"""Pixels: of A4, some 0.8 mm each, a third of a letter."""
_MIDDLE: Final = (0.1, 0.9)
"""The ink that a sheet is laid by: a lid's shadow and punched holes lie outside."""
_SPREADS: Final = 1.8
"""How far is looked, in halves of the width and the height of that ink."""
_INKED: Final = 100
_RULE: Final = 30
"""Points, 11 mm, of a stroke that runs up the page: a table's, whoever filled it in, or
a lid's shadow."""
_LEAST_INK: Final = 400
"""Points of ink that are enough to know a sheet by."""
_TILE: Final = 48
_REACH: Final = 16
"""Pixels by which a part may lie elsewhere: perspective and the feeder's slip."""
_TILE_INK: Final = 0.02
"""The mean ink of a part that says something."""
_FEW: Final = 4
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


def likeness(level: Mask) -> Likeness | None:
    """None of a page with hardly anything on it. *level* is its straightened ink,
    without rules: two forms share those.
    """
    half = np.asarray(Image.fromarray(level * np.uint8(255)).reduce(2)) > _INKED
    inked = without_rules(np.ascontiguousarray(half.T), _RULE).T
    y, x = np.nonzero(inked)
    if len(x) < _LEAST_INK:
        return None
    (left, right), (top, low) = (np.quantile(at, _MIDDLE) for at in (x, y))
    centre = ((left + right) / 2, (top + low) / 2)
    small = Image.fromarray(inked * np.uint8(255))
    shades = _framed(small, centre, ((right - left) / 2 + 1, (low - top) / 2 + 1))
    if len(_inked(shades)) < _FEW:
        return None
    return _likeness(shades)


def _framed(
    small: Image.Image, centre: tuple[float, float], spread: tuple[float, float]
) -> Shades:
    """The page about its ink's centre, so large that its ink spreads as every page's:
    two photographs of a sheet are rarely taken from one distance.
    """
    across, down = (
        2 * _SPREADS * one / to for one, to in zip(spread, _SIZE, strict=True)
    )
    left, top = (at - _SPREADS * one for at, one in zip(centre, spread, strict=True))
    way, smooth = Image.Transform.AFFINE, Image.Resampling.BILINEAR
    blurred = small.filter(ImageFilter.BoxBlur(0.5))
    framed = blurred.transform(_SIZE, way, (across, 0, left, 0, down, top), smooth)
    return np.asarray(framed).astype(np.float32) / np.float32(255)


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
    """Where the parts lie that have anything on them."""
    high, wide = shades.shape
    return [
        (y, x)
        for y in range(0, high, _TILE)
        for x in range(0, wide - _TILE + 1, _TILE)
        if shades[y : y + _TILE, x : x + _TILE].mean() > _TILE_INK
    ]


def _fits(one: Shades, other: Shades) -> bool:
    """Whether the parts of *one* are found in *other*, each near its place."""
    places = _inked(one)
    if len(places) < _FEW:
        return False
    room = np.pad(other, _REACH)
    side = _TILE + 2 * _REACH
    parts = np.stack([one[y : y + _TILE, x : x + _TILE] for y, x in places])
    windows = np.stack([room[y : y + side, x : x + side] for y, x in places])
    found = _best_correlation(parts, windows)
    return float(np.mean(found >= _ALIKE)) >= _PARTS


def _best_correlation(parts: Shades, windows: Shades) -> NDArray[np.float64]:
    """The highest normalised correlation of each part within its window."""
    side = windows.shape[1]
    parts = parts - parts.mean(axis=(1, 2), keepdims=True)
    shape = (side, side)
    spectra = np.fft.rfft2(windows) * np.conj(np.fft.rfft2(parts, shape))
    products = np.fft.irfft2(spectra, shape)[:, : 2 * _REACH + 1, : 2 * _REACH + 1]
    energy = _box(windows**2) - _box(windows) ** 2 / _TILE**2
    own = np.sum(parts**2, axis=(1, 2))[:, None, None]
    alike = products / np.sqrt(np.maximum(energy * own, 1e-3))
    return np.asarray(alike.max(axis=(1, 2)), np.float64)


def _box(windows: Shades) -> NDArray[np.float64]:
    """Sums over each place that a part may take in its window."""
    sums = np.zeros((len(windows), *(side + 1 for side in windows.shape[1:])))
    np.cumsum(np.cumsum(windows, axis=1), axis=2, out=sums[:, 1:, 1:])
    t = _TILE
    return sums[:, t:, t:] - sums[:, :-t, t:] - sums[:, t:, :-t] + sums[:, :-t, :-t]
