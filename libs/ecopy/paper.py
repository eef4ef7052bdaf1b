"""How small and how large a page of a copy may be, as a reader sees it.

Intake lays a smaller page on a larger one and refuses a larger one at upload; signing
composes every page between the two bounds. So no page can take a number and then fail.
"""

from typing import Final

POINTS_PER_MM: Final = 72 / 25.4

LEAST_PAGE_POINTS: Final[tuple[float, float]] = (170.08, 28.35)
"""The least width and height of a page in points, after its rotation: 60 mm × 10 mm.
The footer of a copy (number, code, page) stands in one line from about 150 mm on and
in more and smaller lines below; at 60 mm it can still be read. The height only has to
be a page."""

MOST_PAGE_POINTS: Final = 14_374.0
"""The greatest width or height of a page in points, 5.07 m. A PDF/A-2 page has at most
14,400 points a side (ISO 19005-2, 6.1.13), of which a copy's footer takes 25.5. It is
no size of paper: scanners that write one pixel as one point make an A4 sheet at 600
dpi 7,016 points high, and such a sheet is a good scan."""
