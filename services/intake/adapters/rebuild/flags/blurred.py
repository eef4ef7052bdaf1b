"""Whether the print on a page is out of focus or smeared.

Where print meets paper, a sharp picture goes from dark to light within two pixels.
Judged in both directions, because a shaken hand smears only one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.adapters.rebuild.flags.look import BLOCK, Look

_LEAST_INK: Final = 12
_MOST_INK: Final = 150
"""Pixels of ink in a block of 256: less is dust, more is no text."""
_FEW: Final = 20
"""Blocks with print that are too few to judge a page by."""
_BEST: Final = 6
"""Steps of a block that are passed over: grain alone makes a steep one here and
there."""
_SHARE: Final = 65
"""The percentile of a page's blocks: below lie those with a rule alone, which has an
edge in one direction only."""
_SHARP: Final = 0.47
"""The share of its contrast that print gains in two pixels: blurred pages of the
labelled set have at most 0.40, the others at least 0.54."""


def is_blurred(look: Look) -> bool:
    found = sharpness(look)
    return found is not None and found < _SHARP


def sharpness(look: Look) -> float | None:
    """0 … 1, of the worse direction; None on a page with too little print."""
    blocks = _printed(look)
    if len(blocks) < _FEW:
        return None
    lightest, darkest = np.percentile(blocks, (95, 0), axis=(1, 2))
    contrast = np.maximum(lightest - darkest, 1)
    across = np.abs(blocks[:, :, 2:] - blocks[:, :, :-2])
    down = np.abs(blocks[:, 2:, :] - blocks[:, :-2, :])
    steps = (_steepest(across), _steepest(down))
    return min(float(np.percentile(step / contrast, _SHARE)) for step in steps)


def _printed(look: Look) -> NDArray[np.int16]:
    """The blocks that text covers, as n × 16 × 16; at most 600 of them, of all parts
    of the page.
    """
    high, wide = (side // BLOCK for side in look.grey.shape)
    ink = look.ink[: high * BLOCK, : wide * BLOCK]
    counts = ink.reshape(high, BLOCK, wide, BLOCK).sum(axis=(1, 3))
    chosen = np.argwhere((counts >= _LEAST_INK) & (counts <= _MOST_INK))
    chosen = chosen[:: len(chosen) // 600 + 1]
    grey = look.grey[: high * BLOCK, : wide * BLOCK]
    blocks = grey.reshape(high, BLOCK, wide, BLOCK).swapaxes(1, 2)
    return blocks[chosen[:, 0], chosen[:, 1]].astype(np.int16)


def _steepest(steps: NDArray[np.int16]) -> NDArray[np.int16]:
    flat = steps.reshape(len(steps), -1)
    return np.partition(flat, flat.shape[1] - 1 - _BEST, axis=1)[:, -1 - _BEST]
