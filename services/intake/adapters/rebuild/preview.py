"""What the desk and the review wall show: each page as it will stand, upright.

Made from the very streams that are kept, so that nobody approves another picture. Start
at ``preview``.
"""

import math
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Matrix, Page, Placed

PREVIEW_WIDTH: Final = 1100
THUMB_WIDTH: Final = 160
_QUALITY: Final = 80
"""JPEG quality, good enough for the eye: a copy never holds a preview's bytes."""
_LONGEST: Final = 8000
"""Pixels; a strip of paper as narrow as a receipt must not become a tower."""
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
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def preview(
    page: Page,
    *,
    limits: Limits,
    within: tuple[int, int] = (PREVIEW_WIDTH, _LONGEST),
) -> Image.Image:
    """The page as seen, as wide as *within* says and no higher. Decodes every stream in
    full; raises UnfitPage if one fails.
    """
    turned = page.rotation in (90, 270)
    across = page.height if turned else page.width
    along = page.width if turned else page.height
    scale = min(within[0] / across, within[1] / along)
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    canvas = Image.new("RGB", size, "white")
    for placed in page.pictures:
        _paste(canvas, placed, page, limits)
    turn = _TURNS.get(page.rotation)
    return canvas if turn is None else canvas.transpose(turn)


def save(image: Image.Image, stem: Path) -> None:
    """``<stem>.preview.jpg`` and ``<stem>.thumb.jpg``."""
    image.save(f"{stem}.preview.jpg", "JPEG", quality=_QUALITY)
    height = max(1, round(image.height * THUMB_WIDTH / image.width))
    small = image.resize((THUMB_WIDTH, height), Image.Resampling.BOX)
    small.save(f"{stem}.thumb.jpg", "JPEG", quality=_QUALITY)


def is_blank(image: Image.Image) -> bool:
    """Whether the page has no structure: neither light and shade over the whole of it,
    nor marks that lie together. How bright or dark it is does not matter; grain, dust
    and the shadow at an edge are no marks.
    """
    grey = image.convert("L").reduce(max(1, image.width // _JUDGED_WIDTH))
    edge_x, edge_y = (round(_EDGE * side) for side in grey.size)
    grey = grey.crop((edge_x, edge_y, grey.width - edge_x, grey.height - edge_y))
    if _is_shaded(grey.resize(_COARSE, Image.Resampling.BOX).tobytes()):
        return False
    return _largest_mark(grey) < _MARK_CELLS


def _is_shaded(shades: bytes) -> bool:
    """Light and shade as on paper, or as in a photograph taken in the dark."""
    span = max(shades) - min(shades)
    dark = span >= _SHADED_IN_THE_DARK and max(shades) > 1.5 * min(shades)
    return span >= _SHADED or dark


def _largest_mark(grey: Image.Image) -> int:
    """How many cells the largest mark covers, counted up to ``_MARK_CELLS``: cells side
    by side in which a fifteenth of the pixels stand out from what is around them.
    """
    around = grey.filter(ImageFilter.GaussianBlur(_AROUND))
    relief = ImageChops.difference(grey, around)
    grain = _median(relief.histogram())
    least = min(_MOST_GRAIN, max(_LEAST_RELIEF, _GRAINS * grain))
    marked = relief.point(lambda value: 255 if value >= least else 0)
    cells = marked.reduce(_CELL).point(lambda value: 255 if value >= _CELL_SHARE else 0)
    return _largest_group(cells, _MARK_CELLS)


def _median(counts: list[int]) -> int:
    left = sum(counts) // 2
    for value, count in enumerate(counts):
        left -= count
        if left < 0:
            return value
    return 0


def _largest_group(cells: Image.Image, most: int) -> int:
    """The size of the largest group of cells that touch, by a corner at least; *most*
    if there are so many or more.
    """
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
            if group >= most:
                return group
        largest = max(largest, group)
    return largest


def _paste(canvas: Image.Image, placed: Placed, page: Page, limits: Limits) -> None:
    across, down = canvas.width / page.width, canvas.height / page.height
    a, b, c, d, _, _ = placed.placement
    size = (
        max(1, round(math.hypot(a * across, b * down))),
        max(1, round(math.hypot(c * across, d * down))),
    )
    image = decoded(placed.stream, at_least=size[0], limits=limits)
    shown = "L" if image.mode == "1" else "RGB"
    if image.mode != shown:
        image = image.convert(shown)
    if b == c == 0 and a > 0 and d > 0:
        _lay_upright(canvas, image, placed.placement, (across, down))
        return
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=None)
    _lay_turned(canvas, small.convert("RGB"), placed.placement, (across, down))


def _lay_upright(
    canvas: Image.Image,
    image: Image.Image,
    placement: Matrix,
    scale: tuple[float, float],
) -> None:
    w, _, _, h, x, y = placement
    across, down = scale
    left, right = round(x * across), round((x + w) * across)
    low, top = canvas.height - round(y * down), canvas.height - round((y + h) * down)
    size = (max(1, right - left), max(1, low - top))
    canvas.paste(
        image.resize(size, Image.Resampling.BOX, reducing_gap=None), (left, top)
    )


def _lay_turned(
    canvas: Image.Image,
    image: Image.Image,
    placement: Matrix,
    scale: tuple[float, float],
) -> None:
    """Draw it by any matrix: mirrored, turned, slanted. ``image`` has its final size
    already, so that sampling between its pixels is smooth enough.
    """
    a, b, c, d, e, f = placement
    across, down = scale
    # From a pixel of the image (from its top) to one of the canvas (from its top).
    ax, bx, cx = a * across / image.width, -c * across / image.height, (c + e) * across
    ay, by = -b * down / image.width, d * down / image.height
    cy = canvas.height - (d + f) * down
    turned = ax * by - bx * ay
    if not turned:
        return  # a matrix that leaves no area shows nothing
    back = (
        *(by / turned, -bx / turned, (bx * cy - by * cx) / turned),
        *(-ay / turned, ax / turned, (ay * cx - ax * cy) / turned),
    )
    way, smooth = Image.Transform.AFFINE, Image.Resampling.BILINEAR
    covered = Image.new("L", image.size, 255).transform(canvas.size, way, back, smooth)
    canvas.paste(image.transform(canvas.size, way, back, smooth), (0, 0), covered)
