"""Where the added margin and the signature fields go. The margin is always at the edge
that a reader sees as the lower one.

docs/dialect.md section 2.1; ISO 32000-1 section 7.7.3.3 (/Rotate is clockwise).
"""

from dataclasses import dataclass
from typing import Final

from ecopy.events import ManifestPage

MARGIN_POINTS: Final = 25.5
"""The height of the added margin: 9 mm, which holds the two lines of the footer."""
# 78 x 60 mm. Two fields and the gap between them fill A4 from the left margin of 28 mm
# (80 points) to the right one of 20 mm: 80 + 220 + 18 + 220 = 538 of 595 points.
FIELD_SIZE: Final = (220, 170)
"""Width and height of a visible signature, in points."""
FIELD_LEFT: Final = {"Officer": 80, "Seal": 318}
"""The left edge of each signature field of the clause page, in points."""
TIMESTAMP_FIELD: Final = {"Timestamp": (0, 0, 0, 0)}
"""The field of the document timestamp, at level B-LTA only; invisible."""
Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Margin:
    """The page box with its margin, and where the footer's box lands in it."""

    box: Box
    footer: Matrix
    width: float
    """The footer's width in points, along the lower edge as a reader sees it."""


def fields(lower_edge: float) -> dict[str, Box]:
    """The rectangles of both signature fields, side by side on *lower_edge*."""
    width, height = FIELD_SIZE
    return {
        name: (left, lower_edge, left + width, lower_edge + height)
        for name, left in FIELD_LEFT.items()
    }


def margin(page: ManifestPage) -> Margin:
    """The margin at the edge of *page* that is the lower one as a reader sees it."""
    w, h, m = page.width, page.height, MARGIN_POINTS
    match page.rotation:
        case 0:
            return Margin((0, -m, w, h), (1, 0, 0, 1, 0, -m), w)
        case 90:
            return Margin((0, 0, w + m, h), (0, 1, -1, 0, w + m, 0), h)
        case 180:
            return Margin((0, 0, w, h + m), (-1, 0, 0, -1, w, h + m), w)
        case 270:
            return Margin((-m, 0, w, h), (0, -1, 1, 0, -m, h), h)


def number(value: float) -> str:
    """A coordinate as the dialect writes it: at most five decimals, no tail."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers(values: tuple[float, ...]) -> str:
    return " ".join(map(number, values))
