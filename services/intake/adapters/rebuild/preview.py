"""What the desk and the review wall show: each page as it will stand, upright.

Made from the very streams that are kept, so that nobody approves another picture. Start
at ``preview``.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Matrix, Page, Placed
from intake.adapters.rebuild.pixels import Pixels

PREVIEW_WIDTH: Final = 1240
"""Pixels: A4 at 150 dpi, half of what scanners write."""
WIDTHS: Final = range(1100, 1401)
"""A page whose picture was decoded to one of these widths is shown at it: to bring it
to ``PREVIEW_WIDTH`` would blur it, and cost as much as its decoding."""
THUMB_WIDTH: Final = 160
_QUALITY: Final = 80
"""JPEG quality, good enough for the eye: a copy never holds a preview's bytes."""
_LONGEST: Final = 8000
"""Pixels; a strip of paper as narrow as a receipt must not become a tower."""
_FINE: Final = 1.9
"""A thumbnail is made of the picture reduced by a whole number (4), to nearly twice its
size: a third less work, and no difference to see."""
_EVERY: Final = 2
"""A thumbnail of a picture of 1,100 pixels and more is made of every second row: each
of its pixels is still the mean of 28."""
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as seen."""

    image: Image.Image
    pixels: Pixels | None = None
    """What the image is, if the page is nothing but a picture that was decoded."""


def preview(
    page: Page,
    *,
    limits: Limits,
    within: tuple[int, int] | None = None,
) -> Image.Image:
    """The page as seen (``drawn``)."""
    return drawn(page, limits=limits, within=within).image


def drawn(
    page: Page,
    *,
    limits: Limits,
    within: tuple[int, int] | None = None,
) -> DrawnPage:
    """The page as wide as *within* says and no higher: by itself about
    ``PREVIEW_WIDTH``. Decodes what is not decoded yet; raises UnfitPage if that fails.
    """
    within = within or (_width(page), _LONGEST)
    turned = page.rotation in (90, 270)
    across = page.height if turned else page.width
    along = page.width if turned else page.height
    scale = min(within[0] / across, within[1] / along)
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    turn = _TURNS.get(page.rotation)
    pixels = _whole(page, size)
    if turn is None and pixels is not None:
        return DrawnPage(pixels.image(), pixels)
    image = _composed(page, size, limits) if pixels is None else pixels.image()
    return DrawnPage(image if turn is None else image.transpose(turn))


def _whole(page: Page, size: tuple[int, int]) -> Pixels | None:
    """The only picture, if it is decoded at this size and covers the page: nothing is
    to be composed then.
    """
    placed = page.pictures[0]
    shown = placed.stream.shown
    if len(page.pictures) > 1 or shown is None or shown.size != size:
        return None
    if not _is_upright(placed.placement):
        return None
    return shown if _box(placed.placement, page, size) == (0, 0, *size) else None


def _composed(page: Page, size: tuple[int, int], limits: Limits) -> Image.Image:
    canvas = Image.new("RGB", size, "white")
    for placed in page.pictures:
        _paste(canvas, placed, page, limits)
    return canvas


def _width(page: Page) -> int:
    """At which the only picture needs no change of its size, if that is about right."""
    placed = page.pictures[0]
    shown = placed.stream.shown
    if len(page.pictures) > 1 or shown is None or not placed.placement[0]:
        return PREVIEW_WIDTH
    across = page.height if page.rotation in (90, 270) else page.width
    width = round(abs(across * shown.size[0] / placed.placement[0]))
    return width if width in WIDTHS else PREVIEW_WIDTH


def save(page: DrawnPage, stem: Path) -> None:
    """``<stem>.preview.jpg`` and ``<stem>.thumb.jpg``."""
    image, pixels = page.image, page.pixels
    if pixels is None:
        image.save(f"{stem}.preview.jpg", "JPEG", quality=_QUALITY)
    else:
        Path(f"{stem}.preview.jpg").write_bytes(pixels.jpeg(_QUALITY))
    height = max(1, round(image.height * THUMB_WIDTH / image.width))
    rows = image if pixels is None else pixels.image(_EVERY)
    size = (THUMB_WIDTH, height)
    small = rows.resize(size, Image.Resampling.HAMMING, reducing_gap=_FINE)
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
    if _is_upright(placed.placement):
        left, top, right, low = _box(placed.placement, page, canvas.size)
        laid = (max(1, right - left), max(1, low - top))
        if image.size != laid:
            image = image.resize(laid, Image.Resampling.BOX, reducing_gap=None)
        canvas.paste(image, (left, top))
        return
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=None)
    _lay_turned(canvas, small.convert("RGB"), placed.placement, (across, down))


def _is_upright(placement: Matrix) -> bool:
    a, b, c, d, _, _ = placement
    return b == c == 0 and a > 0 and d > 0


def _box(
    placement: Matrix, page: Page, size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Left, top, right and foot of an upright picture on a page of *size* pixels."""
    w, _, _, h, x, y = placement
    across, down = size[0] / page.width, size[1] / page.height
    left, right = round(x * across), round((x + w) * across)
    return left, size[1] - round((y + h) * down), right, size[1] - round(y * down)


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
