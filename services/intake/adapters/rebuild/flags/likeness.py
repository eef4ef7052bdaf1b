"""A page as what is drawn on it: how much darker each place is than the paper there.

Light, shade and the paper's colour are out of it, its lines lie level, and it is small.
Start at ``likeness``; whether two pages are one sheet says ``same_sheet``.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from intake.adapters.rebuild.flags.look import LIGHTEST_TABLE, Grey, Look, Mask

Spectrum = NDArray[np.complex64]

LONG: Final = 448
"""Cells along the longer side: of A4, 0.66 mm, so that x-heights are three."""
_PALEST: Final = 0.04
"""The share of the paper's light that grain and show-through take."""
_RIM: Final = 4
"""Blocks of light, 10 mm, to either side: the paper's light reaches over its edge."""
_BROAD: Final = 9
"""Cells, 6 mm: what is as broad both ways is a shadow's edge or a coloured ground, and
no stroke."""
_EDGE: Final = 9
"""Cells, 6 mm: the shadow of a lid and the paper's own edge lie there."""
_STRAIGHT: Final = 0.1
"""Degrees that make no difference."""
FAR: Final = 4
"""Cells that are one when a page is seen from afar."""
COVERED: Final = 230
"""The least of 255 at which a turned or laid page still has paper."""
FRAME: Final = 128
"""Cells from afar, a side, in which every page has room."""
_AROUND: Final = 6
"""Cells from afar: what is lighter or darker over more than that says nothing."""
_TABLE_SHARE: Final = 0.02
"""The share of a picture that lies beside the paper, where it was not scanned."""
_LEAST_INK: Final = 0.0005
"""The mean relief of a page that has enough on it to be known by."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """A page small, its lines running along the rows; perhaps upside down."""

    relief: Grey
    """From 0, the paper, to 255; 0 also where no paper is seen."""
    clear: Mask
    """Where paper is seen, and what is on it can be judged."""
    afar: NDArray[np.float32]
    """Seen from afar: darker and lighter than what is around, in ``FRAME``."""
    photographed: bool
    """Whether a table is seen beside it, so that its size in the picture says
    nothing."""
    level: bool
    """Whether lines of text say how it leans."""
    spectrum: Spectrum
    """The page from afar, as it lies."""

    @property
    def size(self) -> tuple[int, int]:
        """Across and down, in cells."""
        return self.relief.shape[1], self.relief.shape[0]


def likeness(look: Look, lean: float | None, *, lying: bool) -> Likeness | None:
    """None of a page with hardly anything on it. Its lines *lean* so many degrees, if
    it has any, and run up the picture if it is *lying*.
    """
    relief, paper = _relief(look)
    clear = paper.copy()
    clear[:_EDGE] = clear[-_EDGE:] = False
    clear[:, :_EDGE] = clear[:, -_EDGE:] = False
    soft = _softened(
        _levelled(relief * clear, lean, Image.Resampling.BILINEAR, lying=lying)
    )
    seen = _levelled(clear * np.uint8(255), lean, Image.Resampling.NEAREST, lying=lying)
    drawn = soft * (seen > 0)
    if drawn.mean() < _LEAST_INK * 255:
        return None
    table = float(np.mean(~paper)) > _TABLE_SHARE
    return known(drawn, seen > 0, photographed=table, level=lean is not None)


def known(drawn: Grey, seen: Mask, *, photographed: bool, level: bool) -> Likeness:
    """With what is seen of it from afar."""
    afar = _from_afar(drawn)
    frame = framing(drawn.shape[::-1], 1.0, 0.0)
    return Likeness(drawn, seen, afar, photographed, level, spectrum(afar, frame))


def _relief(look: Look) -> tuple[Grey, Mask]:
    """How dark each cell is, and where it is paper."""
    picture = look.picture
    scale = LONG / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX))
    light_image = Image.fromarray(look.light)
    light = np.asarray(light_image.resize(size, Image.Resampling.BILINEAR))
    left = np.float32(255) * small / np.maximum(light, 1)
    dark = np.clip(255 * (1 - _PALEST) - left, 0, 255).astype(np.uint8)
    paper = _paper(look.light, size)
    return (dark - _broad(dark)) * paper, paper


def _broad(dark: Grey) -> Grey:
    """How dark each place is at least all over one square of ``_BROAD`` that it lies
    in.
    """
    least = 255 - _highest(255 - dark, _BROAD)
    return _highest(np.pad(least, _BROAD - 1), _BROAD)


def _highest(values: Grey, side: int) -> Grey:
    """The highest value of each square, by doubling: Pillow's filter sorts each."""
    for _ in range(2):
        wide = 1
        while 2 * wide <= side:
            values, wide = np.maximum(values[:-wide], values[wide:]), 2 * wide
        rest = side - wide
        values = np.maximum(values[: len(values) - rest], values[rest:]).T
    return values


def _paper(light: Grey, size: tuple[int, int]) -> Mask:
    """The sheet without the rim at which the table begins."""
    table = light < LIGHTEST_TABLE * np.percentile(light, 90)
    rim = np.pad(table * np.uint8(255), _RIM, mode="edge")
    near = Image.fromarray(_highest(rim, 2 * _RIM + 1))
    paper: Mask = np.asarray(near.resize(size, Image.Resampling.NEAREST)) == 0
    return paper


def _levelled(
    plane: Grey, lean: float | None, smooth: Image.Resampling, *, lying: bool
) -> Grey:
    image = Image.fromarray(plane)
    if lying:
        image = image.transpose(Image.Transpose.ROTATE_270)
    if lean is not None and abs(lean) >= _STRAIGHT:
        image = image.rotate(-lean, smooth, expand=True)
    return np.asarray(image)


def _softened(plane: Grey) -> Grey:
    """The plane as if out of focus by 1.2 cells: neighbours are added six times both
    ways, in a fifth of the time that Pillow's own blur takes.
    """
    sums = np.pad(plane, 3).astype(np.uint16)
    for _ in range(2):
        for _ in range(6):
            sums = sums[:-1] + sums[1:]
        sums = (sums >> np.uint16(6)).T
    return sums.astype(np.uint8)


def _from_afar(drawn: Grey) -> NDArray[np.float32]:
    """Faint strokes count nearly as much as dark ones."""
    small = Image.fromarray(drawn).reduce(FAR)
    even = small.point(lambda value: round((255 * value) ** 0.5))
    around = even.filter(ImageFilter.BoxBlur(_AROUND))
    stands_out = np.asarray(even, np.float32) - np.asarray(around, np.float32)
    return np.asarray(stands_out)


def framing(size: tuple[int, ...], scale: float, degrees: float) -> NDArray[np.float64]:
    """3 × 3: where a place of ``FRAME`` lies on a page of that size, in cells, if it is
    laid in the middle, so many times as large, and turned counter-clockwise.
    """
    turn, step = math.radians(degrees), FAR / scale
    along, aside = step * math.cos(turn), step * math.sin(turn)
    across, down = size
    middle = FRAME / 2
    return np.array(
        (
            (along, -aside, across / 2 - middle * (along - aside)),
            (aside, along, down / 2 - middle * (aside + along)),
            (0.0, 0.0, 1.0),
        )
    )


def spectrum(afar: NDArray[np.float32], way: NDArray[np.float64]) -> Spectrum:
    """A page from afar, laid in ``FRAME`` that way and of the length 1, so that the
    products of two are correlations.
    """
    small = Image.fromarray(afar)
    terms = (way[:2] / FAR).ravel().tolist()
    kind, smooth = Image.Transform.AFFINE, Image.Resampling.BILINEAR
    values = np.asarray(small.transform((FRAME, FRAME), kind, terms, smooth))
    length = max(float(np.linalg.norm(values)), 1e-6)
    return np.asarray(np.fft.rfft2(values / np.float32(length)), np.complex64)
