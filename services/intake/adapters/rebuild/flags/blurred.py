"""Whether the print on a page is out of focus or smeared.

Where print meets paper, a sharp picture goes from dark to light within two pixels.
Judged in both directions, because a shaken hand smears only one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import BAND, BLOCK, Look

_LEAST_INK: Final = 12
_MOST_INK: Final = 150
"""Pixels of ink in a block of 256: less is dust, more is no text."""
_FEW: Final = 20
"""Blocks with print that are too few to judge a page by."""
_ENOUGH: Final = 300
"""Blocks that are looked at, of all parts of a page."""
_BEST: Final = 6
"""Steps of a block that are passed over: grain alone makes a steep one here and
there."""
_SHARE: Final = 65
"""The percentile of a page's blocks: below lie those with a rule alone, which has an
edge in one direction only."""
_SHARP: Final = 0.45
"""The share of its contrast with the paper's light that print gains in two pixels, less
than which is blurred."""


def is_blurred(look: Look) -> bool:
    found = sharpness(look)
    return found is not None and found < _SHARP


def sharpness(look: Look) -> float | None:
    """0 … 1, of the worse direction; None on a page with too little print."""
    blocks, lightest = _printed(look)
    if len(blocks) < _FEW:
        return None
    contrast = np.maximum(lightest - blocks.min(axis=(1, 2)), 1)
    across = np.abs(blocks[:, :, 2:] - blocks[:, :, :-2])
    down = np.abs(blocks[:, 2:, :] - blocks[:, :-2, :])
    steps = (_steepest(across), _steepest(down))
    return min(float(np.percentile(step / contrast, _SHARE)) for step in steps)


def _printed(look: Look) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The blocks that text covers, as n × 16 × 16, and the light on each."""
    high, wide = look.light.shape
    columns = look.across[: wide * BLOCK // BAND].reshape(wide, -1, high * BLOCK)
    some = columns.sum(axis=1, dtype=np.uint8)
    counts = some.reshape(wide, high, BLOCK).sum(axis=2, dtype=np.uint16).T
    chosen = np.argwhere((counts >= _LEAST_INK) & (counts <= _MOST_INK))
    chosen = chosen[:: len(chosen) // _ENOUGH + 1]
    y, x = chosen.T
    rows = look.grey[: high * BLOCK, : wide * BLOCK]
    shades = rows.reshape(high, BLOCK, wide, BLOCK)[y, :, x].astype(np.int16)
    return shades, look.light[y, x].astype(np.int16)


def _steepest(steps: NDArray[np.int16]) -> NDArray[np.int16]:
    flat = steps.reshape(len(steps), -1)
    return np.partition(flat, flat.shape[1] - 1 - _BEST, axis=1)[:, -1 - _BEST]
