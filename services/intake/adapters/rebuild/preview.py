"""What the desk and the review wall show: each page as it will stand, upright.

Made from the very streams that are kept, so that nobody approves another picture.
"""

from pathlib import Path
from typing import Final

from PIL import Image

from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, Placed

PREVIEW_WIDTH: Final = 1100
THUMB_WIDTH: Final = 160
_QUALITY: Final = 80
_LONGEST: Final = 8000
"""Pixels; a strip of paper as narrow as a receipt must not become a tower."""
_INK: Final = 48
"""Levels darker than the paper."""
_BLANK: Final = 0.0005
"""A blank page's share of ink: dust, the edge of the glass."""
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def preview(page: Page, *, limits: Limits) -> Image.Image:
    """1100 px wide as seen. Decodes every stream in full: raises Unfit if one fails."""
    turned = page.rotation in (90, 270)
    across = page.height if turned else page.width
    along = page.width if turned else page.height
    scale = min(PREVIEW_WIDTH / across, _LONGEST / along)
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
    """Whether nearly nothing is darker than the paper itself."""
    counts = image.convert("L").histogram()
    paper = max(range(len(counts)), key=counts.__getitem__)
    ink = sum(counts[: max(0, paper - _INK)])
    return ink < _BLANK * sum(counts)


def _paste(canvas: Image.Image, placed: Placed, page: Page, limits: Limits) -> None:
    across = canvas.width / page.width
    down = canvas.height / page.height
    w, _, _, h, x, y = placed.placement
    left, top = round(x * across), round((page.height - y - h) * down)
    right, low = round((x + w) * across), round((page.height - y) * down)
    size = (max(1, right - left), max(1, low - top))
    image = decoded(placed.stream, at_least=size[0], limits=limits)
    image = image.convert("L" if image.mode == "1" else image.mode)
    canvas.paste(
        image.resize(size, Image.Resampling.BOX, reducing_gap=None), (left, top)
    )
