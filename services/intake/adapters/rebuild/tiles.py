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
    manifest, side = order["manifest"], order["tile"]
    with pikepdf.open(order["path"]) as found:
        streams = leaves.streams(found.pages[order["number"] - 1], manifest)
    width, height = order["size"]
    page = leaves.page_of(manifest, streams)
    drawn = preview.preview(page, limits=limits, within=(width, height))
    for left in range(0, width, side):
        for top in range(0, height, side):
            box = (left, top, min(left + side, width), min(top + side, height))
            _save(drawn.crop(box), into / f"{left // side}-{top // side}.tile.jpg")
    return {}


def _save(tile: Image.Image, path: Path) -> None:
    tile.save(path, "JPEG", quality=_QUALITY)
