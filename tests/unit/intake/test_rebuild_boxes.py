"""Useless boxes, angles and units are taken as readers take them; sizes are true."""

from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, String

from corpus import odd_pdfs
from corpus.odd_pdfs import FULL, LINE, scan
from intake.adapters.rebuild.limits import Limits
from support.prepared import quick_rebuilder
from support.rebuilding import done, flags, rebuilt, refusal

USELESS: dict[str, Any] = {
    "zeros": Array([0, 0, 0, 0]),
    "a line": Array([0, 0, 595, 0]),
    "outside": Array([2000, 2000, 2600, 2900]),
    "names": Array([Name.A, Name.B, Name.C, Name.D]),
    "strings": Array([String("0"), String("0"), String("9"), String("9")]),
    "three numbers": Array([0, 0, 595]),
    "a number": 7,
    "a name": Name.A4,
    "a dictionary": Dictionary(),
}


@pytest.mark.parametrize("name", USELESS)
def test_a_useless_crop_box_is_ignored(name, tmp_path):
    """The page is the media box, and lifted."""
    file = rebuilt(scan(CropBox=USELESS[name]), tmp_path)
    (page,) = file.manifest
    assert (page.width, page.height) == (595, 842)
    assert done(file) == ["lifted"]


@pytest.mark.parametrize("name", [*USELESS, "missing"])
def test_a_useless_media_box_is_letter(name, tmp_path):
    """As pdfium, poppler and Acrobat take it."""

    def edit(_, page):
        del page.MediaBox
        if name in USELESS and name != "outside":
            page.MediaBox = USELESS[name]

    (page,) = rebuilt(scan(edit=edit), tmp_path).manifest
    assert (page.width, page.height) == (612, 792)


@pytest.mark.parametrize("box", [[595, 842, 0, 0], [0, 842, 595, 0], [595, 0, 0, 842]])
def test_an_inverted_box_is_turned_round(box, tmp_path):
    """Corners may be named in any order (ISO 32000-1, 7.9.5)."""

    def edit(_, page):
        page.MediaBox = page.CropBox = Array(box)

    file = rebuilt(scan(edit=edit), tmp_path)
    (page,) = file.manifest
    assert (page.width, page.height) == (595, 842)
    assert done(file) == ["lifted"]


@pytest.mark.parametrize(
    ("angle", "turn"),
    [
        (45, 0),
        (-90, 270),
        (450, 90),
        (90.0, 90),
        (Name.R, 0),
        (String("90"), 0),
        (1, 0),
    ],
)
@pytest.mark.parametrize("content", [FULL, f"{FULL} {LINE}"])
def test_a_useless_angle_is_no_angle(angle, turn, content, tmp_path):
    """A quarter turn counts, whatever its sign or size; anything else is none."""
    (page,) = rebuilt(scan(content, Rotate=angle), tmp_path).manifest
    assert page.rotation == turn


@pytest.mark.parametrize("unit", [0, -1, Name.U, String("2")])
def test_a_useless_unit_is_one_point(unit, tmp_path):
    """/UserUnit that is no positive number."""
    (page,) = rebuilt(scan(UserUnit=unit), tmp_path).manifest
    assert (page.width, page.height) == (595, 842)


@pytest.mark.parametrize("unit", [72, 2, 0.5])
def test_a_rendered_page_has_its_dots_in_its_own_unit(unit, tmp_path):
    """A4 in units of an inch, of two points, of half a point: 300 dpi each, and the
    page's facts say no more than that."""
    wide, high = 595.44 / unit, 841.68 / unit
    content = (
        f"q {wide} 0 0 {high} 0 0 cm /Im0 Do Q {1 / unit} w 1 0 0 RG "
        f"{wide / 4} {high / 2} m {wide / 2} {high / 2} l S"
    )
    file = rebuilt(scan(content, box=(0, 0, wide, high), UserUnit=unit), tmp_path)
    ((image,),) = (page.images for page in file.manifest)
    assert done(file) == ["rendered"]
    assert image.width >= 2400
    assert file.pages[0].dpi == 300
    assert file.manifest[0].width == pytest.approx(595.44, abs=0.01)


def test_a_page_larger_than_any_paper_has_its_own_words(tmp_path):
    """6.3 × 12.7 m is not damage."""
    content = "q 1800 0 0 3600 0 0 cm /Im0 Do Q"
    data = scan(content, box=(0, 0, 1800, 3600), UserUnit=10)
    assert refusal(data, tmp_path) == "page-too-large"
    assert refusal(scan(box=(0, 0, 14_375, 842)), tmp_path) == "page-too-large"


def test_a_pixel_as_a_point_is_a_good_scan(tmp_path):
    """A4 at 600 dpi, 2.5 m high by its box: taken."""
    content = "q 4960 0 0 7016 0 0 cm /Im0 Do Q"
    file = rebuilt(scan(content, box=(0, 0, 4960, 7016)), tmp_path)
    assert done(file) == ["lifted"]


def test_a_large_page_is_drawn_with_fewer_dots_and_not_refused(tmp_path):
    """A4 at 300 dpi as 2480 × 3508 points under a stamp: at 300 dpi it would have more
    pixels than the limit, though the scan has 72. The limit is a tenth of the usual
    one, so that not so much is drawn."""
    content = f"q 2480 0 0 3508 0 0 cm /Im0 Do Q {LINE}"
    limits = Limits(pixels=Limits().pixels // 10)
    data = scan(content, box=(0, 0, 2480, 3508))
    file = rebuilt(data, tmp_path, rebuilder=quick_rebuilder(limits))
    assert done(file) == ["rendered"]
    assert 72 <= file.pages[0].dpi < 300


def test_a_sharp_page_gets_fewer_dots_and_not_less_than_300(tmp_path):
    """A4 with an image of 600 dpi in it, where a page may have 20 million dots and not
    the usual number: between 300 and 600. ``tests/faults`` has A2.
    """
    sharp = odd_pdfs.picture(size=(2480, 3508)).convert("L")
    content = f"{FULL} q 297.6 0 0 421 0 0 cm /Im1 Do Q {LINE}"
    data = scan(content, images=[odd_pdfs.picture(), sharp])
    rebuilder = quick_rebuilder(Limits(pixels=20_000_000))
    file = rebuilt(data, tmp_path, rebuilder=rebuilder)
    assert done(file) == ["rendered"]
    assert 300 < file.pages[0].dpi < 600


@pytest.mark.parametrize("size", [(1, 3000), (3, 3)])
def test_a_speck_does_not_set_the_resolution(size, tmp_path):
    """A line one pixel wide, or a dot, is no reason to draw the page at 600 dpi."""
    content = f"{FULL} q 0.1 0 0 300 20 20 cm /Im1 Do Q {LINE}"
    images = [odd_pdfs.picture(), odd_pdfs.picture().resize(size)]
    file = rebuilt(scan(content, images=images), tmp_path)
    assert file.pages[0].dpi == 300


def test_drawing_a_blurred_scan_makes_it_no_sharper(tmp_path):
    """75 dpi under a stamp: rendered at 300, flagged under 200 all the same."""
    file = rebuilt(scan(f"{FULL} {LINE}"), tmp_path)
    assert {"rendered", "under-200-dpi"} <= flags(file)
