"""The visible box, the rotation and the unit of a stranger's page, as readers take
them: what makes no sense is ignored, never called damage.

The answers go into the working copy (``flat``), so every later step sees one box.
"""

import math
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary

from intake.adapters.rebuild.matrices import Box, common

LETTER: Final[Box] = (0.0, 0.0, 612.0, 792.0)
"""What pdfium, poppler and Acrobat take for a page without a usable /MediaBox."""
_ANCESTORS: Final = 50
"""More levels than a page tree has; a chain of parents that loops ends there."""
_QUARTER: Final = 90
_LEAST_SIDE: Final = 1.0
"""Points. A crop box narrower than that shows nothing to anybody."""


def visible_box(page: Any) -> Box:
    """In the page's own coordinates: /CropBox within /MediaBox, both inherited, each
    ignored if it is no box or has no area.
    """
    media = _box(inherited(page, "/MediaBox")) or LETTER
    crop = _box(inherited(page, "/CropBox"))
    if crop is None:
        return media
    both, unit = common(media, crop), user_unit(page)
    wide, high = (both[2] - both[0]) * unit, (both[3] - both[1]) * unit
    return both if min(wide, high) >= _LEAST_SIDE else media


def rotation(page: Any) -> int:
    """0, 90, 180 or 270; any other angle or type counts as 0."""
    value = _number(inherited(page, "/Rotate"))
    if value is None or value % _QUARTER:
        return 0
    return int(value) % 360


def user_unit(page: Any) -> float:
    """Points in one unit of the page; never inherited (ISO 32000-1, table 30)."""
    value = _number(page.get("/UserUnit"))
    return value if value is not None and value > 0 else 1.0


def inherited(node: Any, key: str) -> Any:
    """The value of ``key`` in a page or a form field, or in the nearest ancestor that
    has one; None if nobody has. A chain that loops ends after 50 steps.
    """
    for _ in range(_ANCESTORS):
        if not isinstance(node, Dictionary):
            return None
        value = node.get(key)
        if value is not None:
            return value
        node = node.get("/Parent")
    return None


def _box(value: Any) -> Box | None:
    if not isinstance(value, Array) or len(value) < 4:  # noqa: PLR2004
        return None
    numbers = [_number(side) for side in list(value)[:4]]
    if None in numbers:
        return None
    a, b, c, d = (float(side or 0.0) for side in numbers)
    box = min(a, c), min(b, d), max(a, c), max(b, d)
    return box if box[2] > box[0] and box[3] > box[1] else None


def _number(value: Any) -> float | None:
    if isinstance(value, (pikepdf.Object, bool, str, bytes)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
