"""TIFF: every kind that scanners write gives its page, pixel by pixel, and no more."""

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from corpus import odd_images, tiffs
from corpus.odd_images import SECRET
from corpus.tiffs import KINDS, picture, samples, sheet, tiff
from support.marks import hidden_in
from support.rebuilding import done, flags, rebuilt, refusal
from support.scans import difference, looks, resembles

POPPLER_TAKES_FOR_GREY = {"palette-1", "cmyk"}
"""Two colours of a palette: pdfimages writes the numbers and not the colours."""
ORDERED = [
    *("rgb-planes-lzw", "rgb-16", "grey-16-negative-lzw", "palette-4", "bits"),
    *("fax-group4-strips", "jpeg-strips-fine"),
]


def _by_poppler(file: Path, folder: Path) -> list[Image.Image]:
    """Each page's picture by a reader that shares nothing with ours."""
    subprocess.run(["pdfimages", "-png", file, folder / "page"], check=True)
    found = sorted(folder.glob("page-*.png"))
    return [Image.open(path).convert("RGB") for path in found]


def _with_its_palette(file: Path, number: int) -> Image.Image:
    with pikepdf.open(file) as pdf:
        image = pdf.pages[number].obj.Resources.XObject["/Im0"]
        return pikepdf.PdfImage(image).as_pil_image().convert("RGB")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A file with a page of each kind; its rebuilt file and poppler's pictures."""
    folder = tmp_path_factory.mktemp("tiff")
    file = rebuilt(tiffs.every(), folder, "every.tif")
    return file, _by_poppler(file.path, folder)


def test_every_kind_is_its_own_page_pixel_by_pixel(book):
    """In the file's order; only JPEG and colour spaces may be off by some levels."""
    assert _off(*book, list(KINDS)) == {}


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_and_bigtiff(order, big, tmp_path):
    """Where a number of two bytes or an offset of eight could be read the other way."""
    file = rebuilt(tiffs.every(order, big=big, names=ORDERED), tmp_path)
    assert _off(file, _by_poppler(file.path, tmp_path), ORDERED) == {}


def _off(file, shown, names):
    """Kinds whose pages differ by more levels than they may."""
    assert len(shown) == len(names)
    off = {}
    for number, name in enumerate(names):
        kind, page = KINDS[name], shown[number]
        if name in POPPLER_TAKES_FOR_GREY:
            page = _with_its_palette(file.path, number)
        difference = ImageChops.difference(page, kind.truth().convert("RGB"))
        off[name] = max(most for _, most in difference.getextrema())
    return {n: v for n, v in off.items() if v > KINDS[n].near}


def test_what_became_of_each_is_stated(book):
    """Fax of one strip and JPEG are lifted; the rest are the same pixels anew."""
    file, _ = book
    assert dict(zip(KINDS, done(file), strict=True)) == {
        name: kind.done for name, kind in KINDS.items()
    }


def test_strips_of_jpeg_keep_every_coefficient():
    """The joined stream decodes to the strips' own pixels: nothing was coded anew."""
    from intake.adapters.rebuild import jpeg_strips
    from intake.adapters.rebuild.tiff_blocks import TiffBlock

    made = tiffs.jpeg_picture(sheet(), rows=24, quality=95, subsampling=0)
    height = sheet().height
    blocks = [
        TiffBlock(0, y, sheet().width, min(24, height - y), data)
        for y, data in zip(range(0, height, 24), made.blocks, strict=True)
    ]
    joined = jpeg_strips.joined(blocks, made.tags[347], sheet().size)
    whole = Image.open(io.BytesIO(joined))
    for block in blocks:
        alone = Image.open(
            io.BytesIO(jpeg_strips.whole_block(block.data, made.tags[347]))
        )
        box = (0, block.top, block.width, block.top + block.height)
        assert whole.crop(box).tobytes() == alone.tobytes()


def test_a_lifted_fax_page_is_the_scanners_stream(tmp_path):
    """Byte for byte, black where the fax is black."""
    made = tiffs.libtiff_fax()
    file = rebuilt(tiff([made]), tmp_path)
    with pikepdf.open(file.path) as pdf:
        image = pdf.pages[0].obj.Resources.XObject["/Im0"]
        assert image.read_raw_bytes() == made.blocks[0]


def test_the_tiff_says_what_the_colours_of_its_jpeg_mean(tmp_path):
    """RGB by its tag; the strip's own mark says luma and chroma, and is not asked."""
    coded = odd_images.coded(sheet(), keep_rgb=True, quality=95)
    at = coded.index(b"Adobe") + 11
    assert coded[at] == 0
    made = tiffs.jpeg_picture(sheet(), photometric=2, shared_tables=False)
    strip = coded[:at] + b"\x01" + coded[at + 1 :]
    file = rebuilt(tiff([replace(made, blocks=[strip])]), tmp_path)
    (shown,) = _by_poppler(file.path, tmp_path)
    assert difference(shown, sheet()) < 2


# --- which pictures are pages ------------------------------------------------------


def test_thumbnails_and_masks_are_no_pages(tmp_path):
    """Three pages with a thumbnail each, and a mask: three pages, and no flag."""
    file = rebuilt(tiffs.book(3), tmp_path)
    shown = _by_poppler(file.path, tmp_path)
    assert [page.tobytes() for page in shown] == [
        tiffs.leaf(n).convert("RGB").tobytes() for n in (1, 2, 3)
    ]
    assert "other-pictures-left-out" not in flags(file)


@pytest.mark.parametrize("tag", [{"t254": 1}, {"t255": 2}])
def test_a_page_called_a_thumbnail_is_not_left_in_silence(tag, tmp_path):
    """Reduced in name, and as large as the page."""
    pages = [picture(samples(sheet())), picture(samples(sheet("RGB", 2)), **tag)]
    file = rebuilt(tiff(pages), tmp_path)
    assert (len(file.pages), "other-pictures-left-out" in flags(file)) == (1, True)


def test_a_file_of_thumbnails_has_no_pages(tmp_path):
    assert refusal(tiff([picture(samples(sheet()), t254=1)]), tmp_path) == "no-pages"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_turns_the_page(orientation, tmp_path):
    """As the tag says, whatever the coding."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = tiffs.sheet().resize((480, 640))
    file = rebuilt(
        tiff([picture(samples(page), t274=orientation, t282=200.0, t283=200.0)]),
        tmp_path,
    )
    turned = page.copy()
    way = _WAYS.get(orientation)
    turned = turned if way is None else turned.transpose(way)
    assert resembles(looks(file.path)[0], turned)


_WAYS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize(
    ("tags", "width", "assumed"),
    [
        ({"t282": 200.0, "t283": 200.0, "t296": 2}, 120 * 72 / 200, False),
        ({"t282": 80.0, "t283": 80.0, "t296": 3}, 120 * 72 / 203.2, False),
        ({"t282": 1.0, "t283": 1.0, "t296": 1}, None, True),
        ({"t282": 204.0, "t283": 98.0, "t296": 2}, 120 * 72 / 204, False),
    ],
    ids=["inches", "centimetres", "no unit", "fax"],
)
def test_the_unit_of_the_resolution(tags, width, assumed, tmp_path):
    """A size is believed in inches and centimetres; without a unit it is a shape."""
    made = tiff([picture(samples(sheet()), **tags)])
    file = rebuilt(made, tmp_path)
    placement = file.manifest[0].images[0].placement
    assert ("size-assumed" in flags(file)) is assumed
    if width is not None:
        assert placement[0] == pytest.approx(width, abs=0.01)


# --- nothing besides ---------------------------------------------------------------


def test_nothing_but_the_pictures_travels(tmp_path):
    """Notes, profiles, thumbnails, comments, bytes behind strips and behind the end."""
    file = rebuilt(tiffs.stuffed(SECRET), tmp_path)
    assert len(file.pages) == 3
    assert hidden_in(file, SECRET) == []


# --- bad input ---------------------------------------------------------------------


def _cut_strip(compression: int, **options) -> bytes:
    """The last third of the only strip is missing, and its length says so."""
    made = (
        tiffs.KINDS[f"fax-{options['fax']}"].make("<")
        if "fax" in options
        else (picture(samples(sheet()), compression=compression))
    )
    (block,) = made.blocks
    return tiff([replace(made, blocks=[block[: 2 * len(block) // 3]])])


CUT = {
    **{name: {"compression": code} for name, code in tiffs._CODINGS.items()},
    **{f"fax {name}": {"compression": 4, "fax": name} for name in ("group4", "rle")},
}


@pytest.mark.parametrize("name", CUT)
def test_missing_rows_are_refused(name, tmp_path):
    """libtiff paints what is missing; a page of half the truth is no page."""
    assert refusal(_cut_strip(**CUT[name]), tmp_path) in ("truncated", "damaged")


def _looped() -> bytes:
    data = bytearray(tiff([picture(samples(sheet()))]))
    data[-4:] = data[4:8]
    return bytes(data)


def _leading_out() -> bytes:
    return tiff([picture(samples(sheet()))])[:-4] + b"\xff\xff\xff\x7f"


def _sides(side: int) -> dict[str, int]:
    """A square of so many pixels, in one strip."""
    return {"t256": side, "t257": side, "t278": side}


BAD = {
    "cut in the middle": (lambda: tiffs.book()[:100_000], "truncated"),
    "a chain in a loop": (_looped, "damaged"),
    "a chain that leads out": (_leading_out, "truncated"),
    "strips missing": (
        lambda: tiff([picture(samples(sheet()), block=(120, 40), t257=900)]),
        "truncated",
    ),
    "a compression of its own": (
        lambda: tiff([picture(samples(sheet()), t259=34712)]),
        "unknown-coding",
    ),
    "a measurement": (
        lambda: tiff([picture(samples(sheet("L")), photometric=1, t258=[32], t339=3)]),
        "unknown-coding",
    ),
    "too many pixels": (
        lambda: tiff([picture(samples(sheet()), t256=60_000, t257=60_000)]),
        "too-many-pixels",
    ),
    "inks that need a gigabyte": (
        lambda: tiff(
            [
                picture(
                    tiffs._cmyk(), photometric=5, t256=11_500, t257=11_500, t278=11_500
                )
            ]
        ),
        "too-many-pixels",
    ),
    "a strip that needs a gigabyte": (
        lambda: tiff([picture(samples(sheet()), **_sides(12_100))]),
        "too-many-pixels",
    ),
    "too many pages": (
        lambda: tiff(
            [picture(samples(sheet("L").resize((8, 8))), photometric=1)] * 201
        ),
        "too-many-pages",
    ),
    "no pixels": (lambda: tiff([picture(samples(sheet()), t256=0)]), "damaged"),
    "a head and nothing": (lambda: b"II*\0\x08\0\0\0", "truncated"),
    "strips over each other": (
        lambda: tiff([picture(samples(sheet()), t279=[10**8])]),
        "truncated",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name, tmp_path):
    """A slug for each kind of fault; none is a crash."""
    make, fault = BAD[name]
    assert refusal(make(), tmp_path, "scan.tif") == fault
