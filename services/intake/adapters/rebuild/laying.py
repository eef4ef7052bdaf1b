"""Lays a page that is too small for a copy's footer on a larger one.

The picture keeps its true size, stands at the top and in the middle of the width as a
reader sees it, and the page says so. For PDFs, JPEGs and PNGs alike.
"""

from dataclasses import replace

from ecopy.paper import LEAST_PAGE_POINTS, MOST_PAGE_POINTS
from intake.adapters.rebuild.matrices import multiply
from intake.adapters.rebuild.pages import Matrix, Page, UnfitPage, rounded
from intake.domain.scan import ScanFault


def composable(page: Page) -> Page:
    """The page itself, or a larger one around it; raises UnfitPage(page-too-large)."""
    if max(page.width, page.height) > MOST_PAGE_POINTS:
        size = f"{page.width:.0f} × {page.height:.0f} pt"
        raise UnfitPage(ScanFault.PAGE_TOO_LARGE, size)
    lying = page.rotation in (90, 270)
    wide, high = (page.height, page.width) if lying else (page.width, page.height)
    more_wide = max(0.0, LEAST_PAGE_POINTS[0] - wide)
    more_high = max(0.0, LEAST_PAGE_POINTS[1] - high)
    return _enlarged(page, more_wide, more_high) if more_wide or more_high else page


def _enlarged(page: Page, wide: float, high: float) -> Page:
    """``wide`` and ``high`` are as seen; a page's own sides and corner depend on its
    rotation (clockwise when shown).
    """
    half = wide / 2
    x, y = {
        0: (half, high),
        90: (0.0, half),
        180: (half, 0.0),
        270: (high, half),
    }[page.rotation]
    lying = page.rotation in (90, 270)
    across, along = (high, wide) if lying else (wide, high)
    shift: Matrix = (1.0, 0.0, 0.0, 1.0, x, y)
    pictures = tuple(
        replace(placed, placement=_moved(placed.placement, shift))
        for placed in page.pictures
    )
    return replace(
        page,
        width=rounded(page.width + across),
        height=rounded(page.height + along),
        pictures=pictures,
        flags=(*page.flags, "laid-on-larger-page"),
    )


def _moved(matrix: Matrix, shift: Matrix) -> Matrix:
    a, b, c, d, e, f = multiply(matrix, shift)
    return a, b, c, d, rounded(e), rounded(f)
