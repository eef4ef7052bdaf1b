"""A decoded picture, as rows that libjpeg and Pillow both take without a copy."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image

_MODES: Final = {1: "L", 4: "RGBX"}
_SPACES: Final = {1: ("GRAY", "444"), 4: ("RGBX", "420")}
"""libjpeg's name of the colours, and how often they are sampled."""
SHOWN_WIDTH: Final = 1100
"""Pixels: as wide as a page that is shown is at least (``preview``), so the shorter
side of a picture that is kept is, too, unless it had fewer."""
_MOST_SHOWN: Final = 12_000_000
"""Pixels that are kept: 48 MB. A banner that has more at this width is decoded again
when it is shown."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """Grey, or colours with a spare byte: the four that Pillow has for a pixel."""

    rows: NDArray[np.uint8]
    """[row, column, colour], without a gap between two rows."""

    @property
    def mode(self) -> str:
        return _MODES[self.rows.shape[2]]

    @property
    def size(self) -> tuple[int, int]:
        return self.rows.shape[1], self.rows.shape[0]

    def image(self, every: int = 1) -> Image.Image:
        """Not to be changed: it has these bytes, of *every* so manieth row."""
        size = self.rows.shape[1], self.rows.shape[0] // every
        line = self.rows.strides[0] * every
        return Image.frombuffer(self.mode, size, self.rows, "raw", self.mode, line, 1)

    def jpeg(self, quality: int) -> bytes:
        """Encoded as Pillow does by default, in a sixth less time."""
        space, sampling = _SPACES[self.rows.shape[2]]
        written: bytes = simplejpeg.encode_jpeg(
            self.rows, quality, space, sampling, fastdct=True
        )
        return written


def factor(width: int, height: int) -> int | None:
    """What the sides may be divided by so that a page can still be shown of it: 1, 2, 4
    or 8, for which libjpeg has fast ways. None: too large to be kept.
    """
    side = min(width, height)
    by = next((by for by in (8, 4, 2) if side >= by * SHOWN_WIDTH), 1)
    return by if width * height <= _MOST_SHOWN * by * by else None


def of_image(image: Image.Image) -> Pixels | None:
    """The picture as the desk shows it; None for one that is too large or of one bit,
    which is decoded faster than it is reduced.
    """
    by = factor(*image.size)
    if by is None or image.mode not in ("L", "P", "RGB"):
        return None
    plain = image if image.mode == "L" else image.convert("RGB")
    small = plain.reduce(by) if by > 1 else plain
    mode = "L" if small.mode == "L" else "RGBX"
    rows = np.frombuffer(small.tobytes("raw", mode), np.uint8)
    return Pixels(rows.reshape(small.height, small.width, -1))
