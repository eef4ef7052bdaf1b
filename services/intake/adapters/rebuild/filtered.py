"""Pixels as deflated rows, each behind the PNG filter that suits it (ISO/IEC 15948, 9).

Pillow's own encoder tries all five filters on each row one byte after the other, which
took half of what a page without JPEG cost. Two of them, by numpy and some rows at a
time, leave as few bytes of a scan (docs/decisions/0162). Start at ``deflated``.
"""

import zlib
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Rows = NDArray[np.uint8]

_LEVEL: Final = 1
"""Zlib's. A longer search finds a hundredth more in a scan, and in clean rows a
twentieth. Of grey only runs are looked for: a tenth fewer bytes of a scan's noise, in
half the time; three colours share their noise, so there repetitions count."""
_SUB: Final = 1
_UP: Final = 2
_ROWS_AT_ONCE: Final = 128


def deflated(image: Image.Image) -> bytes:
    """Zlib data of the rows of a picture of mode L or RGB."""
    strategy = zlib.Z_RLE if image.mode == "L" else zlib.Z_DEFAULT_STRATEGY
    deflate = zlib.compressobj(_LEVEL, strategy=strategy)
    parts = [deflate.compress(rows.data) for rows in _filtered(image)]
    return b"".join((*parts, deflate.flush()))


def _filtered(image: Image.Image) -> Iterator[Rows]:
    channels = len(image.getbands())
    above = np.zeros((1, image.width * channels), np.uint8)
    for top in range(0, image.height, _ROWS_AT_ONCE):
        low = min(image.height, top + _ROWS_AT_ONCE)
        rows = np.asarray(image.crop((0, top, image.width, low))).reshape(low - top, -1)
        yield _best(rows, above, channels)
        above = rows[-1:]


def _best(rows: Rows, above: Rows, channels: int) -> Rows:
    """Each row with its filter's number before it. That one is taken which leaves the
    least differences, as PNG's own authors propose (12.8).
    """
    out = np.empty((rows.shape[0], 1 + rows.shape[1]), np.uint8)
    up, out[:, 0] = out[:, 1:], _UP
    np.subtract(rows, np.concatenate((above, rows[:-1])), out=up)
    sub = rows.copy()
    sub[:, channels:] -= rows[:, :-channels]
    flat = _size(sub) < _size(up)
    out[flat, 0] = _SUB
    up[flat] = sub[flat]
    return out


def _size(differences: Rows) -> NDArray[np.int64]:
    """The sum of each row's differences, whichever way they go."""
    sizes = np.abs(differences.view(np.int8)).view(np.uint8)
    return np.asarray(sizes.sum(axis=1, dtype=np.int64))
