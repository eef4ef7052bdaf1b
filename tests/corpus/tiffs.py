"""TIFF files by code, every kind that a scanner or a fax server writes.

A writer of our own, so that no library's habits decide what is tried: both byte orders,
BigTIFF, strips and tiles, planes, every depth, fill orders, thumbnails. ``KINDS`` has
one small picture in each of them, and the pixels that a page must show.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageDraw

from corpus.odd_images import (
    changes,
    coded,
    fax,
    flat_line,
    group4,
    horizontal_line,
    lzw,
    segment,
)

SIZE = (120, 168)
DPI = 100
NONE, RLE, G3, G4, LZW, JPEG, DEFLATE, PACKBITS = 1, 2, 3, 4, 5, 7, 8, 32773
EOL = "0" * 11 + "1"
_TYPES = {"B": 1, "H": 3, "I": 4, "Q": 16}


@dataclass(frozen=True)
class Picture:
    """Tags and blocks of one directory; the places of the blocks are filled in."""

    tags: dict[int, Any]
    blocks: list[bytes]
    extra: dict[int, Any] = field(default_factory=dict)

    def with_tags(self, **tags: Any) -> "Picture":
        more = {int(name[1:]): value for name, value in tags.items()}
        return replace(self, tags=self.tags | more)


# --- the picture -------------------------------------------------------------------


@cache
def sheet(mode: str = "RGB", number: int = 1) -> Image.Image:
    """A page of writing, lines and colour patches; no two ways up look alike."""
    image = Image.new("RGB", SIZE, (250, 248, 240))
    draw = ImageDraw.Draw(image)
    draw.text((8, 6), f"TRANG {number}", fill=(10, 10, 30), font_size=18)
    for n in range(7):
        draw.line((8, 42 + 8 * n, 110 - 6 * n, 42 + 8 * n), fill=(60, 60, 60))
    draw.ellipse((12, 102, 54, 144), outline=(180, 20, 30), width=3)
    draw.rectangle((72, 120, 114, 162), fill=(20, 90, 160))
    draw.rectangle((0, 0, 18, 3), fill=(0, 0, 0))
    if mode == "1":
        return image.convert("L").point(lambda v: 255 if v > 128 else 0).convert("1")
    return image if mode == "RGB" else image.convert(mode)


def few(bits: int) -> Image.Image:
    """Grey of so many bits, scaled to eight."""
    most = (1 << bits) - 1
    table = [round(v * most / 255) * 255 // most for v in range(256)]
    return sheet("L").point(table)


@cache
def colours() -> Image.Image:
    """At most sixteen of them, as numbers."""
    return sheet().quantize(16, dither=Image.Dither.NONE)


# --- the writer --------------------------------------------------------------------


def tiff(pictures: Sequence[Picture], *, order: str = "<", big: bool = False) -> bytes:
    """The file: head, then for each picture its blocks, values and directory."""
    long = "Q" if big else "I"
    head = b"II" if order == "<" else b"MM"
    magic = (
        struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    )
    out = bytearray(head + magic + bytes(struct.calcsize("<" + long)))
    link = len(out) - struct.calcsize("<" + long)
    for picture in pictures:
        tags = dict(picture.tags)
        offsets, tiled = [], 322 in tags
        for block in picture.blocks:
            offsets.append(len(out))
            out += block + bytes(len(block) % 2)
        tags[324 if tiled else 273] = offsets
        tags.setdefault(325 if tiled else 279, [len(b) for b in picture.blocks])
        at = _directory(out, tags, order, long)
        struct.pack_into(order + long, out, link, at)
        link = len(out) - struct.calcsize("<" + long)
    return bytes(out)


def _directory(out: bytearray, tags: dict[int, Any], order: str, long: str) -> int:
    room = struct.calcsize("<" + long)
    entries = []
    for tag, value in sorted(tags.items()):
        kind, count, packed = _value(value, order, long)
        if len(packed) > room:
            place = len(out)
            out += packed + bytes(len(packed) % 2)
            packed = struct.pack(order + long, place)
        entries.append(
            struct.pack(order + "HH" + long, tag, kind, count)
            + packed.ljust(room, b"\0")
        )
    at = len(out)
    out += struct.pack(order + ("Q" if room == 8 else "H"), len(entries))
    out += b"".join(entries) + bytes(room)
    return at


def _value(value: Any, order: str, long: str) -> tuple[int, int, bytes]:
    if isinstance(value, bytes):
        return 7, len(value), value
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode() + b"\0"
    if isinstance(value, float):
        return 5, 1, struct.pack(order + "II", round(value * 1000), 1000)
    numbers = value if isinstance(value, list) else [value]
    code = "H" if max(numbers) < 1 << 16 else long
    packed = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
    return _TYPES[code], len(numbers), packed


# --- samples -----------------------------------------------------------------------


def samples(image: Image.Image) -> Any:
    """Rows × columns × channels."""
    found = np.asarray(image.convert("L") if image.mode == "1" else image)
    return found.reshape(image.height, image.width, -1)


def packed(values: Any, bits: int, order: str = "<") -> bytes:
    """Rows of samples of so many bits, each row from a whole byte."""
    if bits == 16:
        return values.astype(order + "u2").tobytes()
    if bits == 8:
        return values.astype(np.uint8).tobytes()
    rows = values.reshape(values.shape[0], -1)
    spread = (rows[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(
        spread.reshape(rows.shape[0], -1).astype(np.uint8), axis=1
    ).tobytes()


def differences(values: Any, bits: int) -> Any:
    """Predictor 2: each sample less the one on its left."""
    out = values.astype(np.int64)
    out[:, 1:] -= values.astype(np.int64)[:, :-1]
    return out & ((1 << bits) - 1)


def packbits(data: bytes) -> bytes:
    """Runs and literals (TIFF 6.0, section 9), with the byte that means nothing."""
    out, at = b"\x80", 0
    while at < len(data):
        run = 1
        while run < 128 and data[at : at + run + 1] == data[at : at + 1] * (run + 1):
            run += 1
        if run > 2:
            out += bytes((257 - run, data[at]))
            at += run
            continue
        literal = data[at : at + 100]
        out += bytes((len(literal) - 1,)) + literal
        at += len(literal)
    return out


def reversed_bits(data: bytes) -> bytes:
    return data.translate(bytes(int(f"{n:08b}"[::-1], 2) for n in range(256)))


_BYTES: dict[int, Callable[[bytes], bytes]] = {
    NONE: lambda data: data,
    LZW: lzw,
    DEFLATE: zlib.compress,
    32946: zlib.compress,
    PACKBITS: packbits,
}


def picture(
    values: Any,
    *,
    bits: int = 8,
    photometric: int = 2,
    compression: int = NONE,
    block: tuple[int, int] | None = None,
    tiled: bool = False,
    planar: bool = False,
    predictor: int = 1,
    fill: int = 1,
    order: str = "<",
    **tags: Any,
) -> Picture:
    """``values`` are rows × columns × samples; ``block`` is a strip's rows or a tile's
    sides, ``tags`` are named ``t`` and their number."""
    height, width, channels = values.shape
    wide, high = block or (width, height)
    planes = [values[..., n : n + 1] for n in range(channels)] if planar else [values]
    blocks = [
        _encoded(
            _cut(plane, x, y, (wide, high), tiled=tiled),
            bits,
            compression,
            predictor,
            order,
        )
        for plane in planes
        for y in range(0, height, high)
        for x in range(0, width, wide)
    ]
    blocks = [reversed_bits(b) for b in blocks] if fill == 2 else blocks
    known = _tags((width, height), [bits] * channels, photometric, compression)
    known |= {322: wide, 323: high} if tiled else {278: high}
    known |= {284: 2} if planar else {}
    known |= {317: predictor} if predictor > 1 else {}
    known |= {266: fill} if fill > 1 else {}
    return Picture(known, blocks).with_tags(**tags)


def _cut(values: Any, x: int, y: int, size: tuple[int, int], *, tiled: bool) -> Any:
    part = values[y : y + size[1], x : x + size[0]]
    if not tiled:
        return part
    lack = ((0, size[1] - part.shape[0]), (0, size[0] - part.shape[1]), (0, 0))
    return np.pad(part, lack, mode="edge")


def _encoded(
    values: Any, bits: int, compression: int, predictor: int, order: str
) -> bytes:
    if compression in (RLE, G3, G4):
        return _fax(values, compression)
    values = differences(values, bits) if predictor > 1 else values
    return _BYTES[compression](packed(values, bits, order))


def _fax(values: Any, compression: int) -> bytes:
    image = Image.fromarray(((1 - values[..., 0]) * 255).astype(np.uint8)).convert("1")
    if compression == RLE:
        return fax(image, flat_line, aligned=True)
    if compression == G3:
        return fax(image, flat_line, before=EOL, end=EOL * 6)
    return fax(image, horizontal_line, end=EOL * 2)


def _tags(
    size: tuple[int, int], bits: list[int], photometric: int, compression: int
) -> dict[int, Any]:
    return {
        256: size[0],
        257: size[1],
        258: bits,
        259: compression,
        262: photometric,
        277: len(bits),
        282: float(DPI),
        283: float(DPI),
        296: 2,
    }


# --- JPEG --------------------------------------------------------------------------


def jpeg_picture(
    image: Image.Image,
    *,
    rows: int | None = None,
    tile: int | None = None,
    photometric: int = 6,
    shared_tables: bool = True,
    **options: Any,
) -> Picture:
    """Strips or tiles, each a JPEG; its tables stand once in JPEGTables if shared."""
    width, height = image.size
    wide, high = (tile, tile) if tile else (width, rows or height)
    _, parts = _parts(image, rows, tile)
    whole = [coded(part, **options) for part in parts]
    known = _tags((width, height), [8] * len(image.getbands()), photometric, JPEG)
    known |= {322: wide, 323: high} if tile else {278: high}
    if shared_tables:
        known[347] = (
            b"\xff\xd8" + b"".join(_segments(whole[0], (0xDB, 0xC4))) + b"\xff\xd9"
        )
        whole = [_abbreviated(data) for data in whole]
    return Picture(known, whole)


def _parts(
    image: Image.Image, rows: int | None, tile: int | None
) -> tuple[list[tuple[int, int]], list[Image.Image]]:
    """Where the blocks stand, and their pixels; a tile is whole at the edge, too."""
    width, height = image.size
    wide, high = (tile, tile) if tile else (width, rows or height)
    boxes = [(x, y) for y in range(0, height, high) for x in range(0, width, wide)]
    return boxes, [
        image.crop((x, y, x + wide, y + high if tile else min(height, y + high)))
        for x, y in boxes
    ]


def _segments(data: bytes, markers: Iterable[int]) -> list[bytes]:
    at, found = 2, []
    while data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] in markers:
            found.append(data[at : at + size])
        at += size
    return found


def _abbreviated(data: bytes) -> bytes:
    """Without its tables and its JFIF mark, as libtiff writes a strip."""
    frame = b"".join(_segments(data, (0xC0, 0xDD)))
    return b"\xff\xd8" + frame + data[data.index(b"\xff\xda") :]


# --- every kind --------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    make: Callable[[str], Picture]
    """In a byte order."""
    truth: Callable[[], Image.Image] = sheet
    """What the page shows; every pixel of it, unless ``near``."""
    near: int = 0
    """Levels by which a pixel may differ: JPEG, and colour spaces."""
    done: str = "re-encoded"


def _black(image: Image.Image) -> Any:
    """One bit, black being 1."""
    return (samples(image) == 0).astype(np.uint8)


def _lab() -> Any:
    lab = ImageCms.profileToProfile(
        sheet(),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    return samples(lab)  # its bytes are TIFF's: a and b signed


def _cmyk() -> Any:
    """Paper and pure black."""
    black = 255 - samples(sheet("1"))
    return np.concatenate([np.zeros((*black.shape[:2], 3), np.uint8), black], axis=2)


def _deep(image: Image.Image) -> Any:
    return samples(image).astype(np.uint16) * 257


def _halved(_: str) -> Picture:
    """YCbCr of 2 × 2, not compressed: four luma samples, then the two chroma ones."""
    ycc = samples(sheet().convert("YCbCr")).astype(np.uint16)
    high, wide = ycc.shape[0] // 2, ycc.shape[1] // 2
    cells = ycc.reshape(high, 2, wide, 2, 3)
    luma = cells[..., 0].transpose(0, 2, 1, 3).reshape(high, wide, 4)
    chroma = cells[..., 1:].mean(axis=(1, 3)).round()
    data = np.concatenate([luma, chroma], axis=2).astype(np.uint8).tobytes()
    return Picture(_tags(SIZE, [8] * 3, 6, NONE) | {278: SIZE[1], 530: [2, 2]}, [data])


def _numbered(bits: int) -> Image.Image:
    return colours() if bits > 2 else sheet().quantize(1 << bits, dither=_NO_DITHER)


_NO_DITHER = Image.Dither.NONE


def _palette(order: str, bits: int) -> Picture:
    image = _numbered(bits)
    flat = (image.getpalette() or []) + [0] * 768
    table = [flat[3 * n + c] * 257 for c in range(3) for n in range(1 << bits)]
    return picture(
        samples(image),
        order=order,
        bits=bits,
        photometric=3,
        compression=LZW,
        t320=table,
    )


def _grey(order: str, bits: int, *, negative: bool, **options: Any) -> Picture:
    most = (1 << bits) - 1
    values = samples(few(min(bits, 8))).astype(np.uint16)
    values = values * 257 if bits == 16 else values * most // 255
    values = most - values if negative else values
    white = 0 if negative else 1
    return picture(values, order=order, bits=bits, photometric=white, **options)


def _two_dimensional(_: str) -> Picture:
    """Group 3 with a tag behind each mark: flat lines, and lines beside those above."""
    bits = "".join(EOL + row for row in _tagged_lines(sheet("1"))) + (EOL + "1") * 6
    bits += "0" * (-len(bits) % 8)
    data = int("1" + bits, 2).to_bytes(len(bits) // 8 + 1, "big")[1:]
    return Picture(_tags(SIZE, [1], 0, G3) | {278: SIZE[1], 292: 1}, [data])


def _tagged_lines(image: Image.Image) -> list[str]:
    return [
        "1" + flat_line(row, image.width)
        if n % 2 == 0
        else "0" + horizontal_line(row, image.width)
        for n, row in enumerate(changes(image))
    ]


def _rgba(_: str, kind: int) -> Picture:
    alpha = np.asarray(Image.linear_gradient("L").resize(SIZE))[..., None]
    colour = samples(sheet()).astype(np.uint16)
    if kind == 1:
        colour = (colour * alpha + 127) // 255
    return picture(
        np.concatenate([colour.astype(np.uint8), alpha], axis=2), t338=[kind]
    )


def _rgba_truth() -> Image.Image:
    image = sheet().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    paper = Image.new("RGBA", SIZE, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _idle_alpha(_: str) -> Picture:
    clear = np.zeros((SIZE[1], SIZE[0], 1), np.uint8)
    return picture(np.concatenate([samples(sheet()), clear], axis=2))


def _rgb(order: str, **options: Any) -> Picture:
    return picture(samples(sheet()), order=order, **options)


def _rgb16(order: str, **options: Any) -> Picture:
    return picture(_deep(sheet()), order=order, bits=16, **options)


def _bits(order: str, *, flip: bool = False, **options: Any) -> Picture:
    """``flip``: the same pixels with 1 as white, which the tag then says."""
    values = _black(sheet("1"))
    values = 1 - values if flip else values
    options = {"photometric": 1 if flip else 0} | options
    return picture(values, order=order, bits=1, **options)


def _jpeg(_: str, mode: str = "RGB", **options: Any) -> Picture:
    return jpeg_picture(sheet(mode), **options)


def _of(make: Callable[..., Picture], mode: str = "RGB", **options: Any) -> Kind:
    return Kind(partial(make, **options), partial(sheet, mode))


def _photo(near: int = 0, done: str = "embedded", **options: Any) -> Kind:
    return Kind(partial(_jpeg, **options), partial(_photo_truth, **options), near, done)


def _photo_truth(mode: str = "RGB", **options: Any) -> Image.Image:
    """Each block decoded alone, by Pillow."""
    boxes, parts = _parts(sheet(mode), options.get("rows"), options.get("tile"))
    coding = {k: v for k, v in options.items() if k in ("quality", "subsampling")}
    page = Image.new(mode, SIZE)
    for box, part in zip(boxes, parts, strict=True):
        page.paste(Image.open(io.BytesIO(coded(part, **coding))), box)
    return page


_TILES = {"block": (32, 48), "tiled": True}
_CODINGS = {
    "plain": NONE,
    "lzw": LZW,
    "deflate": DEFLATE,
    "old-deflate": 32946,
    "packbits": PACKBITS,
}
KINDS: dict[str, Kind] = {
    **{
        f"rgb-{name}": _of(_rgb, compression=code, block=(120, 33))
        for name, code in _CODINGS.items()
    },
    "rgb-tiles": _of(_rgb, compression=DEFLATE, **_TILES),
    "rgb-planes": _of(_rgb, planar=True, block=(120, 90)),
    "rgb-planes-lzw": _of(_rgb, planar=True, compression=LZW),
    "rgb-planes-tiles": _of(_rgb, planar=True, compression=DEFLATE, **_TILES),
    "rgb-predictor-lzw": _of(_rgb, predictor=2, compression=LZW, block=(120, 50)),
    "rgb-predictor-deflate": _of(_rgb, predictor=2, compression=DEFLATE),
    "rgb-16": _of(_rgb16),
    "rgb-16-predictor": _of(_rgb16, predictor=2, compression=LZW),
    "rgb-fill-order": _of(_rgb, fill=2, compression=LZW),
    "rgb-idle-alpha": _of(_idle_alpha),
    "rgba": Kind(partial(_rgba, kind=2), _rgba_truth, near=1),
    "rgba-premultiplied": Kind(partial(_rgba, kind=1), _rgba_truth, near=2),
    **{
        f"grey-{bits}{'-negative' * negative}-{name}": Kind(
            partial(_grey, bits=bits, negative=negative, compression=_CODINGS[name]),
            partial(few, min(bits, 8)),
        )
        for bits in (2, 4, 8, 16)
        for negative in (False, True)
        for name in ("plain", "lzw")
    },
    **{
        f"palette-{bits}": Kind(partial(_palette, bits=bits), partial(_numbered, bits))
        for bits in (1, 2, 4, 8)
    },
    "bits": _of(_bits, "1"),
    "bits-fill-order": _of(_bits, "1", fill=2),
    "bits-packbits": _of(_bits, "1", compression=PACKBITS, block=(120, 31)),
    "bits-black-is-zero": _of(_bits, "1", flip=True),
    "fax-rle": _of(_bits, "1", compression=RLE),
    "fax-group3": _of(_bits, "1", compression=G3, block=(120, 100)),
    "fax-group3-2d": Kind(_two_dimensional, partial(sheet, "1")),
    "fax-group4": _of(_bits, "1", compression=G4),
    "fax-group4-strips": _of(_bits, "1", compression=G4, block=(120, 40)),
    "fax-group4-tiles": _of(_bits, "1", compression=G4, block=(64, 64), tiled=True),
    "fax-fill-order": _of(_bits, "1", compression=G4, fill=2),
    "fax-black-is-zero": _of(_bits, "1", flip=True, compression=G4),
    "fax-libtiff": Kind(lambda _: libtiff_fax(), partial(sheet, "1"), done="embedded"),
    "cmyk": Kind(
        lambda order: picture(_cmyk(), photometric=5, order=order),
        partial(sheet, "1"),
        near=33,
    ),
    "lab": Kind(
        lambda order: picture(_lab(), photometric=8, compression=LZW, order=order),
        near=4,
    ),
    "ycc": Kind(_halved, near=140),
    "jpeg": _photo(),
    "jpeg-own-tables": _photo(shared_tables=False),
    # Readers smooth halved chroma over the seam, which was not there before.
    "jpeg-strips": _photo(60, rows=64),
    "jpeg-strips-fine": _photo(rows=24, quality=95, subsampling=0),
    "jpeg-grey-strips": _photo(mode="L", rows=40, photometric=1),
    "jpeg-odd-strips": _photo(rows=50, done="re-encoded"),
    "jpeg-tiles": _photo(tile=48, done="re-encoded"),
}


def libtiff_fax() -> Picture:
    """Group 4 as every scanner's library writes it: one strip."""
    return Picture(_tags(SIZE, [1], 0, G4) | {278: SIZE[1]}, [group4(sheet("1"))])


def every(
    order: str = "<", *, big: bool = False, names: Iterable[str] = KINDS
) -> bytes:
    """A page of each kind, in the order of their names here."""
    return tiff([KINDS[name].make(order) for name in names], order=order, big=big)


def leaf(number: int) -> Image.Image:
    """What stands on that page of ``book``."""
    return sheet(("RGB", "1", "L")[number % 3], number)


def book(number: int = 3) -> bytes:
    """Pages of different kinds, a thumbnail behind each and a mask behind the first."""
    pictures = []
    for n in range(1, number + 1):
        image = leaf(n)
        pictures.append(_page(image).with_tags(t254=2, t297=[n - 1, number]))
        small = image.convert("RGB").resize((50, 70))
        pictures.append(picture(samples(small), t254=1))
    mask = picture(_black(sheet("1")), bits=1, photometric=4, t254=4)
    return tiff([*pictures[:2], mask, *pictures[2:]])


def _page(image: Image.Image) -> Picture:
    if image.mode == "1":
        return picture(_black(image), bits=1, photometric=0, compression=G4)
    return picture(samples(image), photometric=2 if image.mode == "RGB" else 1)


def stuffed(secret: bytes) -> bytes:
    """``secret`` in every place of a TIFF that no picture is in."""
    gps = secret.decode()
    notes = {
        f"t{tag}": gps for tag in (269, 270, 271, 272, 305, 315, 316, 33432, 37510)
    }
    blobs = {f"t{tag}": secret for tag in (700, 33723, 34377, 50341, 65000, 34675)}
    page = picture(samples(sheet()), compression=LZW, block=(120, 70), **notes, **blobs)
    page = replace(page, blocks=[block + secret for block in page.blocks])
    fax_page = picture(
        _black(sheet("1")), bits=1, photometric=0, compression=G4, **notes
    )
    fax_page = replace(fax_page, blocks=[fax_page.blocks[0] + secret])
    photo = jpeg_picture(sheet(), rows=64)
    noted = [b"\xff\xd8" + segment(0xFE, secret) + b[2:] + secret for b in photo.blocks]
    tables = photo.tags[347][:-2] + segment(0xFE, secret) + b"\xff\xd9" + secret
    photo = replace(photo, blocks=noted).with_tags(t347=tables, **notes)
    thumbnail = picture(samples(sheet().resize((40, 56))), t254=1, **notes)
    return tiff([page, thumbnail, fax_page, photo]) + secret
