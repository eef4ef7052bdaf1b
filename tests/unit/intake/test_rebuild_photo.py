"""A photograph's shape, its way up, its transparency and its further pictures."""

import io
import struct
from functools import cache

import pytest
from PIL import Image, ImageOps

from corpus import odd_images
from corpus.odd_images import XMP_MIRRORED, chunk, circle, raw_png, with_chunk
from corpus.scans import small
from intake.adapters.rebuild import photo, preview
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, Placed
from support.scans import difference

LIMITS = Limits()


def read(data, folder):
    kind = "jpg" if data.startswith(b"\xff\xd8") else "png"
    path = folder / f"photo.{kind}"
    path.write_bytes(data)
    reader = photo.read_jpeg if kind == "jpg" else photo.read_png
    (page,) = reader(path, limits=LIMITS)
    return page


def shown(page, within=(1100, 8000)):
    return preview.preview(page, limits=LIMITS, within=within)


# --- shape -------------------------------------------------------------------------

FAX = {
    # pixels a fax of A4 has, and what the file says of them
    "204 × 98": ((1728, 1145), (204, 98), True),
    "204 × 196": ((1728, 2290), (204, 196), True),
    "204 × 391": ((1728, 4580), (204, 391), True),
    "200 × 100": ((1728, 1145), (200, 100), True),
    "72 × 36": ((1728, 1145), (72, 36), False),
    "2 × 1, no unit": ((1728, 1145), (2, 1), False),
    "300 × 300": ((2480, 3508), (300, 300), True),
    "72 × 72": ((1728, 2444), (72, 72), False),
}


def as_png(pixels, density, *, unit):
    written = io.BytesIO()
    circle(pixels).save(written, "PNG")
    across, down = (round(v / 0.0254) if unit else v for v in density)
    body = struct.pack(">IIB", across, down, unit)
    return with_chunk(written.getvalue(), b"pHYs", body)


def as_jfif(pixels, density, *, unit):
    data = bytearray(odd_images.coded(circle(pixels)))
    data[13:18] = struct.pack(">BHH", unit, *density)
    return bytes(data)


def as_exif(pixels, density, *, unit):
    exif = Image.Exif()
    exif[0x011A], exif[0x011B] = (float(v) for v in density)
    exif[0x0128] = 2 if unit else 1
    return odd_images.coded(circle(pixels), exif=exif, dpi=(0, 0))


@pytest.mark.parametrize("write", [as_png, as_jfif, as_exif])
@pytest.mark.parametrize("name", FAX)
def test_a_circle_stays_a_circle(name, write, tmp_path):
    """Disbelieved as a size, a density still says how oblong a pixel is."""
    pixels, density, own = FAX[name]
    page = read(write(pixels, density, unit="no unit" not in name), tmp_path)
    assert ("size-assumed" not in page.flags) is own
    assert 590 <= page.width <= 625
    assert 785 <= page.height <= 845
    round_one = shown(page).convert("L").point(lambda v: 255 if v < 128 else 0)
    left, top, right, low = round_one.getbbox()
    # The drawing fills the same share of both sides of an upright page of A4's shape.
    across = (right - left) / round_one.width
    assert across == pytest.approx((low - top) / round_one.height, rel=0.02)
    assert (
        abs(
            page.width / page.height - pixels[0] * density[1] / (pixels[1] * density[0])
        )
        < 0.01
    )


# --- which way up ------------------------------------------------------------------

MODES = ["1", "L", "P", "RGB", "RGBA", "I;16"]


def marked():
    """Small, and no two of its eight ways up look alike."""
    image = small().resize((300, 424)).copy()
    image.paste((20, 20, 20), (0, 0, 110, 190))
    return image


@cache
def picture(mode):
    image = marked()
    if mode == "I;16":
        return image.convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    return image.quantize(32) if mode == "P" else image.convert(mode)


@cache
def png_with(mode, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    picture(mode).save(written, "PNG", exif=exif, dpi=(300, 300))
    return written.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", MODES)
def test_one_orientation_for_every_mode(mode, orientation, tmp_path):
    """The same page, the same way up, for the same tag in Exif."""
    seen = shown(read(png_with(mode, orientation), tmp_path), (300, 2000))
    written = io.BytesIO(png_with("RGB", orientation))
    with Image.open(written) as opened:
        upright = ImageOps.exif_transpose(opened)
    assert 2 * difference(seen, upright) < min(
        difference(seen, wrong(upright)) for wrong in (ImageOps.mirror, ImageOps.flip)
    )


@pytest.mark.parametrize("mode", MODES)
def test_xmp_and_text_turn_nothing(mode, tmp_path):
    """Other programs' notes: some readers believe them for some modes only."""
    written = io.BytesIO()
    picture(mode).save(written, "PNG", dpi=(300, 300))
    plain = written.getvalue()
    noted = with_chunk(plain, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP_MIRRORED)
    one = shown(read(plain, tmp_path))
    assert shown(read(noted, tmp_path)).tobytes() == one.tobytes()


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_a_mirrored_photograph_is_not_recompressed(orientation, tmp_path):
    """The untouched stream, placed by a matrix that mirrors."""
    page = read(odd_images.mirrored_jpeg(orientation), tmp_path)
    (placed,) = page.pictures
    assert placed.stream.data == odd_images.coded(small())
    assert placed.placement == (-page.width, 0, 0, page.height, page.width, 0)


@pytest.mark.parametrize(
    ("placement", "way"),
    [
        ((-200, 0, 0, 280, 200, 0), Image.Transpose.FLIP_LEFT_RIGHT),
        ((200, 0, 0, -280, 0, 280), Image.Transpose.FLIP_TOP_BOTTOM),
        ((-200, 0, 0, -280, 200, 280), Image.Transpose.ROTATE_180),
        ((0, 280, -200, 0, 200, 0), Image.Transpose.ROTATE_90),
        ((0, -280, 200, 0, 0, 280), Image.Transpose.ROTATE_270),
    ],
)
def test_the_desk_draws_any_placement(placement, way, tmp_path):
    """Mirrored and turned: as a reader of the PDF draws it."""
    stream = read(odd_images.coded(small()), tmp_path).pictures[0].stream
    page = Page(1, 200, 280, 0, (Placed(stream, placement),), "lifted")
    wanted = small().transpose(way).resize((1100, 1540))
    assert difference(shown(page), wanted) < 3


def test_the_desk_draws_a_slight_slant(tmp_path):
    """A degree of skew: nothing is lost at the corners, outside is white."""
    stream = read(odd_images.coded(small()), tmp_path).pictures[0].stream
    slanted = (180.0, 3.0, -4.2, 252.0, 10.0, 10.0)
    image = shown(Page(1, 200, 280, 0, (Placed(stream, slanted),), "lifted"))
    turned = small().resize((990, 1386)).rotate(0.95, expand=True, fillcolor="white")
    wanted = Image.new("RGB", image.size, "white")
    wanted.paste(turned, (32, 83))
    assert difference(image, wanted) < 6


# --- transparency ------------------------------------------------------------------

CLEAR = {
    # depth, colour type, one clear pixel, one dark one, the clear colour
    "grey 16": (16, 0, b"\x12\x34", b"\x12\x35", b"\x12\x34"),
    "grey 8": (8, 0, b"\x12", b"\x30", b"\0\x12"),
    "RGB 8": (8, 2, b"\x01\x02\x03", b"\x01\x02\x04", b"\0\x01\0\x02\0\x03"),
    "RGB 16": (
        *(16, 2, b"\x01\x01\x02\x02\x03\x03", b"\x01\x01\x02\x02\x03\x04"),
        b"\x01\x01\x02\x02\x03\x03",
    ),
}


@pytest.mark.parametrize("name", CLEAR)
def test_a_clear_colour_is_white_paper(name, tmp_path):
    """Compared at the file's own depth, and only that colour."""
    depth, colour, clear, dark, transparency = CLEAR[name]
    rows = (b"\0" + clear * 10 + dark * 10) * 20
    data = raw_png((20, 20), depth, colour, rows, chunk(b"tRNS", transparency))
    image = shown(read(data, tmp_path)).convert("L")
    assert image.getpixel((100, 500)) == 255
    assert image.getpixel((1000, 500)) < 60


@pytest.mark.parametrize(("depth", "clear"), [(1, 0), (2, 1), (4, 5)])
def test_a_clear_colour_of_few_bits_is_white_paper(depth, clear, tmp_path):
    """Two pixels to a row and more: the left half is clear, the right one dark."""
    per_byte = 8 // depth
    packed = int("".join(f"{clear:0{depth}b}" for _ in range(per_byte)), 2)
    other = int("".join(f"{clear ^ 1:0{depth}b}" for _ in range(per_byte)), 2)
    row = b"\0" + bytes((packed,)) * 2 + bytes((other,)) * 2
    size = (4 * per_byte, 20)
    transparency = chunk(b"tRNS", struct.pack(">H", clear))
    data = raw_png(size, depth, 0, row * 20, transparency)
    image = shown(read(data, tmp_path)).convert("L")
    grey = (clear ^ 1) * 255 // ((1 << depth) - 1)
    assert image.getpixel((100, 20)) == 255
    assert image.getpixel((1000, 20)) == pytest.approx(grey, abs=2)


# --- further pictures --------------------------------------------------------------


def has_others(data, folder):
    return "other-pictures-left-out" in read(data, folder).flags


def test_a_second_page_in_the_file_is_not_left_in_silence(tmp_path):
    """A multi-picture JPEG: one page, and a word."""
    assert has_others(odd_images.two_pictures_jpeg(), tmp_path)


def test_two_joined_jpegs_are_two_pictures(tmp_path):
    """Without any index, too."""
    data = odd_images.coded(small()) + odd_images.coded(small(2))
    assert has_others(data, tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        lambda page: page.resize((206, 292)),
        lambda page: page.convert("L"),
    ],
    ids=["a thumbnail", "a gain or depth map"],
)
def test_a_telephones_by_picture_is_no_page(changed, tmp_path):
    """It shows nothing that the photograph does not: no flag that cries wolf."""
    data = odd_images.two_pictures_jpeg(changed(small()))
    assert not has_others(data, tmp_path)


@pytest.mark.parametrize("frames", [1, 2])
def test_an_animated_png_says_so(frames, tmp_path):
    """More than one frame is flagged; one frame is a picture."""
    written = io.BytesIO()
    small().save(written, "PNG")
    body = struct.pack(">II", frames, 0)
    data = with_chunk(written.getvalue(), b"acTL", body)
    assert has_others(data, tmp_path) is (frames > 1)
