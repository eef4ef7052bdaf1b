"""A page's picture as arrays: the paper's own light, and the ink on it.

Everything else in this package starts from a ``Look``, so that light, shade and the
paper's colour are judged in one place. Start at ``look_at``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LOOK_WIDTH: Final = 1100
"""Pixels across the page, 133 dpi of A4: what every number of pixels here means."""
BLOCK: Final = 16
"""Pixels, 3 mm: a letter and the paper beside it."""
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
    """One page, upright as the desk shows it, ``LOOK_WIDTH`` pixels across."""

    grey: Grey
    light: Grey
    """The lightest shade around each pixel: the paper, or the table beside it."""
    paper: Mask
    """One value a block of 16 pixels a side."""
    ink: Mask
    """Strokes on paper, without solid areas."""


def at_looking_width(image: Image.Image) -> Image.Image:
    """In grey, and as wide as this package's measures were taken: LOOK_WIDTH."""
    grey = image.convert("L")
    size = (LOOK_WIDTH, max(1, round(image.height * LOOK_WIDTH / image.width)))
    return grey if size == image.size else grey.resize(size, Image.Resampling.BOX)


def look_at(image: Image.Image) -> Look:
    grey_image = image.convert("L")
    grey = np.asarray(grey_image)
    blocks = _block_light(grey_image)
    light_image = Image.fromarray(blocks).resize(image.size, Image.Resampling.BILINEAR)
    light = np.asarray(light_image)
    level = np.percentile(blocks, 90)
    paper = blocks >= _PAPER_SHARE * level
    darkest = np.where(paper, blocks * _INK_SHARE, 0).astype(np.uint8)
    limit = Image.fromarray(darkest).resize(image.size, Image.Resampling.BILINEAR)
    dark: Mask = np.less(grey, np.asarray(limit))
    return Look(grey, light, paper, dark & ~_solid(dark))


def _block_light(grey: Image.Image) -> Grey:
    """The lightest shade in each block and its neighbours, smoothed."""
    half = np.asarray(grey.reduce(2))
    side = BLOCK // 2
    high, wide = (max(1, size // side) for size in half.shape)
    whole = np.asarray(Image.fromarray(half).crop((0, 0, wide * side, high * side)))
    blocks = whole.reshape(high, side, wide, side).max(axis=(1, 3))
    image = Image.fromarray(blocks).filter(ImageFilter.MaxFilter(3))
    return np.asarray(image.filter(ImageFilter.BoxBlur(1)))


def _solid(dark: Mask) -> Mask:
    small = Image.fromarray(dark * np.uint8(255)).reduce(4)
    dense = small.filter(ImageFilter.BoxBlur(3)).point(
        lambda v: 255 if v > _SOLID * 255 else 0
    )
    wide = dense.filter(ImageFilter.MaxFilter(7))
    return np.asarray(wide.resize(dark.shape[::-1])) > 0
