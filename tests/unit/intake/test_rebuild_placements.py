"""Mirrored, turned and slanted images travel as they are, with their matrix."""

import pytest
from PIL import Image

from corpus import odd_pdfs
from corpus.odd_pdfs import ASKEW, FLIPPED, MIRRORED, SLANTED, black_picture, placed
from corpus.scans import bilevel
from intake.adapters.rebuild.preview import PREVIEW_WIDTH
from intake.adapters.rebuild.render import in_inks
from support.prepared import unjudging_rebuilder
from support.rebuilding import done, rebuilt
from support.scans import difference, looks, raw_streams, resembles

MATRICES = {
    "mirrored": MIRRORED,
    "flipped": FLIPPED,
    "slanted": SLANTED,
    "turned": (0, 842, -595, 0, 595, 0),
    "turned and mirrored": (0, 842, 595, 0, 0, 0),
    "upside down": (-595, 0, 0, -842, 595, 842),
}


@pytest.mark.parametrize("bits", [1, 8])
@pytest.mark.parametrize("name", MATRICES)
def test_a_placement_is_only_a_matrix(name, bits, tmp_path):
    """The stream is bit for bit the scan's, and the page looks as it did; the desk's
    pictures show the same."""
    image = black_picture() if bits == 1 else odd_pdfs.picture(size=(1240, 1754))
    data = placed(MATRICES[name], image)
    file = rebuilt(data, tmp_path, rebuilder=unjudging_rebuilder())
    (tmp_path / "before.pdf").write_bytes(data)
    assert done(file) == ["lifted"]
    assert raw_streams(file.path) == raw_streams(tmp_path / "before.pdf")
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert difference(before, after) < 1
    (shown,) = looks(file.path, width=PREVIEW_WIDTH)
    with Image.open(file.previews[0]) as preview:
        assert preview.size == shown.size
        assert difference(shown, preview) < 3


def test_a_black_and_white_page_stays_so_when_it_is_drawn_anew(tmp_path):
    """Six degrees askew: its corners stick out, so it is rendered, but to one bit and
    not to 8-bit JPEG, which is 23 times as large."""
    data = placed(ASKEW, bilevel(dpi=300))
    file = rebuilt(data, tmp_path)
    ((image,),) = (page.images for page in file.manifest)
    assert done(file) == ["rendered"]
    assert image.bits == 1
    assert image.width >= 2479
    assert file.size < 2.5 * len(data)
    (tmp_path / "before.pdf").write_bytes(data)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert resembles(after, before)


def test_a_grey_page_stays_grey_when_it_is_drawn_anew(tmp_path):
    """A slanted grey scan needs no colour."""
    grey = odd_pdfs.picture(size=(1240, 1754)).convert("L")
    file = rebuilt(placed(ASKEW, grey), tmp_path)
    ((image,),) = (page.images for page in file.manifest)
    assert (image.bits, image.colour_space) == (8, "DeviceGray")


def test_a_coloured_stencil_keeps_to_its_colour(tmp_path):
    """Black ink of one bit, painted blue: drawn in blue and white alone, since smooth
    edges would cost five times the bytes and show nothing more."""
    data = odd_pdfs.stencil("0.1 0.1 0.4 rg")
    file = rebuilt(data, tmp_path)
    (tmp_path / "before.pdf").write_bytes(data)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert done(file) == ["rendered"]
    assert difference(before, after) < 4
    blue = Image.new("RGB", (9, 1), (26, 26, 102))
    mixed = Image.blend(blue, Image.new("RGB", (9, 1), "white"), 0.3)
    assert in_inks(mixed, {(26, 26, 102)}).getcolors() == [(9, (26, 26, 102))]


def test_a_black_stencil_is_lifted(tmp_path):
    """Black by any of the words for it; a stream that paints black needs no drawing."""
    for black in ("", "0 g", "0 0 0 rg"):
        assert done(rebuilt(odd_pdfs.stencil(black), tmp_path)) == ["lifted"]
