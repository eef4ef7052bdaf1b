"""Palettes, placements of every kind, and equal images: what the rebuild makes of scans
that are more than one upright photo a page.
"""

import hashlib
import io
import math
from dataclasses import dataclass

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from chassis.clock import utc_now
from ecopy.refusals import Reason, Refusal, cause_of
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support import build
from support.originals import (
    ScanImage,
    ScanPage,
    flat,
    full_page,
    original_of,
    palette_image,
)

WIDTH, HEIGHT = 596.0, 842.0
SCALE = 2.0


def matrix(degrees, *, mirrored=False, slant=0.0):
    """A picture of 300 × 200 points about the middle of the page."""
    turn = math.radians(degrees)
    across = 300 * math.cos(turn), 300 * math.sin(turn)
    if mirrored:
        across = -across[0], -across[1]
    up = -200 * math.sin(turn) + slant, 200 * math.cos(turn)
    corner = WIDTH / 2 - (across[0] + up[0]) / 2, HEIGHT / 2 - (across[1] + up[1]) / 2
    return tuple(round(value, 5) for value in (*across, *up, *corner))


PLACEMENTS = {
    "upright": matrix(0),
    "mirrored": matrix(0, mirrored=True),
    "upside-down": matrix(180),
    "turned": matrix(90),
    "mirrored-and-turned": matrix(270, mirrored=True),
    "skewed-by-a-scanner": matrix(1.7),
    "slanted": matrix(0, slant=40.0),
}
DEPTHS = [(1, 2), (1, 1), (2, 3), (4, 11), (8, 256), (8, 200)]


def composed(original, manifest):
    order = build.ordered(manifest=manifest, demo=True)
    stage = OrderedOriginal(MemoryOctets(original), order.original.sha256)
    return bytes(compose(stage, order, utc_now()).content)


def looks_the_same(original, draft, page=0):
    before, after = _raster(original, page), _raster(draft, page)
    above = after.crop((0, 0, *before.size))
    return ImageChops.difference(before, above).getbbox() is None


def _raster(content, page):
    with pypdfium2.PdfDocument(content) as pdf:
        return pdf[page].render(scale=SCALE).to_pil().convert("RGB")


@pytest.mark.parametrize(("bits", "colours"), DEPTHS)
def test_a_palette_stays_a_palette(bits, colours):
    """Depth, colours and bytes are the scan's own, and so is every pixel."""
    image = palette_image(bits, colours)
    page = full_page(image, 0, (WIDTH, HEIGHT))
    original, manifest = original_of([page])
    draft = composed(original, manifest)
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        found = pdf.pages[0].obj.Resources.XObject.Im0
        kind, under, last, table = found.ColorSpace
        assert (str(kind), str(under), last) == ("/Indexed", "/DeviceRGB", colours - 1)
        assert bytes(table).hex() == image.palette
        assert found.read_raw_bytes() == image.content
    assert b"/ColorSpace [ /Indexed /DeviceRGB %d <" % (colours - 1) in draft
    assert looks_the_same(original, draft)


def test_a_palette_of_letters_is_read():
    """An original may write a palette of printable bytes as a literal string."""
    image = palette_image(1, 2)
    lettered = ScanImage(
        image.content, image.size, "FlateDecode", 1, "Indexed", palette=b"abc(\\)".hex()
    )
    original, manifest = original_of([full_page(lettered)])
    assert b"(abc" in original
    assert b"/Indexed /DeviceRGB 1 <616263285c29> ]" in composed(original, manifest)


@pytest.mark.parametrize(
    "change",
    [
        {"palette": "00" * 33},
        {"palette": palette_image().palette[:-6]},
        {"palette": palette_image().palette + "000000"},
        {"palette": ""},
        {"palette": "12345"},
        {"palette": "00" * 3 * 17},
        {"palette": palette_image().palette.upper()},
        {"inverted": True},
        {"colour_space": "DeviceGray"},
        {"colour_space": "DeviceGray", "palette": ""},
    ],
    ids=str,
)
def test_a_palette_that_nobody_approved_is_refused(change):
    """Another colour, fewer, more, none, no colours at all; and no palette in order."""
    original, (page,) = original_of([full_page(palette_image())])
    image = page.images[0].model_copy(update=change)
    with pytest.raises(Refusal) as refused:
        composed(original, (page.model_copy(update={"images": (image,)}),))
    assert refused.value.reason is Reason.ORIGINAL_MISMATCH
    cause, values = cause_of(refused.value.detail)
    assert (cause, values["page"]) == ("page-differs", "1")
    assert values["part"] in {"/Indexed", "/ColorSpace"}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("name", PLACEMENTS)
def test_a_picture_lies_as_it_was_placed(name, rotation):
    """Mirrored, turned, slanted: the same pixels outside the margin."""
    placed = [(palette_image(), PLACEMENTS[name])]
    original, manifest = original_of([ScanPage(placed, WIDTH, HEIGHT, rotation)])
    assert manifest[0].images[0].placement == PLACEMENTS[name]
    assert looks_the_same(original, composed(original, manifest))


@pytest.mark.parametrize("shared", [True, False])
def test_equal_images_are_one_object(shared):
    """Twice on a page and again on the next, whether the original shares them or not;
    the same bytes under another form stay an object of their own.
    """
    image = flat((60, 40), bits=1)
    other = ScanImage(image.content, image.size, "FlateDecode", 1, "DeviceGray")
    first = [(image, PLACEMENTS["upright"]), (image, PLACEMENTS["turned"])]
    second = [(other, PLACEMENTS["upright"]), (image, PLACEMENTS["mirrored"])]
    pages = [ScanPage(first, WIDTH, HEIGHT), ScanPage(second, WIDTH, HEIGHT)]
    original, manifest = original_of(pages, shared=shared)
    assert original.count(b"/Subtype /Image") == (2 if shared else 4)
    draft = composed(original, manifest)
    assert draft.count(b"/Subtype /Image") == 2
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        one, two = (page.obj.Resources.XObject for page in list(pdf.pages)[:2])
        numbers = [i.objgen for i in (one.Im0, one.Im1, two.Im1, two.Im0)]
        assert numbers[0] == numbers[1] == numbers[2] != numbers[3]
    for page in range(2):
        assert looks_the_same(original, draft, page)


@dataclass
class Counted:
    """Bytes in memory that count how many of them are read."""

    content: bytes
    path: None = None
    read_bytes: int = 0

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, length: int) -> memoryview:
        self.read_bytes += length
        return memoryview(self.content)[start : start + length]


def test_two_hundred_equal_pages_are_stored_and_hashed_once():
    """A copy of one picture two hundred times is hardly larger than of one, and no byte
    of the picture is read a second time before the copy is written out.
    """
    content = hashlib.shake_256(b"noise").digest(4 << 20)
    image = ScanImage(content, (2048, 2048), colour_space="DeviceGray")
    original, manifest = original_of([full_page(image)] * 200, shared=True)
    order, counted = build.ordered(manifest=manifest), Counted(original)
    draft = compose(OrderedOriginal(counted, order.original.sha256), order, utc_now())
    assert counted.read_bytes < 2.5 * len(original)  # once by qpdf, once for its digest
    assert draft.content.size < len(content) + (1 << 20)
    assert bytes(draft.content).count(b"/Subtype /Image") == 1
