"""Spoilt files of every kind that a desk takes, each the same again by its number.

``mutated(n)`` takes one of ``SEEDS`` and spoils it once to three times, as transfers,
bad memory and attackers do. The seeds are small, so that thousands are cheap.
"""

import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

from pikepdf import Array, Dictionary, Name
from PIL import Image

from corpus import heif, odd_images, odd_pdfs, scans, tiffs
from corpus.odd_images import coded
from corpus.pictures import written
from corpus.sample_scan import image_stream
from corpus.tiffs import SIZE, sheet

BOX = (0, 0, *SIZE)
DRAWN = f"q {SIZE[0]} 0 0 {SIZE[1]} 0 0 cm /Im0 Do Q"


def _pdf(image: Image.Image, content: str = DRAWN, **keys: object) -> bytes:
    return odd_pdfs.scan(content, images=[image], box=BOX, **keys)


def _one(image: Image.Image, data: bytes, **entries: object) -> bytes:
    return scans.one_image_pdf(image, data, **entries)


def _noted() -> bytes:
    return _pdf(sheet(), f"{DRAWN} 1 0 0 RG 3 w 20 20 40 30 re S BT /F1 9 Tf (a) Tj ET")


def _soft_masked() -> bytes:
    def edit(pdf, page) -> None:
        grey = sheet("L")
        mask = image_stream(
            pdf, zlib.compress(grey.tobytes()), grey, Filter=Name.FlateDecode
        )
        page.Resources.XObject["/Im0"].SMask = pdf.make_indirect(mask)

    return _pdf(sheet(), edit=edit)


def _indexed() -> bytes:
    image = sheet().quantize(16, dither=Image.Dither.NONE)
    space = Array([Name.Indexed, Name.DeviceRGB, 15, bytes(image.getpalette()[:48])])
    rows = zlib.compress(image.tobytes())
    return _one(image, rows, Filter=Name.FlateDecode, ColorSpace=space)


def _fax(parms: dict[str, object], data: bytes) -> bytes:
    image = sheet("1")
    size = {"Columns": image.width, "Rows": image.height}
    return _one(
        image, data, Filter=Name.CCITTFaxDecode, DecodeParms=Dictionary(**size | parms)
    )


def _jpx() -> bytes:
    data = written("JPEG2000", sheet(), irreversible=False)
    return _one(sheet(), data, Filter=Name.JPXDecode)


def _multi_picture() -> bytes:
    more = {"save_all": True, "append_images": [sheet("RGB", 2)]}
    return written("MPO", sheet(), **more)


def _deep_png() -> bytes:
    deep = sheet("L").convert("I").point(lambda v: v * 257).convert("I;16")
    return written("PNG", deep)


SEEDS: dict[str, Callable[[], bytes]] = {
    "jpeg.pdf": lambda: _pdf(sheet()),
    "four-inks.pdf": lambda: _pdf(sheet("CMYK")),
    "group4.pdf": lambda: _pdf(sheet("1")),
    "group3.pdf": lambda: _fax({"K": 0}, odd_images.group3(sheet("1"))),
    "flate.pdf": lambda: _one(
        sheet(), zlib.compress(sheet().tobytes()), Filter=Name.FlateDecode
    ),
    "indexed.pdf": _indexed,
    "jbig2.pdf": lambda: scans.jbig2_pdf_of(sheet("1"), 100),
    "jpx.pdf": _jpx,
    "drawn-over.pdf": _noted,
    "soft-mask.pdf": _soft_masked,
    "turned.pdf": lambda: _pdf(sheet(), Rotate=90, UserUnit=2, CropBox=Array(BOX)),
    "baseline.jpg": lambda: coded(sheet()),
    "progressive.jpg": lambda: coded(sheet(), progressive=True),
    "restarts.jpg": lambda: coded(sheet(), restart_marker_rows=1),
    "mpo.jpg": _multi_picture,
    "rgb.png": lambda: written("PNG"),
    "palette.png": lambda: written("PNG", sheet().quantize(16)),
    "deep.png": _deep_png,
    "book.tif": lambda: tiffs.book(2),
    "fax.tif": lambda: tiffs.tiff([tiffs.libtiff_fax()]),
    "every.tif": lambda: tiffs.every(names=["rgb-planes-lzw", "jpeg-strips", "lab"]),
    "big.tif": lambda: tiffs.every(">", big=True, names=["rgb-predictor-deflate"]),
    "tiles.tif": lambda: tiffs.every(names=["rgb-tiles", "fax-group4-tiles"]),
    "lossless.webp": lambda: written("WEBP", lossless=True),
    "lossy.webp": lambda: written("WEBP", quality=60),
    "animated.webp": lambda: written(
        "WEBP", save_all=True, append_images=[sheet("RGB", 2)]
    ),
    "plain.bmp": lambda: written("BMP"),
    "palette.bmp": lambda: written("BMP", sheet().quantize(16)),
    "plain.heic": heif.plain,
    "grid.heic": heif.grid,
    "noted.heic": lambda: heif.stuffed(b"note"),
}


@cache
def seed(name: str) -> bytes:
    return SEEDS[name]()


def mutated(number: int) -> tuple[str, bytes]:
    """The name of the seed, and what became of it; the same for the same number."""
    chance = random.Random(number)
    name = list(SEEDS)[number % len(SEEDS)]
    data = seed(name)
    for _ in range(chance.randint(1, 3)):
        data = chance.choice(_WAYS)(data, chance)
    return name, data


# --- ways --------------------------------------------------------------------------

Way = Callable[[bytes, random.Random], bytes]
_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_LAYOUTS = ("<H", ">H", "<I", ">I")


def _place(data: bytes, chance: random.Random) -> int:
    """Anywhere; half of the time in the head or the tail, where structures stand."""
    if chance.random() < 0.5:
        return chance.randrange(max(1, len(data)))
    near = chance.randrange(min(600, len(data)) or 1)
    return near if chance.random() < 0.6 else max(0, len(data) - 1 - near)


def _flipped(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if out:
            out[_place(data, chance) % len(out)] ^= 1 << chance.randrange(8)
    return bytes(out)


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def _cut_and_filled(data: bytes, chance: random.Random) -> bytes:
    return _cut(data, chance).ljust(len(data), bytes((chance.choice((0, 0xFF)),)))


def _left_out(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.choice((1, 2, 4, 16, 200)) :]


def _doubled(data: bytes, chance: random.Random) -> bytes:
    at, size = _place(data, chance), chance.choice((1, 4, 12, 64, 500))
    return data[: at + size] + data[at:]


def _spliced(data: bytes, chance: random.Random) -> bytes:
    """A piece of another kind of file in place of what stood there."""
    other = seed(chance.choice(list(SEEDS)))
    at, start = _place(data, chance), _place(other, chance)
    piece = other[start : start + chance.choice((4, 16, 64, 400))]
    return data[:at] + piece + data[at + len(piece) :]


def _numbered(data: bytes, chance: random.Random) -> bytes:
    """A count, a length, an offset or a size out of all bounds."""
    layout, at = chance.choice(_LAYOUTS), _place(data, chance)
    value = chance.choice(_EXTREMES) & (0xFFFF if layout[1] == "H" else 0xFFFFFFFF)
    packed = struct.pack(layout, value)
    return data[:at] + packed + data[at + len(packed) :]


def _renumbered(data: bytes, chance: random.Random) -> bytes:
    """A number in the text of a PDF; in other files, a number of two bytes."""
    places = [n for n in range(len(data)) if data[n : n + 1].isdigit()]
    if not places or not data.startswith(b"%PDF"):
        return _numbered(data, chance)
    at = end = chance.choice(places)
    while data[end : end + 1].isdigit():
        end += 1
    value = chance.choice((b"0", b"-1", b"1", b"99999999", b"1e9", b"4294967296"))
    return data[:at] + value + data[end:]


def _repeated(data: bytes, chance: random.Random) -> bytes:
    """Noise or one byte for a stretch."""
    at, size = _place(data, chance), chance.choice((4, 40, 400))
    piece = chance.randbytes(size) if chance.random() < 0.5 else b"\xff" * size
    return data[:at] + piece + data[at + size :]


_WAYS: tuple[Way, ...] = (
    *(_flipped, _flipped, _cut, _cut_and_filled, _left_out, _doubled),
    *(_spliced, _numbered, _numbered, _renumbered, _repeated),
)
