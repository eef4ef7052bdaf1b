"""The size of the paper that a JPEG or PNG file is a picture of.

A density is believed as a size if it is one that a scanner or a fax writes and the
paper fits a desk; if not, it is still believed as the *shape* of a pixel, and the
picture is fitted to A4 (*size-assumed*): a fax line is twice as high as a pixel is
wide, whatever its size.
"""

import math
from typing import Final

from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.pages import rounded

A4: Final = (595.2756, 841.8898)
_POINTS_PER_INCH: Final = 72.0
_LEAST: Final = 100.0
"""Telephones and programs write 72 and 96 without having measured anything."""
_LEAST_OF_FAX: Final = 50.0
_FAX: Final = 150.0
"""ITU-T T.4: 204 × 98, 204 × 196, 204 × 391; older machines 200 × 100, 200 × 67."""
_MOST: Final = 1200.0
_LONGEST: Final = 1700.0
"""Points; the long side of A2 is 1684."""
_OBLONG: Final = 1.2
_MOST_OBLONG: Final = 4.5
"""Pixels that are more oblong than a fax's are nonsense."""


def size(
    pixels: tuple[int, int], densities: list[Density]
) -> tuple[tuple[float, float], bool]:
    """Width and height in points, and whether they are the file's own. ``densities``
    are what the file says of itself, the best witness first.
    """
    for density in densities:
        points = _believable(pixels, density)
        if points is not None:
            return points, True
    shape = next((d for d in densities if _is_shape(d)), Density(1.0, 1.0, False))
    return _fitted(pixels, shape), False


def _believable(
    pixels: tuple[int, int], density: Density
) -> tuple[float, float] | None:
    low, high = sorted((density.across, density.down))
    fax = _is_shape(density) and high > _OBLONG * low
    least = _LEAST_OF_FAX if fax and high >= _FAX else _LEAST
    if not density.inches or not (
        math.isfinite(high) and least <= low <= high <= _MOST
    ):
        return None
    width = pixels[0] / density.across * _POINTS_PER_INCH
    height = pixels[1] / density.down * _POINTS_PER_INCH
    if max(width, height) > _LONGEST:
        return None
    return rounded(width), rounded(height)


def _is_shape(density: Density) -> bool:
    low, high = sorted((density.across, density.down))
    return low > 0 and math.isfinite(high) and high <= _MOST_OBLONG * low


def _fitted(pixels: tuple[int, int], shape: Density) -> tuple[float, float]:
    """The largest size that fits on A4 with the long sides together."""
    width, height = pixels[0] / shape.across, pixels[1] / shape.down
    across, down = A4 if height >= width else (A4[1], A4[0])
    scale = min(across / width, down / height)
    return rounded(width * scale), rounded(height * scale)
