"""Nothing that a page hides travels in the copy."""

import io

import numpy as np
import pytest
from PIL import Image

from corpus import odd_pdfs
from corpus.odd_pdfs import beside, clipped, cropped, degenerate, under
from support.rebuilding import done, flags, rebuilt
from support.scans import difference, looks, raw_streams


def red(image):
    """Pixels of the hidden bar."""
    r, g, b = np.moveaxis(np.asarray(image.convert("RGB")), -1, 0)
    return np.count_nonzero((r > 150) & (g < 90) & (b < 90))


def hidden(file):
    """Red pixels in any image of the rebuilt file, drawn whole or not."""
    images = [image for page in file.manifest for image in page.images]
    whole = looks(file.path, width=600)
    assert all(image.filter == "DCTDecode" for image in images)
    streams = [Image.open(io.BytesIO(data)) for data in raw_streams(file.path)]
    return sum(map(red, [*whole, *streams]))


@pytest.mark.parametrize("low", [421.0, 300.0])
def test_what_a_crop_cuts_off_is_not_in_the_copy(low, tmp_path):
    """The page is drawn anew as far as it is shown, and says that it was cropped."""
    file = rebuilt(cropped(low), tmp_path)
    assert done(file) == ["rendered"]
    assert "cropped" in flags(file)
    assert hidden(file) == 0


def test_a_crop_may_hang_over_every_side(tmp_path):
    """9 points at any one side are more than a trim."""
    for box in ((9, 0, 595, 842), (0, 9, 595, 842), (0, 0, 586, 842), (0, 0, 595, 833)):
        file = rebuilt(odd_pdfs.scan(CropBox=odd_pdfs.Array(list(box))), tmp_path)
        assert done(file) == ["rendered"], box
        assert "cropped" in flags(file), box


@pytest.mark.parametrize("trim", [0, 2, 6, 8.5])
def test_a_trim_stays_bit_exact(trim, tmp_path):
    """3 mm are what a scanner or printer cuts off at the edge."""
    box = odd_pdfs.Array([trim, trim, 595 - trim, 842 - trim])
    data = odd_pdfs.scan(CropBox=box)
    file = rebuilt(data, tmp_path)
    (tmp_path / "before.pdf").write_bytes(data)
    assert done(file) == ["lifted"]
    assert "cropped" not in flags(file)
    assert raw_streams(file.path) == raw_streams(tmp_path / "before.pdf")


def test_what_a_clip_cuts_off_is_not_in_the_copy(tmp_path):
    """The same by a clip path."""
    file = rebuilt(clipped(), tmp_path)
    assert done(file) == ["rendered"]
    assert "cropped" in flags(file)
    assert hidden(file) == 0


@pytest.mark.parametrize("x", [700, -300, 595])
def test_an_image_beside_the_page_stays_out(x, tmp_path):
    """Nobody sees it; the page itself is lifted."""
    file = rebuilt(beside(x), tmp_path)
    assert done(file) == ["lifted"]
    assert [len(page.images) for page in file.manifest] == [1]
    assert "cropped" in flags(file)
    assert hidden(file) == 0


def test_an_image_mostly_beside_the_page_stays_out(tmp_path):
    """A sliver of it is on the page: that is drawn, the rest is gone."""
    file = rebuilt(beside(590), tmp_path)
    assert done(file) == ["rendered"]
    assert "cropped" in flags(file)


def test_an_image_under_another_stays_out(tmp_path):
    """Only what is on top is drawn."""
    file = rebuilt(under(), tmp_path)
    assert done(file) == ["rendered"]
    assert hidden(file) == 0


@pytest.mark.parametrize("high", [0.5, 3, 200])
def test_a_thin_image_under_another_stays_out(high, tmp_path):
    """However little room it takes, all its pixels would travel."""
    content = f"q 200 0 0 {high} 100 100 cm /Im1 Do Q {odd_pdfs.FULL}"
    images = [odd_pdfs.picture(), odd_pdfs.secret_picture()]
    file = rebuilt(odd_pdfs.scan(content, images=images), tmp_path)
    assert done(file) == ["rendered"]
    assert hidden(file) == 0


def test_an_image_without_height_stays_out(tmp_path):
    """It shows nothing, so it is left out and the page stays lifted."""
    file = rebuilt(degenerate(), tmp_path)
    assert done(file) == ["lifted"]
    assert [len(page.images) for page in file.manifest] == [1]
    assert "cropped" not in flags(file)
    assert hidden(file) == 0


POLYGON = "0 0 m 595 0 l 595 842 l 0 842 l h W n"
CIRCLE = "0 421 m 0 842 595 842 595 421 c 595 0 0 0 0 421 c W n"
CORNER = "0 0 m 595 0 l 595 300 l h W n"


@pytest.mark.parametrize(
    "path", [POLYGON, "0 0 595 842 re W* n", f"{POLYGON} {POLYGON}"]
)
def test_a_clip_that_cuts_nothing_is_no_reason_to_draw(path, tmp_path):
    """A rectangle as large as the page, however it is written."""
    file = rebuilt(odd_pdfs.scan(f"q {path} {odd_pdfs.FULL} Q"), tmp_path)
    assert done(file) == ["lifted"]
    assert "cropped" not in flags(file)


@pytest.mark.parametrize(("path", "cut"), [(CIRCLE, False), (CORNER, True)])
def test_an_odd_clip_is_drawn(path, cut, tmp_path):
    """Only what it leaves is in the copy. What the box around it cuts off is flagged;
    corners that a curve takes are not."""
    images = [odd_pdfs.secret_picture()]
    data = odd_pdfs.scan(f"q {path} {odd_pdfs.FULL} Q", images=images)
    file = rebuilt(data, tmp_path)
    (tmp_path / "before.pdf").write_bytes(data)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert done(file) == ["rendered"]
    assert difference(before, after) < 3
    assert ("cropped" in flags(file)) is cut


def test_an_empty_clip_leaves_nothing(tmp_path):
    """The second image is clipped away wholly, so it stays out."""
    content = f"{odd_pdfs.FULL} q 700 900 9 9 re W n 200 0 0 200 9 9 cm /Im1 Do Q"
    images = [odd_pdfs.picture(), odd_pdfs.secret_picture()]
    file = rebuilt(odd_pdfs.scan(content, images=images), tmp_path)
    assert [len(page.images) for page in file.manifest] == [1]
    assert hidden(file) == 0
