"""Which way the text on a page stands: upright, upside down, or on its side.

No letter is read. Lines of text alternate with paper along one axis only; and of
Vietnamese text, capitals too, much more stands above a line's letters than hangs below
them: ascenders, and nearly all the marks (docs/decisions/0110).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import Mask

_STRIP: Final = 160
"""Columns read together, 30 mm: wider ones mix columns of a table."""
_LEAST: Final = 5
"""Rows that a line's letters are high at least, at 1100 pixels across."""
_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Way:
    """What the strips of a page say together."""

    cores: int
    """Pieces of lines that were judged."""
    rising: float
    """−1 … 1: the mean over the pieces of (ink above − ink below) ÷ both."""
    striped: float
    """How much the rows alternate between ink and paper."""


def way(ink: Mask) -> Way:
    """*ink* is level and without rules."""
    votes: list[float] = []
    weights: list[float] = []
    uneven = total = 0.0
    for left in range(0, ink.shape[1], _STRIP):
        rows = ink[:, left : left + _STRIP].sum(axis=1, dtype=np.float64)
        if rows.sum() < 60:
            continue
        uneven += _unevenness(rows)
        total += float(np.dot(rows, rows))
        for vote, weight in _votes(rows):
            votes.append(vote)
            weights.append(weight)
    rising = float(np.average(votes, weights=weights)) if votes else 0.0
    return Way(len(votes), rising, uneven / total if total else 0.0)


def _unevenness(rows: NDArray[np.float64]) -> float:
    """The energy of what changes within some 7 mm."""
    around = np.convolve(rows, np.ones(37) / 37, "same")
    return float(np.sum((rows - around) ** 2))


def _votes(rows: NDArray[np.float64]) -> list[tuple[float, float]]:
    """For each piece of a line: ink above its letters against ink below, and the ink in
    all. Only what lies as near as the next line's middle counts.
    """
    cores = _cores(rows)
    out = []
    for n, (top, low) in enumerate(cores):
        reach = low - top
        before = (cores[n - 1][1] + top) // 2 if n else 0
        after = (cores[n + 1][0] + low) // 2 if n + 1 < len(cores) else len(rows)
        above = rows[max(top - reach, before, 0) : top].sum()
        below = rows[low : min(low + reach, after)].sum()
        if above + below > 0.02 * rows[top:low].sum():
            weight = float(np.sqrt(rows[top:low].sum()))
            out.append((float((above - below) / (above + below)), weight))
    return out


def _cores(rows: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Where the letters' bodies lie: rows of at least half the ink of the fullest rows
    nearby.
    """
    reach = 24
    padded = np.pad(rows, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    peak = windows.max(axis=1)
    full = (rows >= 0.5 * peak) & (peak >= 8)
    steps = np.diff(np.concatenate(([0], full.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return _joined(list(zip(starts.tolist(), ends.tolist(), strict=True)))


def _joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces with hardly a gap between them are one; what is too low or too high is no
    line of text.
    """
    whole: list[tuple[int, int]] = []
    for top, low in pieces:
        if whole and top - whole[-1][1] <= max(3, (low - whole[-1][0]) // 3):
            whole[-1] = (whole[-1][0], low)
        else:
            whole.append((top, low))
    return [(top, low) for top, low in whole if _LEAST <= low - top <= _MOST]
