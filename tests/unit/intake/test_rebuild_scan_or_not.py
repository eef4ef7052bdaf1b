"""What counts as a picture of paper, and what a program typed."""

import subprocess
from itertools import pairwise

import pytest
from PIL import Image

from corpus import odd_pdfs
from corpus.odd_pdfs import (
    cards,
    columns,
    half,
    inline,
    layered_scan,
    receipt,
    tiles,
    typed,
)
from ecopy.paper import LEAST_PAGE_POINTS
from support.prepared import unjudging_rebuilder
from support.rebuilding import done, flags, rebuilt, refusal
from support.scans import difference, looks, raw_streams
from support.settings import found

SCANS = {
    "two cards": (cards(), "lifted"),
    "two grey cards": (cards("L"), "lifted"),
    "tiles": (tiles(), "lifted"),
    "two by two": (tiles(2, 2), "lifted"),
    "columns": (columns(), "lifted"),
    "half a page": (half(), "lifted"),
    "inline image": (inline(), "re-encoded"),
    "inline JPEG": (inline(coded=True), "lifted"),
    "layers of ink and paper": (layered_scan(), "rendered"),
}


@pytest.mark.parametrize("name", SCANS)
def test_pictures_of_paper_are_taken(name, tmp_path):
    """However the paper covers the page; it looks as it did, in copy and desk."""
    data, way = SCANS[name]
    file = rebuilt(data, tmp_path, rebuilder=unjudging_rebuilder())
    (tmp_path / "before.pdf").write_bytes(data)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert done(file) == [way]
    assert before.size == after.size
    assert difference(before, after) < 3
    with Image.open(file.previews[0]) as preview:
        (shown,) = looks(file.path, width=preview.width)
        assert difference(shown, preview) < 3


@pytest.mark.parametrize("logo", [0, 40, 120])
def test_a_typed_page_is_no_scan(logo, tmp_path):
    """A logo or a small picture does not make it one."""
    assert refusal(typed(logo), tmp_path) == "born-digital"


def test_an_empty_page_is_no_scan(tmp_path):
    """Nothing is to be seen on it, so no picture of paper either."""
    assert refusal(odd_pdfs.scan(" "), tmp_path) == "born-digital"
    assert refusal(odd_pdfs.degenerate(), tmp_path) == "accepted"


@pytest.mark.parametrize(
    ("high", "verdict"), [(415, "born-digital"), (425, "accepted")]
)
def test_half_the_page_is_the_line(high, verdict, tmp_path):
    """With typed words on it, images must cover half, by one or by many."""
    words = "BT /F1 14 Tf 60 800 Td (Typed) Tj ET"
    one = f"q 595 0 0 {high} 0 0 cm /Im0 Do Q {words}"
    two = (
        f"q 297.5 0 0 {high} 0 0 cm /Im0 Do Q "
        f"q 297.5 0 0 {high} 297.5 0 cm /Im0 Do Q {words}"
    )
    twice = f"{one} q 595 0 0 {high} 0 0 cm /Im0 Do Q"
    for content in (one, two, twice):
        assert refusal(odd_pdfs.scan(content), tmp_path) == verdict


def test_tiles_meet_without_a_seam(tmp_path):
    """The same streams by the same matrices: pdfium draws them as it drew the scan's,
    to the pixel and at several sizes."""
    data = tiles()
    file = rebuilt(data, tmp_path)
    (tmp_path / "before.pdf").write_bytes(data)
    assert raw_streams(file.path) == raw_streams(tmp_path / "before.pdf")
    for width in (300, 601, 1100):
        (before,) = looks(tmp_path / "before.pdf", width=width)
        (after,) = looks(file.path, width=width)
        assert before.tobytes() == after.tobytes()
    assert file.pages[0].width == 1200
    assert file.pages[0].height == 1600


@pytest.mark.parametrize("dpi", [72, 100, 150])
def test_tiles_meet_in_poppler_too(dpi, tmp_path):
    """Another renderer, with another idea of an image's edge: the same pixels."""
    found("pdftoppm")
    data = tiles()
    (tmp_path / "before.pdf").write_bytes(data)
    file = rebuilt(data, tmp_path)
    before = _by_poppler(tmp_path / "before.pdf", dpi)
    assert before == _by_poppler(file.path, dpi)


def _by_poppler(pdf, dpi):
    command = ["pdftoppm", "-r", str(dpi), "-singlefile", str(pdf)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("width_mm", [20, 35, 59])
def test_narrow_paper_is_laid_on_a_larger_page(width_mm, turn, tmp_path):
    """True size, in the middle of the width and at the top *as seen*, and flagged."""
    file = rebuilt(receipt(width_mm, turn=turn), tmp_path)
    (page,) = file.manifest
    (shown,) = looks(file.path, width=680)
    lying = turn in (90, 270)
    least, seen = LEAST_PAGE_POINTS[0], page.height if lying else page.width
    narrow = not lying
    assert seen >= min(least, 120 / 25.4 * 72)
    assert ("laid-on-larger-page" in flags(file)) is narrow
    ((image,),) = (page.images for page in file.manifest)
    a, _, _, d, _, _ = image.placement
    assert (a, d) == pytest.approx((width_mm / 25.4 * 72, 120 / 25.4 * 72), abs=0.01)
    if narrow:
        dark = shown.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
        assert dark is not None
        assert abs((dark[0] + dark[2]) / 2 - shown.width / 2) < 60


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_small_card_stands_at_the_top_in_the_middle(turn, tmp_path):
    """15 × 5 mm: both sides are too small, whichever way it is turned."""
    size = (42.5, 14.2) if turn in (0, 180) else (14.2, 42.5)
    content = f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q"
    black = Image.new("RGB", (425, 142), "black")
    data = odd_pdfs.scan(content, images=[black], box=(0, 0, *size), Rotate=turn)
    file = rebuilt(data, tmp_path)
    (shown,) = looks(file.path, width=680)
    found = shown.convert("L").point(lambda value: 255 * (value < 128)).getbbox()
    assert found is not None
    left, top, right, low = (side / 680 * LEAST_PAGE_POINTS[0] for side in found)
    assert top == pytest.approx(0, abs=0.6)
    assert (left + right) / 2 == pytest.approx(LEAST_PAGE_POINTS[0] / 2, abs=0.6)
    assert (right - left, low - top) == pytest.approx((42.5, 14.2), abs=1)


def test_widths_grow_with_the_paper(tmp_path):
    """60 mm is wide enough; just below it the page is as wide as that."""
    sides = [
        rebuilt(receipt(width), tmp_path).manifest[0].width for width in (30, 59, 61)
    ]
    assert sides[0] == sides[1] == LEAST_PAGE_POINTS[0]
    assert all(a <= b for a, b in pairwise(sides))
