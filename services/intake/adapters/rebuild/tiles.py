"""One page of a part drawn in full, and cut into tiles: what a zoomed page is made of.

Start at ``draw``.
"""

from pathlib import Path
from typing import Any, Final

import pikepdf
from PIL import Image

from intake.adapters.rebuild import leaves, preview
from intake.adapters.rebuild.limits import Limits

_QUALITY: Final = 85


def draw(order: dict[str, Any], into: Path, limits: Limits) -> dict[str, Any]:
    """Leaves ``<column>-<row>.tile.jpg`` for each tile of the page, upright as seen."""
    drawn, side = whole_page(order, limits), order["tile"]
    width, height = order["size"]
    for left in range(0, width, side):
        for top in range(0, height, side):
            box = (left, top, min(left + side, width), min(top + side, height))
            _save(drawn.crop(box), into / f"{left // side}-{top // side}.tile.jpg")
    return {}


def whole_page(order: dict[str, Any], limits: Limits) -> Image.Image:
    """Page ``number`` of the part at ``path``, as ``manifest`` says it is turned, with
    ``size`` pixels.
    """
    manifest, (width, height) = order["manifest"], order["size"]
    with pikepdf.open(order["path"]) as found:
        streams = leaves.streams(found.pages[order["number"] - 1], manifest)
    page = leaves.page_of(manifest, streams)
    return preview.preview(page, limits=limits, within=(width, height))


def _save(tile: Image.Image, path: Path) -> None:
    tile.save(path, "JPEG", quality=_QUALITY)
