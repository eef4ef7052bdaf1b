import pytest

from signing.domain.layout import MARGIN_POINTS, margin, number
from support.build import page

W, H, M = 595.2, 841.92, MARGIN_POINTS


@pytest.mark.parametrize(
    ("rotation", "corner_of_page"),
    [(0, (0, 0)), (90, (W, 0)), (180, (W, H)), (270, (0, H))],
)
def test_the_margin_lies_below_as_seen(rotation, corner_of_page):
    """The footer's upper left corner is the lower left corner of the page as seen."""
    placed = margin(page(rotation=rotation))
    a, b, c, d, e, f = placed.footer
    x, y = 0, M
    assert (a * x + c * y + e, b * x + d * y + f) == pytest.approx(corner_of_page)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_box_grows_by_the_margin_and_nothing_else(rotation):
    """The page's own square stays inside, and the area added is the footer's."""
    placed = margin(page(rotation=rotation))
    left, bottom, right, top = placed.box
    assert left <= 0 <= bottom + M
    assert right >= W
    assert top >= H
    added = (right - left) * (top - bottom) - W * H
    assert added == pytest.approx(placed.width * M)


def test_numbers_have_one_spelling():
    """The dialect's numbers: at most five decimals, no tail, no minus zero."""
    spelled = [number(v) for v in (1.0, -0.0, -25.5, 595.27561, 0.000001, 1 / 3)]
    assert spelled == ["1", "0", "-25.5", "595.27561", "0", "0.33333"]
