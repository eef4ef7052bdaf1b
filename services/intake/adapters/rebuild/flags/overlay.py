"""How alike two small pages are once one is laid over the other.

A page is cut into parts; each is looked for in the other page near its own place, and
where they are found says how the pages lie to each other. Start at ``alike``.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Shades = NDArray[np.float32]
"""A page of ``likeness``: the share of ink, 0 to 1."""
Reals = NDArray[np.float64]

_TILE: Final = (48, 24)
_REACH: Final = (16, 8)
"""Cells by which a part may lie elsewhere, down and across: perspective and the
feeder's slip."""
_NEAR: Final = (4, 2)
"""The same once the pages were laid over each other."""
_LIKE: Final = 0.5
"""The correlation of a part that says where it may lie."""
_TILE_INK: Final = 0.02
"""The mean ink of a part that says something."""
FEW: Final = 4
"""Parts with ink that are enough to know a sheet by."""
_FIRST: Final = 8
"""Parts with the most ink: where not half of them fit, no other is looked for."""
_TERMS: Final = ((4, 12), (3, 6), (1, 0))
"""How many terms say where a page's parts lie, and from how many parts on."""
_WORST: Final = 7
"""The percentile of the parts' correlations that a pair of pages is judged by: below
lie parts with a thumb, a shadow or a new stamp on them."""


def alike(one: Shades, other: Shades) -> float:
    """How well both pages' parts are found in the other one, the worst few left out,
    once *other* was laid over *one*; 0 if half of *one*'s fullest are not found before.
    """
    places = inked_parts(one)
    if len(places) < FEW:
        return 0.0
    first, _ = _found(one, other, places[:_FIRST], _REACH)
    if np.mean(first >= _LIKE) < 1 / 2:
        return 0.0
    found, moved = _found(one, other, places, _REACH)
    if np.sum(found >= _LIKE) < FEW:
        return 0.0
    laid = _laid(other, places, moved, found)
    back = inked_parts(laid)
    there = _found(one, laid, places, _NEAR)[0]
    here = _found(laid, one, back, _NEAR)[0]
    both = np.concatenate((there, here))
    return float(np.percentile(both, _WORST))


def _laid(
    page: Shades,
    places: list[tuple[int, int]],
    moved: Reals,
    found: Reals,
) -> Shades:
    """*page* as the parts of another one are found in it: each corner moves as most
    parts say, those that are found well before the others.
    """
    high, wide = page.shape
    y, x = ((np.array(places) + np.array(_TILE) / 2) / (high, wide)).T
    terms = _terms(x, y)
    way, trust = np.zeros((terms.shape[1], 2)), np.maximum(found - _LIKE, 0.01)
    for _ in range(3):
        weight = trust[:, None]
        way = np.asarray(np.linalg.lstsq(terms * weight, moved * weight)[0], float)
        off = np.abs(moved - terms @ way).max(axis=1)
        trust = np.maximum(found - _LIKE, 0.01) / (1 + off**2)
    right, low = np.array((0.0, 0.0, 1.0, 1.0)), np.array((0.0, 1.0, 1.0, 0.0))
    ends = np.stack((np.ones(4), right, low, right * low), axis=1)
    shift = ends[:, : len(way)] @ way
    corners = np.stack((right * wide + shift[:, 1], low * high + shift[:, 0]), axis=1)
    laid = Image.fromarray(page).transform(
        (wide, high),
        Image.Transform.QUAD,
        corners.ravel().tolist(),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(laid)


def _terms(x: Reals, y: Reals) -> Reals:
    """How freely a page may be bent over another one: by as many terms as its known
    parts bear. It is shifted; scaled and slanted, too; or seen from another side.
    """
    count = next(terms for terms, least in _TERMS if len(x) >= least)
    return np.stack((np.ones_like(x), x, y, x * y), axis=1)[:, :count]


def inked_parts(shades: Shades) -> list[tuple[int, int]]:
    """Where the parts lie that have anything on them, those with most first."""
    down, across = _TILE
    high, wide = len(shades) // down, shades.shape[1] // across
    parts = shades[: high * down, : wide * across].reshape(high, down, wide, across)
    inks = parts.mean(axis=(1, 3), dtype=np.float64).tolist()
    found = [(ink, y, x) for y, row in enumerate(inks) for x, ink in enumerate(row)]
    return [
        (y * down, x * across)
        for ink, y, x in sorted(found, reverse=True)
        if ink > _TILE_INK
    ]


def _found(
    one: Shades, other: Shades, places: list[tuple[int, int]], reach: tuple[int, int]
) -> tuple[Reals, Reals]:
    """How well each part is found at the best place within *reach*, and how far from
    its own that lies, down and across.
    """
    if not places:
        return np.empty(0), np.empty((0, 2))
    down, across = reach
    room = np.pad(other, ((down, down), (across, across)))
    high, wide = _TILE
    parts = np.stack([one[y : y + high, x : x + wide] for y, x in places])
    high, wide = high + 2 * down, wide + 2 * across
    windows = np.stack([room[y : y + high, x : x + wide] for y, x in places])
    alike = _correlation(parts, windows)
    flat = alike.reshape(len(alike), -1)
    best = flat.argmax(axis=1)
    moved = np.stack(np.unravel_index(best, alike.shape[1:]), axis=1) - (down, across)
    return flat[np.arange(len(flat)), best].astype(float), moved.astype(float)


def _correlation(parts: Shades, windows: Shades) -> Reals:
    """Normalised, of each part at each place within its window."""
    shape = windows.shape[1:]
    down, across = (side - tile + 1 for side, tile in zip(shape, _TILE, strict=True))
    parts = parts - parts.mean(axis=(1, 2), keepdims=True)
    spectra = np.fft.rfft2(windows) * np.conj(np.fft.rfft2(parts, shape))
    products = np.fft.irfft2(spectra, shape)[:, :down, :across]
    energy = _box(windows**2) - _box(windows) ** 2 / (_TILE[0] * _TILE[1])
    own = np.sum(parts**2, axis=(1, 2))[:, None, None]
    return np.asarray(products / np.sqrt(np.maximum(energy * own, 1e-3)))


def _box(windows: Shades) -> Reals:
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
