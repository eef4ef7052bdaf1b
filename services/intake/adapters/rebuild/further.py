"""Whether a JPEG or PNG file has further pictures that could be pages.

Telephones hang gain maps, depth maps and thumbnails behind their photograph; they show
nothing that the photograph does not. A picture in colour like the first one, at least
half as wide and as high, may be another page, and the clerk is told that it was left.
"""

import struct
from typing import Final

from intake.adapters.rebuild import jpeg
from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.jpeg import Jpeg
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.png import Png

_START: Final = b"\xff\xd8\xff"
_MOST: Final = 20
"""Pictures looked for in what stands behind the first one."""
# The words by which XMP names gain maps and depth maps (docs/decisions/0045). A page of
# paper has none of them.
_NOT_A_PAGE: Final = (b"hdrgm:", b"HDRGainMap", b"hdrgainmap", b"GDepth", b"aux:depth")


def in_jpeg(first: Jpeg) -> bool:
    """Multi-picture files (CIPA DC-007), and files that were only joined."""
    at = -1
    for _ in range(_MOST):
        at = first.behind.find(_START, at + 1)
        if at < 0:
            return False
        if _is_page(first.behind[at:], first):
            return True
    return False


def in_png(found: Png) -> bool:
    """An animated PNG: more than one frame (acTL)."""
    return len(found.animation) >= 4 and struct.unpack(">I", found.animation[:4])[0] > 1  # noqa: PLR2004


def _is_page(data: bytes, first: Jpeg) -> bool:
    try:
        found, _ = parts.split(data)
        width, height, components = jpeg.size(found)
    except UnfitPage:
        return False
    notes = b"".join(s.body for s in found if s.marker != parts.SOS)
    return (
        2 * width >= first.width
        and 2 * height >= first.height
        and components >= first.components
        and not any(mark in notes for mark in _NOT_A_PAGE)
    )
