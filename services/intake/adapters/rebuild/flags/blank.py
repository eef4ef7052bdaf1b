"""Whether a page shows nothing: structure, not brightness (docs/decisions/0045)."""

from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from intake.adapters.rebuild.flags.look import LIGHTEST_TABLE, Look

_JUDGED_WIDTH: Final = 550
"""Pixels of a page that is judged: some 65 dpi of A4, where a sensor's noise is gone
and a pencil's line is not."""
_EDGE: Final = 0.05
"""The share of each side that is not looked at: the shadow of the lid and of the
paper's edge."""
# Whether a page is blank (docs/decisions/0045): light and shade over a coarse grid, or
# marks that stand out from what is around them by more than the paper's grain does.
_COARSE: Final = (12, 16)
_SHADED: Final = 48
"""Levels between the lightest and the darkest part of a page that shows something."""
_SHADED_IN_THE_DARK: Final = 16
"""The same where the lightest part is half as light again as the darkest."""
_AROUND: Final = 8
"""Pixels, about 3 mm: the radius of what counts as around a mark."""
_LEAST_RELIEF: Final = 7
"""Levels by which a mark stands out at least, also on paper without any grain."""
_GRAINS: Final = 6
"""A mark stands out by so many times the median difference, which is the grain."""
_MOST_GRAIN: Final = 40
"""Levels that are enough for a mark however coarse the grain is."""
_CELL: Final = 8
_CELL_SHARE: Final = 17
"""A cell whose marks have at least this mean, of 255, counts: a fifteenth of it."""
_MARK_CELLS: Final = 5
"""In one group, some 15 mm: more than dust, less than a line of writing."""

_RIM: Final = 13
"""Blocks: 6 to either side, 16 mm, where the paper ends, its shadow lies, and holes are
punched."""
_ON_A_TABLE: Final = 14
"""Levels of evened light by which a mark stands out in a photograph: the edge of a
shadow and what shows through the paper reach 10."""
_MARKS_ON_A_TABLE: Final = 8
"""Cells: where the sheet ends lie some, of the smallest seal 80."""
_LIT: Final = 90
"""Levels of paper that is lit well enough to see marks on it."""
_PAPER_PART: Final = 0.3
"""The share of the picture that the inside of the paper has at least."""


def is_blank(image: Image.Image) -> bool:
    """Whether the page has no structure: neither light and shade over the whole of it,
    nor marks that lie together. How bright or dark it is does not matter; grain, dust
    and the shadow at an edge are no marks.
    """
    grey = _small(image.convert("L"))
    edge_x, edge_y = (round(_EDGE * side) for side in grey.size)
    grey = grey.crop((edge_x, edge_y, grey.width - edge_x, grey.height - edge_y))
    if _is_shaded(grey.resize(_COARSE, Image.Resampling.BOX).tobytes()):
        return False
    return _largest_mark(grey) < _MARK_CELLS


def is_bare(look: Look) -> bool:
    """Whether a sheet on a table shows nothing: no marks lie together inside of it,
    however unevenly it is lit.
    """
    lit = look.light >= LIGHTEST_TABLE * np.percentile(look.light, 90)
    inside_image = Image.fromarray(lit * np.uint8(255))
    framed = Image.new(
        "L", (inside_image.width + 2 * _RIM, inside_image.height + 2 * _RIM)
    )
    framed.paste(inside_image, (_RIM, _RIM))
    inside = np.asarray(framed.filter(ImageFilter.MinFilter(_RIM))) > 0
    inside = inside[_RIM:-_RIM, _RIM:-_RIM]
    if inside.mean() < _PAPER_PART or np.median(look.light) < _LIT:
        return False
    small = _small(look.picture)
    grey = np.asarray(small)
    light_image = Image.fromarray(look.light)
    light = np.asarray(light_image.resize(small.size, Image.Resampling.BILINEAR))
    evened = np.minimum(255, grey.astype(np.uint16) * 255 // np.maximum(light, 1))
    across = np.asarray(Image.fromarray(inside * np.uint8(255)).resize(small.size)) > 0
    evened[~across] = np.median(evened[across])
    marks = _largest_mark(Image.fromarray(evened.astype(np.uint8)), _ON_A_TABLE)
    return marks < _MARKS_ON_A_TABLE


def _small(grey: Image.Image) -> Image.Image:
    width = min(grey.width, _JUDGED_WIDTH)
    size = (width, max(1, round(grey.height * width / grey.width)))
    return grey.resize(size, Image.Resampling.BOX)


def _is_shaded(shades: bytes) -> bool:
    """Light and shade as on paper, or as in a photograph taken in the dark."""
    span = max(shades) - min(shades)
    dark = span >= _SHADED_IN_THE_DARK and max(shades) > 1.5 * min(shades)
    return span >= _SHADED or dark


def _largest_mark(grey: Image.Image, relief_least: int = _LEAST_RELIEF) -> int:
    """How many cells the largest mark covers: cells side by side in which a fifteenth
    of the pixels stand out from what is around them.
    """
    around = grey.filter(ImageFilter.GaussianBlur(_AROUND))
    relief = ImageChops.difference(grey, around)
    grain = _median(relief.histogram())
    least = min(_MOST_GRAIN, max(relief_least, _GRAINS * grain))
    marked = relief.point(lambda value: 255 if value >= least else 0)
    cells = marked.reduce(_CELL).point(lambda value: 255 if value >= _CELL_SHARE else 0)
    return _largest_group(cells)


def _median(counts: list[int]) -> int:
    left = sum(counts) // 2
    for value, count in enumerate(counts):
        left -= count
        if left < 0:
            return value
    return 0


def _largest_group(cells: Image.Image) -> int:
    """The size of the largest group of cells that touch, by a corner at least."""
    width = cells.width
    left = {(n % width, n // width) for n, cell in enumerate(cells.tobytes()) if cell}
    largest = 0
    while left:
        group, edge = 0, [left.pop()]
        while edge:
            x, y = edge.pop()
            group += 1
            near = {(x + i, y + k) for i in (-1, 0, 1) for k in (-1, 0, 1)} & left
            left -= near
            edge += near
        largest = max(largest, group)
    return largest
