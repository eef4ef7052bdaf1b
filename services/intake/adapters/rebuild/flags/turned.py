"""Which way the text on a page stands: upright, upside down, or on its side.

No letter is read. Lines of text alternate with paper along one axis only; and of
Vietnamese text, capitals too, much more stands above a line's letters than hangs below
them: ascenders, and nearly all the marks. Figures have neither, but all that is printed
ends sharply at the line on which it stands (docs/decisions/0110, 0138).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import Bands

_STRIP: Final = 20
"""Bands read together, 27 mm: wider ones mix columns of a table."""
_LEAST_INK: Final = 60
"""Pixels of a strip that has text in it."""
_FAINT: Final = 8
"""Pixels of ink that a line has at its fullest in a strip, at least."""
_LEAST: Final = 5
"""Rows that a line's letters are high at least."""
_MOST: Final = 45
_REACH: Final = 27
"""Rows to either side: further away lies another line."""
_CHANGES: Final = 41
"""Rows, 7 mm, within which lines alternate with paper."""
_RISING: Final = 12.4
_STEADY: Final = 3.6
_SHARP: Final = ((2, 0.63), (4, 0.57))
"""Weights of the evidence, in natural logarithms of odds, and for what is sharp the
rows between which it is looked for: fitted on seed 21 of the labelled set, scans and
photographs, each page as it is and turned over (docs/decisions/0138)."""
_LEAST_ERROR: Final = 0.02
_SURE: Final = 6.0
"""So many standard errors, and more say hardly more."""
_MOST_SHARP: Final = 1.0
"""More than that is said by few and large letters, or by blur, and is often wrong."""
_UPSIDE_DOWN: Final = -1.4
"""Upright pages of seeds 21, 31 and 32 have -1.3 at least, but for two that are blurred
badly."""
_FEW: Final = 8
"""Pieces of lines that are too few to say what is up."""

Rows = NDArray[np.float64]
"""[strip, row]: pixels of ink."""


@dataclass(frozen=True, slots=True)
class WayUp:
    """What the strips of a page say together."""

    pieces: int
    """How many pieces of lines of text were judged."""
    upright: float
    """The logarithm of the odds that it stands upright, rather than upside down."""
    striped: float
    """From 0 to 1: how much the rows alternate between ink and paper."""


def is_upside_down(found: WayUp) -> bool:
    return found.pieces >= _FEW and found.upright <= _UPSIDE_DOWN


def way(level: Bands) -> WayUp:
    """*level* is straightened and without rules."""
    rows = _strips(level)
    total = float(np.sum(rows**2))
    if not len(rows) or not total:
        return WayUp(0, 0.0, 0.0)
    uneven = float(np.sum((rows - _mean_around(rows, _CHANGES)) ** 2))
    sides = [
        side
        for strip, full in zip(rows, _full(rows), strict=True)
        for side in _sides(strip, full)
    ]
    upright = _risen(sides) + _edged(rows) if sides else 0.0
    return WayUp(len(sides), upright, uneven / total)


def _risen(sides: list[tuple[float, float]]) -> float:
    """What the ink above and below the letters' bodies says: of all pieces together,
    and how steadily each of them says it.
    """
    above, below = np.array(sides).T
    whole = (above.sum() - below.sum()) / max(above.sum() + below.sum(), 1.0)
    each = (above - below) / np.maximum(above + below, _FAINT)
    error = max(float(each.std()) / math.sqrt(len(each)), _LEAST_ERROR)
    steady = math.tanh(float(each.mean()) / error / _SURE)
    return float(_RISING * whole + _STEADY * steady)


def _edged(rows: Rows) -> float:
    """What the edges of lines say: ink that ends more suddenly than it begins stands
    upright. The third moment of a difference has the sign of its sudden part.
    """
    said = 0.0
    for step, weight in _SHARP:
        change = rows[:, step:] - rows[:, :-step]
        spread = np.mean(change**2, axis=1) ** 1.5 + 1e-6
        said -= weight * float(np.mean(np.mean(change**3, axis=1) / spread))
    return max(-_MOST_SHARP, min(said, _MOST_SHARP))


def _strips(level: Bands) -> Rows:
    """Those that have text in them."""
    # 20 bands have 160 pixels of ink at most, so bytes are enough.
    sums = np.add.reduceat(level, np.arange(0, len(level), _STRIP), dtype=np.uint8)
    rows: Rows = sums.astype(np.float64)
    inked: Rows = rows[rows.sum(axis=1) >= _LEAST_INK]
    return inked


def _mean_around(rows: Rows, size: int) -> Rows:
    sums = np.cumsum(np.pad(rows, ((0, 0), (size // 2 + 1, size // 2))), axis=1)
    means: Rows = (sums[:, size:] - sums[:, :-size]) / size
    return means


def _full(rows: Rows) -> NDArray[np.bool_]:
    """Where the letters' bodies lie: rows of at least half the ink of the fullest rows
    nearby.
    """
    peak = _highest_around(rows, _REACH)
    return (rows >= 0.5 * peak) & (peak >= _FAINT)


def _highest_around(rows: Rows, reach: int) -> Rows:
    """The highest row nearby, found by doubling: the highest of 2, 4, 8 … rows, then of
    two such that overlap.
    """
    size = 2 * reach + 1
    top, wide = np.pad(rows, ((0, 0), (reach, reach)), mode="edge"), 1
    while 2 * wide <= size:
        top, wide = np.maximum(top[:, :-wide], top[:, wide:]), 2 * wide
    rest = size - wide
    return np.maximum(top[:, : top.shape[1] - rest], top[:, rest:])


def _sides(rows: Rows, full: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """The ink above and below each piece of a line, no farther than its letters are
    high and than the middle between it and the next.
    """
    cores = _cores(full)
    sums = np.concatenate(([0.0], np.cumsum(rows))).tolist()
    out = []
    for n, (top, low) in enumerate(cores):
        reach = low - top
        before = (cores[n - 1][1] + top) // 2 if n else 0
        after = (cores[n + 1][0] + low) // 2 if n + 1 < len(cores) else len(rows)
        above = sums[top] - sums[max(top - reach, before, 0)]
        below = sums[min(low + reach, after)] - sums[low]
        out.append((above, below))
    return out


def _cores(full: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pieces with hardly a gap between them are one; what is too low or too high is no
    line of text.
    """
    steps = np.diff(np.concatenate(([0], full.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    whole: list[tuple[int, int]] = []
    for top, low in zip(starts.tolist(), ends.tolist(), strict=True):
        if whole and top - whole[-1][1] <= max(3, (low - whole[-1][0]) // 3):
            whole[-1] = (whole[-1][0], low)
        else:
            whole.append((top, low))
    return [(top, low) for top, low in whole if _LEAST <= low - top <= _MOST]
