"""A page's picture as arrays: the paper's own light, and the ink on it.

Everything else in this package starts from a ``Look``, so that light, shade and the
paper's colour are judged in one place. Ink is kept as counts in narrow bands, because
lines of text are found in sums across them and a picture has 2 million pixels. Start at
``look_at``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Bands = NDArray[np.uint8]
"""[band, place]: pixels of ink, 0 to ``BAND``, of a page cut into bands of ``BAND``
pixels. Lines of text that are read from it run from band to band."""

WIDTHS: Final = range(1100, 1401)
"""Pixels across a page that is looked at as the desk shows it (``preview``)."""
LOOK_WIDTH: Final = 1240
"""Pixels across any other page, 150 dpi of A4: what every number of pixels here means
within a tenth.
"""
BLOCK: Final = 16
"""Pixels, 3 mm: a letter and the paper beside it."""
BAND: Final = 8
_INK_SHARE: Final = 0.75
"""Ink is darker than three quarters of the paper around it. The palest print of the
labelled set has 0.6; grain and show-through stay above 0.85."""
_PAPER_SHARE: Final = 0.45
"""What is darker than this share of the page's brightest parts is a table, not paper in
a shadow: the labelled set's deepest shadows leave 0.55."""
LIGHTEST_TABLE: Final = 0.62
"""The share of the brightest paper that no desk has: a grain of wood at the picture's
edge looks like strokes. What lies in a deep shadow is not judged for it."""
_SOLID: Final = 0.62
"""The share of ink in 4 mm around a pixel from which on it is a picture, a shadow or a
table: bold capitals reach 0.5."""


@dataclass(frozen=True, slots=True)
class Look:
    """One page, upright as the desk shows it."""

    picture: Image.Image
    """In grey."""
    grey: Grey
    """The same as an array: Pillow copies a picture whenever one is made of it."""
    light: Grey
    """One value a block of ``BLOCK`` pixels a side: the lightest shade around it, of
    the paper or of the table beside it."""
    across: Bands
    """Ink for lines that run across the page: bands from left to right, places from the
    top down. Strokes on paper only, without solid areas."""
    up: Bands
    """The same for lines that run up the page, as if it were turned clockwise: bands
    from its foot, places from its left edge."""

    @property
    def inked(self) -> float:
        """The share of the page that is ink."""
        return float(self.across.mean()) / BAND


def at_looking_width(image: Image.Image) -> Image.Image:
    """In grey, and about as wide as this package's measures were taken."""
    grey = image if image.mode == "L" else image.convert("L")
    if image.width in WIDTHS:
        return grey
    size = (LOOK_WIDTH, max(BLOCK, round(image.height * LOOK_WIDTH / image.width)))
    return grey.resize(size, Image.Resampling.BOX)


def look_at(picture: Image.Image) -> Look:
    """*picture*: in grey, at looking width."""
    light, grey = _block_light(picture), np.asarray(picture)
    paper = light >= _PAPER_SHARE * np.percentile(light, 90)
    dark = _darker(grey, np.where(paper, light * _INK_SHARE, 0).astype(np.uint8))
    across = np.bitwise_count(np.packbits(dark, axis=1))
    up = dark.view(np.uint8).reshape(-1, BAND, dark.shape[1]).sum(1, dtype=np.uint8)
    cells = across.reshape(-1, BAND, across.shape[1]).sum(axis=1, dtype=np.uint8)
    strokes = (~_solid(cells)).view(np.uint8)
    across *= np.repeat(strokes, BAND, axis=0)
    up *= np.repeat(strokes, BAND, axis=1)
    return Look(picture, grey, light, np.ascontiguousarray(across.T), up[::-1])


def _darker(grey: Grey, darkest: Grey) -> Mask:
    """Which pixels are darker than the value that their block has."""
    high, wide = darkest.shape
    rows = grey[: high * BLOCK, : wide * BLOCK].reshape(high, BLOCK, -1)
    dark: Mask = np.less(rows, np.repeat(darkest, BLOCK, axis=1)[:, None])
    return dark.reshape(high * BLOCK, -1)


def _block_light(grey: Image.Image) -> Grey:
    """The lightest shade in each whole block and its neighbours, smoothed."""
    half = np.asarray(grey.reduce(2))
    side = BLOCK // 2
    high, wide = (size // side for size in half.shape)
    rows = half[: high * side, : wide * side].reshape(high, side, wide * side)
    lightest = rows.max(axis=1)
    blocks = np.max([lightest[:, n::side] for n in range(side)], axis=0)
    image = Image.fromarray(_highest_around(blocks, 1))
    return np.asarray(image.filter(ImageFilter.BoxBlur(1)))


def _highest_around(values: Grey, reach: int) -> Grey:
    """The highest in each square of *reach* to either side. Pillow's own filter sorts
    each square, which takes 25 times as long.
    """
    padded = np.pad(values, reach, mode="edge")
    for _ in range(2):
        rows = len(padded) - 2 * reach
        padded = np.max([padded[n : n + rows] for n in range(2 * reach + 1)], axis=0).T
    return padded


def _solid(cells: Bands) -> Mask:
    """Cells of ``BAND`` pixels a side, by the pixels of ink in each."""
    shades = Image.fromarray(cells * np.uint8(3))
    dense = np.asarray(shades.filter(ImageFilter.BoxBlur(1)))
    full = (dense > _SOLID * 3 * BAND * BAND).view(np.uint8)
    return _highest_around(full, 2) > 0
