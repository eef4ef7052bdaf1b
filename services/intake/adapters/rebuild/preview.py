"""What the desk and the review wall show: each page as it will stand, upright.

Made from the very streams that are kept, so that nobody approves another picture. Start
at ``preview``.
"""

import math
from pathlib import Path
from typing import Final

from PIL import Image

from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Matrix, Page, Placed

PREVIEW_WIDTH: Final = 1100
THUMB_WIDTH: Final = 160
_QUALITY: Final = 80
"""JPEG quality, good enough for the eye: a copy never holds a preview's bytes."""
_LONGEST: Final = 8000
"""Pixels; a strip of paper as narrow as a receipt must not become a tower."""
WITHIN: Final = (PREVIEW_WIDTH, _LONGEST)
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def preview(
    page: Page,
    *,
    limits: Limits,
    within: tuple[int, int] = WITHIN,
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
