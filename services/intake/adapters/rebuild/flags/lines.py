"""Lines of text: how they lean, and the page with its lines laid level.

A page is read from band to band (``look.Bands``). For lines that run up the page, the
turned one is read. Start at ``lean`` and ``straightened``.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import BAND, Bands

_MOST: Final = 9.0
"""Degrees to either side that are tried."""
_AROUND: Final = 2.0
"""Degrees around the page's lean in which each third's is looked for."""
_COARSE: Final = (2, 4)
"""Bands, and pixels along them, that are one when all angles are tried: print of nine
points alternates with paper every 19 pixels."""
_FINE: Final = (2, 2)
_SMOOTH: Final = (1, 2, 3, 2, 1)
"""Weights of neighbouring angles: at every other one the rounding of a way's steps
happens to suit the rows.
"""
_FEW: Final = 300
"""Pixels of ink that are too few to be lines of text."""
_TEXT: Final = 1.35
"""How much more rows stand out at the best angle than at the median one, where there
are lines of text: the labelled set's pages without any have at most 1.3."""
_PERHAPS: Final = 1.15
"""The same at first, of rows that are coarser than the lines of a small print."""
_RUN: Final = 7
"""Bands in a row, 10 mm: a stroke that long is no letter's."""
_FULL: Final = 6
"""Pixels of a band that a rule fills where grain has bitten it."""
Sums = NDArray[np.int16]
"""Pixels of ink: four rows across a whole page have 5,600 at most."""
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lean:
    """How far lines lean, in degrees, counter-clockwise positive."""

    degrees: float
    thirds: tuple[float, ...]
    """Degrees in the upper, the middle and the lower third of the page: lines of a
    sheet seen from one side run together."""


def lean(bands: Bands) -> Lean | None:
    """How the lines of a page lean; None without enough ink, or where no angle stands
    out: there are no lines of text.
    """
    if int(bands.sum()) < _FEW:
        return None
    angles, scores, inks = _in_thirds(bands, _COARSE, _MOST)
    found = angles[np.argmax(scores, axis=0)]
    middle, usual = _middle(found, inks), np.median(scores, axis=0)
    if scores[:, middle].max() < _PERHAPS * usual[middle]:
        return None
    whole = float(found[middle])
    angles, scores, inks = _in_thirds(straightened(bands, whole), _FINE, _AROUND)
    smooth = [np.convolve(part, _SMOOTH, "same") for part in scores.T]
    fine = whole + angles[np.argmax(smooth, axis=1)]
    thirds = np.where(_says_little(inks), whole, fine)
    middle = _middle(thirds, inks)
    if scores[:, middle].max() < _TEXT * usual[middle]:
        return None
    return Lean(float(thirds[middle]), tuple(thirds.tolist()))


def _says_little(inks: Reals) -> NDArray[np.bool_]:
    """Thirds with a third of their share of the ink, at most: the end of a page."""
    return np.asarray(inks * 9 < inks.sum())


def _middle(found: Reals, inks: Reals) -> int:
    """Which third leans as at least half of the ink does, to either side."""
    order = np.argsort(found)
    weights = np.cumsum(np.where(_says_little(inks), 0, inks)[order])
    return int(order[int(np.searchsorted(weights, weights[-1] / 2))])


def _in_thirds(
    bands: Bands, size: tuple[int, int], most: float
) -> tuple[Reals, Reals, Reals]:
    """Angles, how uneven the rows of each third are at each, whatever the rows' height,
    and each third's ink.
    """
    cells = _cells(bands, *size)
    high = cells.shape[1] // 3
    parts = cells[:, : 3 * high].reshape(len(cells), 3, high)
    angles, scores = _scores(parts, size, most)
    scores = np.maximum(scores / size[1], 1)
    return angles, scores, parts.sum(axis=(0, 2), dtype=np.float64)


def _cells(bands: Bands, wide: int, long: int) -> Sums:
    """So many bands, and so many places of them, added up."""
    count, high = bands.shape[0] // wide, bands.shape[1] // long
    some = bands[: count * wide, : high * long]
    sums = some.reshape(count, wide, high * long).sum(axis=1, dtype=np.int16)
    # Not by ``sum``: along so short an axis it takes ten times as long.
    cells: Sums = sums[:, ::long].copy()
    for n in range(1, long):
        cells += sums[:, n::long]
    return cells


def _scores(cells: Sums, size: tuple[int, int], most: float) -> tuple[Reals, Reals]:
    """How uneven the rows of each part are, read at each angle up to *most* degrees;
    *cells* is [band, part, place].
    """
    count = 1 << (len(cells) - 1).bit_length()
    length = (count - 1) * size[0] * BAND / size[1]
    steps = min(count - 1, math.ceil(math.tan(math.radians(most)) * length))
    room = np.zeros((count, cells.shape[1], steps + cells.shape[2]), np.int16)
    start = (count - len(cells)) // 2
    room[start : start + len(cells), :, steps:] = cells
    # Both ways at once: they are long loops over small arrays.
    down, up = np.split(_energy(_sheared(np.hstack((room, room[::-1])), steps)), 2, 1)
    scores = np.concatenate((down[:0:-1], up))
    angles = np.degrees(np.arctan(np.arange(-steps, steps + 1) / length))
    return angles, scores


def _energy(sums: Sums) -> Reals:
    real = sums.astype(np.float32)
    return np.asarray(np.einsum("spr,spr->sp", real, real), np.float64)


def _sheared(cells: Sums, steps: int) -> Sums:
    """Sums along straight ways that fall by 0, 1, … *steps* places from the first band
    to the last: [step, part, place]. Neighbours are joined two by two, so a sum is made
    once for all ways that share it (Brady's fast Hough transform).
    """
    sums = cells[None]  # [step, band, part, place]
    count = len(cells)
    while sums.shape[1] > 1:
        left, right = sums[:, 0::2], sums[:, 1::2]
        share = 2 * len(cells) // sums.shape[1]
        needed = min(2 * len(sums), -(-steps * share // count) + 1)
        joined = np.empty((needed, *left.shape[1:]), np.int16)
        for step in range(needed):
            part, fall = step // 2, (step + 1) // 2
            size = right.shape[-1] - fall
            both = joined[step, ..., :size]
            np.add(left[part, ..., :size], right[part, ..., fall:], out=both)
            joined[step, ..., size:] = left[part, ..., size:]
        sums = joined
    return sums[: steps + 1, 0]


def straightened(bands: Bands, degrees: float) -> Bands:
    """The page with its bands shifted so that lines lie level; the corners that leave
    the picture are lost.
    """
    out = np.zeros_like(bands)
    count, high = bands.shape
    slope = math.tan(math.radians(degrees))
    for n in range(count):
        shift = round((n + 0.5 - count / 2) * BAND * slope)
        if abs(shift) >= high:
            continue
        if shift >= 0:
            out[n, shift:] = bands[n, : high - shift]
        else:
            out[n, :shift] = bands[n, -shift:]
    return out


def without_rules(level: Bands) -> Bands:
    """Without strokes that run level through ``_RUN`` bands, and their soft edges."""
    full = level >= _FULL
    # A run of seven begins where those of two, four and seven do.
    runs = full
    for step in (1, 2, 3):
        runs = runs[:-step] & runs[step:]
    rule = np.zeros_like(full)
    for first in range(_RUN):
        rule[first : first + len(runs)] |= runs
    thick = rule.copy()
    thick[:, 1:] |= rule[:, :-1]
    thick[:, :-1] |= rule[:, 1:]
    return level * ~thick
