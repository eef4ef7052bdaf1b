"""Colours: all readers show one picture, or the file is refused as contradictory."""

import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Name
from PIL import Image

from corpus import odd_images
from corpus.sample_scan import jpeg
from corpus.scans import one_image_pdf, small
from intake.adapters.rebuild import jpeg as markers
from intake.adapters.rebuild import lift, whole
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault
from support.scans import difference

LIMITS = Limits()


def lifted(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return lift.lift(pdf.pages[0].Resources.XObject.Im0, limits=LIMITS)


def by_pdfium(data):
    document = pypdfium2.PdfDocument(data)
    try:
        return document[0].render(scale=1).to_pil().convert("RGB")
    finally:
        document.close()


@pytest.mark.parametrize(
    "make", [odd_images.grey_called_rgb_pdf, odd_images.half_size_pdf]
)
def test_a_contradiction_has_its_own_words(make):
    """A grey JPEG called RGB, a JPEG of twice its size: each reader shows another."""
    with pytest.raises(UnfitPage) as refused:
        lifted(make())
    assert refused.value.fault is ScanFault.CONTRADICTORY


def test_a_drawn_page_is_judged_alike():
    """Also where pdfium would draw the image, and paint it white."""
    data = io.BytesIO(odd_images.grey_called_rgb_pdf())
    with pikepdf.open(data) as pdf, pytest.raises(UnfitPage) as refused:
        whole.refuse_cut_image(pdf.pages[0].Resources.XObject.Im0)
    assert refused.value.fault is ScanFault.CONTRADICTORY


def test_a_jpeg_rounded_up_to_whole_blocks_is_taken():
    """Eight rows more than the dictionary says: nobody sees them, nobody is refused."""
    image = small()
    data = jpeg(image.resize((image.width, image.height + 7)))
    stream = lifted(one_image_pdf(image, data, Filter=Name.DCTDecode))
    assert stream is not None
    assert (stream.data, stream.height) == (data, image.height + 7)


def test_two_colour_marks_become_one():
    """JFIF says one thing, Adobe the other: pdfium and Pillow show the copy alike."""
    found = markers.parse(odd_images.two_colour_marks())
    assert found.colours == "rgb"
    data = markers.written(found.segments)
    assert (b"JFIF" in data, b"Adobe" in data) == (False, True)
    shown = by_pdfium(one_image_pdf(small(), data, Filter=Name.DCTDecode))
    assert difference(shown, Image.open(io.BytesIO(data))) < 3
    assert difference(shown, small()) < 3


@pytest.mark.parametrize("transform", [0, 1])
def test_the_pdfs_own_word_on_colours_is_written_into_the_jpeg(transform):
    """/ColorTransform is not a word of a copy: the marks say it for every reader."""
    data = odd_images.coded(small(), keep_rgb=transform == 0)
    bare = markers.written(
        s for s in markers.parse(data).segments if s.marker not in (0xE0, 0xEE)
    )
    parms = pikepdf.Dictionary(ColorTransform=transform)
    stream = lifted(
        one_image_pdf(small(), bare, Filter=Name.DCTDecode, DecodeParms=parms)
    )
    assert stream is not None
    assert not stream.decode_parms
    assert difference(Image.open(io.BytesIO(stream.data)), small()) < 3


@pytest.mark.parametrize("turned", [False, True])
def test_black_ink_stays_neutral(turned):
    """Pure black and grey of one ink have no tint; colours are poppler's."""
    inks = {
        (0, 0, 0, 255): (32, 32, 32),
        (0, 0, 0, 128): (143, 143, 143),
        (0, 0, 0, 0): (255, 255, 255),
        (255, 0, 0, 0): (0, 173, 239),
        (0, 255, 255, 0): (237, 28, 36),
    }
    image = Image.new("CMYK", (80 * len(inks), 80))
    for n, ink in enumerate(inks):
        laid = ink if turned else tuple(255 - v for v in ink)
        image.paste(laid, (80 * n, 0, 80 * n + 80, 80))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=98, subsampling=0)
    more = {"Decode": Array([1, 0] * 4)} if turned else {}
    stream = lifted(
        one_image_pdf(
            image,
            written.getvalue(),
            Filter=Name.DCTDecode,
            ColorSpace=Name.DeviceCMYK,
            **more,
        )
    )
    assert stream is not None
    shown = decoded(
        replace(stream, shown=None), at_least=image.width, limits=LIMITS
    ).convert("RGB")
    for n, wanted in enumerate(inks.values()):
        assert shown.getpixel((80 * n + 40, 40)) == pytest.approx(wanted, abs=2)
