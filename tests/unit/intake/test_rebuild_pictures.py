"""WebP, BMP and HEIC: one page each, as the picture is, and nothing besides."""

import importlib.util
import io
import struct
from functools import cache

import pikepdf
import pytest
from PIL import Image, ImageChops

from corpus import heif
from corpus.odd_images import SECRET
from corpus.pictures import noise, written
from corpus.tiffs import sheet
from intake.adapters.rebuild import encode, heic
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from support.marks import hidden_in
from support.rebuilding import done, flags, rebuilt, refusal
from support.scans import difference, looks, resembles

TURN = Image.Transpose


def _kept(file) -> Image.Image:
    """The picture in the rebuilt file, by a reader that is not ours."""
    with pikepdf.open(file.path) as pdf:
        image = pdf.pages[0].obj.Resources.XObject["/Im0"]
        return pikepdf.PdfImage(image).as_pil_image().convert("RGB")


def _off(one: Image.Image, other: Image.Image) -> int:
    found = ImageChops.difference(one, other.convert("RGB")).getextrema()
    return max(most for _, most in found)


# --- WebP --------------------------------------------------------------------------


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


@cache
def _clear() -> Image.Image:
    image = sheet().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def test_a_lossless_webp_keeps_every_pixel(tmp_path):
    file = rebuilt(written("WEBP", lossless=True), tmp_path)
    assert (_off(_kept(file), sheet()), done(file)) == (0, ["re-encoded"])


def test_what_is_clear_is_white_paper(tmp_path):
    file = rebuilt(written("WEBP", _clear(), lossless=True, exact=True), tmp_path)
    assert _off(_kept(file), _on_white(_clear())) <= 1


def test_a_lossy_webp_of_little_size_loses_nothing_more(tmp_path):
    """As Pillow decodes it, pixel by pixel."""
    data = written("WEBP", quality=70)
    file = rebuilt(data, tmp_path)
    assert _off(_kept(file), Image.open(io.BytesIO(data)).convert("RGB")) == 0
    assert done(file) == ["re-encoded"]


def test_a_large_one_is_recompressed_and_says_so(tmp_path):
    """Noise, like a photograph's: without loss it would be ten times as large."""
    data = written("WEBP", noise(), quality=30)
    file = rebuilt(data, tmp_path)
    assert done(file) == ["recompressed"]
    assert difference(_kept(file), Image.open(io.BytesIO(data)).convert("RGB")) < 2
    (stream,) = file.manifest[0].images
    assert stream.filter == "DCTDecode"


@pytest.mark.parametrize(
    ("orientation", "way"), [(6, TURN.ROTATE_270), (3, TURN.ROTATE_180)]
)
def test_the_orientation_of_a_webp(orientation, way, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = sheet().resize((480, 672))
    file = rebuilt(written("WEBP", page, lossless=True, exif=exif), tmp_path)
    assert resembles(looks(file.path)[0], page.transpose(way))


def test_an_animation_is_its_first_picture_and_says_so(tmp_path):
    more = {"save_all": True, "append_images": [sheet("RGB", 2)], "lossless": True}
    file = rebuilt(written("WEBP", **more), tmp_path)
    assert _off(_kept(file), sheet()) == 0
    assert "other-pictures-left-out" in flags(file)


def test_a_first_picture_that_does_not_fill_the_canvas_lies_on_white(tmp_path):
    """Half the canvas, 20 to the right and 40 down."""
    coded = written("WEBP", sheet(), lossless=True)
    width, height = sheet().size
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    place = struct.pack("<I", 10)[:3] + struct.pack("<I", 20)[:3]
    frame = place + sides + bytes(4) + coded[12:]
    canvas = b"".join(struct.pack("<I", 2 * n - 1)[:3] for n in (width, height))
    head = _chunk(b"VP8X", b"\x02\0\0\0" + canvas)
    body = head + _chunk(b"ANIM", bytes(6)) + _chunk(b"ANMF", frame)
    data = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    wanted = Image.new("RGB", (2 * width, 2 * height), "white")
    wanted.paste(sheet(), (20, 40))
    assert _off(_kept(rebuilt(data, tmp_path)), wanted) == 0


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _stuffed_webp() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    data = written(
        "WEBP", _clear(), quality=80, exif=exif, xmp=SECRET, icc_profile=_profile()
    )
    body = data[12:] + _chunk(b"JUNK", SECRET)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body + SECRET


def _profile() -> bytes:
    from corpus.scans import srgb_profile

    return srgb_profile() + SECRET


# --- BMP ---------------------------------------------------------------------------


def _bmp(
    rows: bytes,
    size: tuple[int, int],
    bits: int,
    *,
    coding: int = 0,
    colours: bytes = b"",
) -> bytes:
    """A Windows header of 40 bytes at 150 dpi; ``size`` with its sign."""
    at = 14 + 40 + len(colours)
    head = b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at)
    info = struct.pack(
        "<IiiHHIIiiII",
        *(40, *size, 1, bits, coding, len(rows)),
        *(5906, 5906, len(colours) // 4, 0),
    )
    return head + info + colours + rows


def _numbers() -> tuple[Image.Image, bytes]:
    image = sheet().quantize(16, dither=Image.Dither.NONE)
    palette = image.getpalette()[:48]
    table = [palette[n : n + 3] for n in range(0, 48, 3)]
    return image, b"".join(bytes((*reversed(c), 0)) for c in table)


def _run_lengths(bits: int) -> bytes:
    """Each row as runs, its end marked, and the end of the picture."""
    image, colours = _numbers()
    out = b""
    for y in range(image.height - 1, -1, -1):
        row = image.crop((0, y, image.width, y + 1)).tobytes()
        at = 0
        while at < len(row):
            run = 1
            while run < 255 and row[at : at + run + 1] == row[at : at + 1] * (run + 1):
                run += 1
            value = row[at] * 17 if bits == 4 else row[at]
            out, at = out + bytes((run, value)), at + run
        out += b"\0\0"
    coding = 2 if bits == 4 else 1
    return _bmp(out + b"\0\1", image.size, bits, coding=coding, colours=colours)


def _top_down() -> bytes:
    width, height = sheet().size
    rows = sheet().tobytes("raw", "BGRX")
    return _bmp(rows, (width, -height), 32)


def _sixteen() -> tuple[bytes, Image.Image]:
    """Five bits a colour."""
    image = sheet().point(lambda v: v >> 3)
    red, green, blue = (band.tobytes() for band in image.split())
    codes = [r << 10 | g << 5 | b for r, g, b in zip(red, green, blue, strict=True)]
    width = image.width
    rows = [codes[n : n + width] for n in range(0, len(codes), width)][::-1]
    data = b"".join(struct.pack(f"<{width}H", *row) for row in rows)
    return _bmp(data, image.size, 16), sheet().point(lambda v: (v >> 3) * 255 // 31)


BMPS = {
    "1 bit": (lambda: written("BMP", sheet("1")), lambda: sheet("1")),
    "grey": (lambda: written("BMP", sheet("L")), lambda: sheet("L")),
    "palette": (lambda: written("BMP", _numbers()[0]), lambda: _numbers()[0]),
    "24 bits": (lambda: written("BMP"), sheet),
    "32 bits, top down": (_top_down, sheet),
    "run lengths of 8 bits": (lambda: _run_lengths(8), lambda: _numbers()[0]),
    "run lengths of 4 bits": (lambda: _run_lengths(4), lambda: _numbers()[0]),
    "16 bits": (lambda: _sixteen()[0], lambda: _sixteen()[1]),
}


@pytest.mark.parametrize("name", BMPS)
def test_every_bmp_keeps_its_pixels(name, tmp_path):
    make, truth = BMPS[name]
    file = rebuilt(make(), tmp_path)
    assert _off(_kept(file), truth()) == 0
    assert done(file) == ["re-encoded"]


def test_a_bmp_keeps_its_true_size(tmp_path):
    """5,906 pixels a metre are 150 dpi."""
    file = rebuilt(_top_down(), tmp_path)
    wide = file.manifest[0].images[0].placement[0]
    assert wide == pytest.approx(sheet().width * 72 / 150, abs=0.02)


# --- HEIC --------------------------------------------------------------------------

HEICS = {
    "plain": (heif.plain, heif.page),
    **{
        f"turned {90 * n}": (
            lambda n=n: heif.heic([heif.still("page", heif.turned(n))]),
            lambda way=way: heif.page().transpose(way),
        )
        for n, way in ((1, TURN.ROTATE_90), (2, TURN.ROTATE_180), (3, TURN.ROTATE_270))
    },
    **{
        f"mirrored {n}": (
            lambda n=n: heif.heic([heif.still("page", heif.mirrored(n))]),
            lambda way=way: heif.page().transpose(way),
        )
        for n, way in ((0, TURN.FLIP_TOP_BOTTOM), (1, TURN.FLIP_LEFT_RIGHT))
    },
    "cropped": (
        lambda: heif.heic([heif.still("page", heif.cropped((100, 120), (16, 40)))]),
        lambda: heif.page().crop((16, 40, 116, 160)),
    ),
    "cropped and turned": (
        lambda: heif.heic(
            [heif.still("page", heif.cropped((100, 120), (16, 40)), heif.turned(1))]
        ),
        lambda: heif.page().crop((16, 40, 116, 160)).transpose(TURN.ROTATE_90),
    ),
    "in tiles": (heif.grid, heif.tiled),
    "turned, and Exif says so again": (
        lambda: heif.heic([heif.still("page", heif.turned(3)), heif.exif_item(1, 6)]),
        lambda: heif.page().transpose(TURN.ROTATE_270),
    ),
    "Exif alone turns nothing": (
        lambda: heif.heic([heif.still("page"), heif.exif_item(1, 6)]),
        heif.page,
    ),
    "two pictures, the second is the main one": (heif.two, heif.page),
}


@pytest.fixture
def decoder():
    """What decodes HEIC; an extra of the product, and in the requirements of tests."""
    return pytest.importorskip("pi_heif", reason="pi-heif (ecopy[heic]) is missing")


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("name", HEICS)
def test_a_heic_is_shown_as_its_properties_say(name, tmp_path):
    """Within the loss of its coding, and twice as near as turned or mirrored."""
    make, truth = HEICS[name]
    file = rebuilt(make(), tmp_path, "a.heic")
    (page,), shown = file.manifest, _kept(file)
    # Turned by the decoder already: the page itself must not be turned or mirrored.
    assert (page.rotation, page.images[0].placement[0] > 0) == (0, True)
    assert shown.size == truth().size
    assert difference(shown, truth()) < 2


@pytest.mark.usefixtures("decoder")
def test_a_second_picture_of_a_heic_is_not_left_in_silence(tmp_path):
    pages = [heif.still("page"), heif.still("page", heif.turned(2))]
    assert "other-pictures-left-out" in flags(rebuilt(heif.heic(pages), tmp_path))
    assert "other-pictures-left-out" not in flags(rebuilt(heif.two(), tmp_path))


def test_a_deep_crop_is_right_or_refused_in_its_own_words(decoder, tmp_path):
    """libheif 1.23.0 takes the crop's size for the coded one: not damage."""
    data = heif.heic([heif.still("page", heif.cropped((20, 24), (16, 40)))])
    if decoder.libheif_version() == "1.23.0":
        assert refusal(data, tmp_path) == "unknown-coding"
        return
    truth = heif.page().crop((16, 40, 36, 64))
    assert difference(_kept(rebuilt(data, tmp_path)), truth) < 2


def test_without_the_optional_part_the_clerk_hears_what_to_do(tmp_path):
    """A slug of its own: not damaged, and not unknown."""

    def absent(name: str):
        raise ModuleNotFoundError(name)

    path = tmp_path / "a.heic"
    path.write_bytes(heif.plain())
    heic.preload(absent)
    with pytest.raises(UnfitPage) as refused:
        next(heic.read_heic(path, limits=Limits(), find=absent))
    assert refused.value.fault == "heic-not-read"


def test_the_decoder_is_imported_before_the_walls_stand():
    """Behind them nothing more can be loaded that the machine lacks."""
    asked = []
    heic.preload(asked.append)
    assert asked == ["pi_heif"]
    assert importlib.util.find_spec("pi_heif") is not None


# --- nothing besides, and bad input ------------------------------------------------

STUFFED = {
    "webp": _stuffed_webp,
    "bmp": lambda: _top_down() + SECRET,
    "heic": lambda: heif.stuffed(SECRET),
}


@pytest.mark.parametrize("name", STUFFED)
def test_nothing_but_the_picture_travels(name, tmp_path):
    """Exif, XMP, profiles, unknown chunks and items, bytes behind the end."""
    data = STUFFED[name]()
    assert data.count(SECRET) >= 1
    assert hidden_in(rebuilt(data, tmp_path, f"a.{name}"), SECRET) == []


def _filled(data: bytes) -> bytes:
    """Cut at half, and filled with zeros to the old size."""
    return data[: len(data) // 2].ljust(len(data), b"\0")


def _avif() -> bytes:
    return b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(90)


def _huge_head() -> bytes:
    """12,000 pixels a side in the head of a lossless picture, and nothing else."""
    sides = 11_999 | 11_999 << 14
    body = _chunk(b"VP8L", b"\x2f" + struct.pack("<I", sides) + bytes(8))
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _huge_webp() -> bytes:
    sides = struct.pack("<I", 16_383)[:3]
    head = _chunk(b"VP8X", bytes(4) + sides * 2)
    body = head + written("WEBP", lossless=True)[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


BAD = {
    "a WebP cut": (lambda: written("WEBP")[:900], "truncated"),
    "a WebP cut and filled": (
        lambda: _filled(written("WEBP", quality=95)),
        "truncated",
    ),
    "a WebP without a picture": (
        lambda: b"RIFF\x04\0\0\0WEBP",
        "damaged",
    ),
    "a WebP of too many pixels": (_huge_webp, "too-many-pixels"),
    "a WebP whose head alone is huge": (_huge_head, "too-many-pixels"),
    "a BMP cut": (lambda: _top_down()[:20_000], "truncated"),
    "run lengths cut": (lambda: _run_lengths(8)[:900], "truncated"),
    "a BMP with a JPEG in it": (
        lambda: _bmp(b"\xff\xd8\xff", (8, 8), 24, coding=4),
        "unknown-coding",
    ),
    "a BMP of too many pixels": (
        lambda: _bmp(b"", (60_000, 60_000), 24),
        "too-many-pixels",
    ),
    "text that begins like a BMP": (lambda: b"BMW, registration " * 9, "unknown-type"),
    "a HEIC cut": (lambda: heif.plain()[:2000], "truncated"),
    "a HEIC cut and filled": (lambda: _filled(heif.plain()), "truncated"),
    "an AVIF": (_avif, "unknown-type"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name, tmp_path):
    """A slug for each kind of fault; none is a crash, and none is said wrongly."""
    make, fault = BAD[name]
    assert refusal(make(), tmp_path, "scan") == fault


def test_without_loss_is_estimated_before_it_is_done():
    """Within a quarter of the real size, from a tenth of the rows."""
    grain = Image.effect_noise((600, 800), 50)
    real = len(encode.lossless(grain).data)
    assert encode._lossless_bytes(grain) == pytest.approx(real, rel=0.25)
