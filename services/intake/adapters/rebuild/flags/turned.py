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
_LEAST_INK: Final = 60
"""Pixels of a strip that has text in it."""
_FAINT: Final = 8
"""Pixels of ink that a line has at its fullest in a strip, at least."""
_LEAST: Final = 5
"""Rows that a line's letters are high at least, at 1100 pixels across."""
_MOST: Final = 40


_UPSIDE_DOWN: Final = -0.12
"""Upright pages of text rise by -0.05 at least, of which tables of figures least; a
blurred photograph under which a caption stands came to -0.11."""
_FEW: Final = 8
"""Pieces of lines that are too few to say what is up."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the strips of a page say together."""

    pieces: int
    """How many pieces of lines of text were judged."""
    rising: float
    """From -1 to 1: ink above the letters' bodies less that below, over both."""
    striped: float
    """From 0 to 1: how much the rows alternate between ink and paper."""


def is_upside_down(found: Way) -> bool:
    return found.pieces >= _FEW and found.rising <= _UPSIDE_DOWN


def way(ink: Mask) -> Way:
    """*ink* is level and without rules."""
    above = below = uneven = total = 0.0
    pieces = 0
    for left in range(0, ink.shape[1], _STRIP):
        rows = ink[:, left : left + _STRIP].sum(axis=1, dtype=np.float64)
        if rows.sum() < _LEAST_INK:
            continue
        uneven += _unevenness(rows)
        total += float(np.dot(rows, rows))
        for over, under in _sides(rows):
            above, below, pieces = above + over, below + under, pieces + 1
    rising = (above - below) / max(above + below, 1.0)
    return Way(pieces, rising, uneven / max(total, 1.0))


def _unevenness(rows: NDArray[np.float64]) -> float:
    """The energy of what changes within some 7 mm."""
    around = np.convolve(rows, np.ones(37) / 37, "same")
    return float(np.sum((rows - around) ** 2))


def _sides(rows: NDArray[np.float64]) -> list[tuple[float, float]]:
    """The ink above and below each piece of a line, no farther than its letters are
    high and than the middle between it and the next.
    """
    cores = _cores(rows)
    out = []
    for n, (top, low) in enumerate(cores):
        reach = low - top
        before = (cores[n - 1][1] + top) // 2 if n else 0
        after = (cores[n + 1][0] + low) // 2 if n + 1 < len(cores) else len(rows)
        above = rows[max(top - reach, before, 0) : top].sum()
        below = rows[low : min(low + reach, after)].sum()
        out.append((float(above), float(below)))
    return out


def _cores(rows: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Where the letters' bodies lie: rows of at least half the ink of the fullest rows
    nearby.
    """
    reach = 24
    padded = np.pad(rows, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    peak = windows.max(axis=1)
    full = (rows >= 0.5 * peak) & (peak >= _FAINT)
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
