"""Whether what stands on a page runs off an edge of its picture.

Only strokes count that meet the edge from inside: the shadow of a lid or the rim of a
sheet runs along it. A sheet that lies whole on a table meets no edge.
"""

from typing import Final

import numpy as np

from intake.adapters.rebuild.flags.look import (
    BLOCK,
    LIGHTEST_TABLE,
    Grey,
    Look,
    Mask,
)

_DARKER: Final = 0.82
"""The share of the paper's light: strokes that are cut and blurred are pale."""
_STROKES: Final = 6
"""On one edge: a crossing rule or a speck is one, a line of text is many."""
_WIDEST: Final = 40
"""Pixels along the edge: what is wider is a shadow, a picture or a table."""
_THINNEST: Final = 2
_SHADOW: Final = 22
"""Pixels, 4 mm: how broad the shadow of a lid is at most."""
_SHADOWED: Final = 0.5
"""The share of an edge's length that only a shadow darkens: a line of capitals cut
along its middle darkens less, over less of the page."""
_DEEP: Final = 8
_NEAR: Final = 101
_COVERED: Final = 0.75
"""The share of an edge's 2 cm from which on ink along it is a shadow."""


def is_cut(look: Look) -> bool:
    return max(strokes(look)) >= _STROKES


def strokes(look: Look) -> tuple[int, ...]:
    """How many strokes meet the top, the foot, the left and the right edge."""
    grey, light = look.grey, look.light
    dark = np.where(
        light >= np.percentile(light, 90) * LIGHTEST_TABLE, light * _DARKER, 0
    ).astype(np.uint8)
    sides = (
        (grey, dark),
        (grey[::-1], dark[::-1]),
        (grey.T, dark.T),
        (grey.T[::-1], dark.T[::-1]),
    )
    return tuple(_strokes(_margin(*side)) for side in sides)


def _margin(grey: Grey, dark: Grey) -> Mask:
    """The rows beside an edge: what is darker than its block may be. Pixels beyond the
    last whole block are judged by that block.
    """
    rows = grey[: _SHADOW + _DEEP]
    down = np.arange(len(rows)) // BLOCK
    along = np.minimum(np.arange(rows.shape[1]) // BLOCK, dark.shape[1] - 1)
    return np.less(rows, dark[: down[-1] + 1, along][down])


def _strokes(rows: Mask) -> int:
    """Behind the shadow that runs along this edge, if one does."""
    shadow = np.flatnonzero(rows[:_SHADOW].mean(axis=1) > _SHADOWED)
    first = int(shadow[-1]) + 2 if len(shadow) else 0
    at_edge = rows[first : first + 3].any(axis=0)
    within = rows[first + 3 : first + _DEEP].max(axis=0)
    covered = np.convolve(at_edge, np.ones(_NEAR) / _NEAR, "same")
    at_edge = at_edge & (covered < _COVERED)
    steps = np.diff(np.concatenate(([0], at_edge.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return sum(
        _THINNEST <= end - start <= _WIDEST
        and bool(within[max(0, start - 5) : end + 5].any())
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    )
