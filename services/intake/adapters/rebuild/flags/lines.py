"""Lines of text: how they lean, and the profile across them.

A page is read along its rows. For lines that run up the page, the turned picture is
read. Start at ``lean`` and ``straightened``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import Mask

_MOST: Final = 9.0
"""Degrees to either side that are tried."""
_COARSE: Final = 0.5
_FINE: Final = 0.1
_POINTS: Final = 9000
"""Points of a third of the page: more did not find a truer angle."""
_FEW: Final = 300
"""Points that are too few to be a line of text."""
_UNBROKEN: Final = 0.92
"""The share of a rule that is ink where grain has bitten it."""
_STRIP: Final = 16
"""Columns that are shifted together: at 6° they differ by less than 2 pixels."""


@dataclass(frozen=True, slots=True)
class Lean:
    """How far lines lean, in degrees, counter-clockwise positive."""

    degrees: float
    sharpness: float
    """How much the rows stand out at that angle over the median of all angles."""


def lean(ink: Mask) -> Lean | None:
    """How the rows of a page lean; None without enough ink. The middle of its three
    thirds', because lines of a sheet seen from one side run together.
    """
    thirds = np.array_split(ink, 3, axis=0)
    found = [one for third in thirds if (one := _lean(third)) is not None]
    if not found:
        return None
    found.sort(key=lambda one: one[0].degrees)
    weights = np.cumsum([points for _, points in found])
    middle = int(np.searchsorted(weights, weights[-1] / 2))
    return found[middle][0]


def _lean(ink: Mask) -> tuple[Lean, int] | None:
    y, x = np.nonzero(ink[::2, ::2])
    if len(x) < _FEW:
        return None
    step = len(x) // _POINTS + 1
    columns, rows = (at[::step].astype(np.float32) for at in (x, y))
    coarse = np.arange(-_MOST, _MOST + _COARSE, _COARSE)
    scores = _scores(columns, rows, coarse)
    best = coarse[int(np.argmax(scores))]
    fine = np.arange(best - _COARSE, best + _COARSE + _FINE, _FINE)
    sharpest = _scores(columns, rows, fine)
    at = int(np.argmax(sharpest))
    sharpness = float(sharpest[at] / np.median(scores))
    return Lean(float(fine[at]), sharpness), len(columns) * step


def _scores(
    x: NDArray[np.float32], y: NDArray[np.float32], angles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How uneven the rows are when they are read at each angle."""
    slopes = np.tan(np.radians(angles))
    out = []
    for slope in slopes:
        rows = y + x * np.float32(slope)
        counts = np.bincount((rows - rows.min()).astype(np.int32))
        out.append(float(np.dot(counts, counts)))
    return np.array(out)


def straightened(ink: Mask, degrees: float) -> Mask:
    """The page with its columns shifted so that lines lie level; the corners that
    leave the picture are lost.
    """
    out = np.zeros_like(ink)
    high, wide = ink.shape
    slope = np.tan(np.radians(degrees))
    for left in range(0, wide, _STRIP):
        shift = round((left + _STRIP / 2 - wide / 2) * slope)
        part = ink[:, left : left + _STRIP]
        if abs(shift) >= high:
            continue
        if shift >= 0:
            out[shift:, left : left + _STRIP] = part[: high - shift]
        else:
            out[:shift, left : left + _STRIP] = part[-shift:]
    return out


def without_rules(ink: Mask, length: int) -> Mask:
    """Without strokes that run level for ``length`` pixels."""
    wide = ink.shape[1]
    if wide <= length:
        return ink
    sums = _sums(ink)
    runs = sums[:, length:] - sums[:, :-length] >= length * _UNBROKEN
    starts = _sums(runs)
    at = np.arange(wide)
    first, last = np.maximum(0, at - length + 1), np.minimum(at, wide - length)
    rule = starts[:, last + 1] > starts[:, first]
    return ink & ~_thick(rule)


def _sums(mask: Mask) -> NDArray[np.int16]:
    """The count of what lies left of each column, and of all; no page of the desk is
    32,768 pixels across or along (``preview``).
    """
    sums = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int16)
    np.cumsum(mask, axis=1, dtype=np.int16, out=sums[:, 1:])
    return sums


def _thick(rule: Mask) -> Mask:
    """With the rows above and below, where a rule's soft edge lies."""
    out = rule.copy()
    out[1:] |= rule[:-1]
    out[:-1] |= rule[1:]
    return out
