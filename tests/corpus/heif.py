"""HEIC files by code: boxes of our own round coded pictures that were made once.

What telephones do to a picture stands in its properties and references, so those are
written here: turned, mirrored, cropped, in a grid, beside others (ISO/IEC 23008-12).
The pictures themselves are files/heif, made by ``make_heif.py``.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from corpus.tiffs import sheet

FILES = Path(__file__).parent / "files" / "heif"
PAGE = (128, 176)
TILED = (128, 128)
TILE = 64
NAMES = ("page", "tile-0", "tile-1", "tile-2", "tile-3")


def page() -> Image.Image:
    """What the coded page shows, before HEVC."""
    return sheet().resize(PAGE)


def tiled() -> Image.Image:
    """What the four tiles show together."""
    return sheet().resize(TILED)


# --- boxes -------------------------------------------------------------------------


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


@dataclass(frozen=True)
class Item:
    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    """Whole boxes, in the order in which they are applied."""
    hidden: bool = False
    points_to: tuple[bytes, tuple[int, ...]] | None = None
    """A reference's kind, and the items that it names, from 1."""
    within: bool = False
    """Whether its data stand in the meta box."""


def heic(
    items: Sequence[Item], *, primary: int = 1, brands: bytes = b"mif1heic"
) -> bytes:
    """The file; items are numbered from 1."""
    head = box(b"ftyp", b"heic", bytes(4), brands)
    length = len(_meta(items, primary, [0] * len(items)))
    at, places = len(head) + length + 8, []
    for item in items:
        places.append(at)
        at += 0 if item.within else len(item.data)
    data = b"".join(item.data for item in items if not item.within)
    return head + _meta(items, primary, places) + box(b"mdat", data)


def _meta(items: Sequence[Item], primary: int, places: list[int]) -> bytes:
    handler = full(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13))
    return full(
        b"meta", 0, 0,
        *(handler, full(b"pitm", 0, 0, struct.pack(">H", primary))),
        *(_places(items, places), _names(items), _references(items)),
        *(_properties(items), box(b"idat", _inner(items))),
    )  # fmt: skip


def _inner(items: Sequence[Item]) -> bytes:
    return b"".join(item.data for item in items if item.within)


def _places(items: Sequence[Item], places: list[int]) -> bytes:
    entries, inside = b"", 0
    for number, (item, at) in enumerate(zip(items, places, strict=True), 1):
        start = inside if item.within else at
        inside += len(item.data) if item.within else 0
        entries += struct.pack(">HHH", number, int(item.within), 0)
        entries += struct.pack(">HII", 1, start, len(item.data))
    return full(b"iloc", 1, 0, b"\x44\x00", struct.pack(">H", len(items)), entries)


def _names(items: Sequence[Item]) -> bytes:
    entries = [
        full(b"infe", 2, int(item.hidden), struct.pack(">HH", n, 0), item.kind, b"\0")
        for n, item in enumerate(items, 1)
    ]
    return full(b"iinf", 0, 0, struct.pack(">H", len(items)), *entries)


def _references(items: Sequence[Item]) -> bytes:
    found = b""
    for number, item in enumerate(items, 1):
        if item.points_to is None:
            continue
        kind, named = item.points_to
        packed = struct.pack(f">HH{len(named)}H", number, len(named), *named)
        found += box(kind, packed)
    return full(b"iref", 0, 0, found)


def _properties(items: Sequence[Item]) -> bytes:
    stored: list[bytes] = []
    entries = b""
    for number, item in enumerate(items, 1):
        entries += struct.pack(">HB", number, len(item.properties))
        for each in item.properties:
            if each not in stored:
                stored.append(each)
            entries += bytes((0x80 | (stored.index(each) + 1),))
    tied = full(b"ipma", 0, 0, struct.pack(">I", len(items)), entries)
    return box(b"iprp", box(b"ipco", *stored), tied)


def extent(width: int, height: int) -> bytes:
    return full(b"ispe", 0, 0, struct.pack(">II", width, height))


def turned(quarters: int) -> bytes:
    """Quarters against the clock."""
    return box(b"irot", bytes((quarters,)))


def mirrored(axis: int) -> bytes:
    """0: top and bottom change places; 1: left and right do."""
    return box(b"imir", bytes((axis,)))


def cropped(
    size: tuple[int, int], corner: tuple[int, int], whole: tuple[int, int] = PAGE
) -> bytes:
    """A clean aperture: its size, and how far its middle lies from the picture's."""
    across, down = (2 * corner[n] + size[n] - whole[n] for n in (0, 1))
    numbers = (size[0], 1, size[1], 1, across, 2, down, 2)
    return box(
        b"clap", struct.pack(">4I", *numbers[:4]), struct.pack(">iIiI", *numbers[4:])
    )


# --- coded pictures ----------------------------------------------------------------


@cache
def coded(name: str) -> tuple[bytes, bytes]:
    """The decoder's configuration (an hvcC box), and the picture's data."""
    data = (FILES / f"{name}.heic").read_bytes()
    at = data.index(b"hvcC") - 4
    config = data[at : at + int.from_bytes(data[at : at + 4], "big")]
    start = data.index(b"mdat") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big")
    return config, data[start : start - 8 + size]


def still(
    name: str = "page", *more: bytes, size: tuple[int, int] = PAGE, **keys
) -> Item:
    config, data = coded(name)
    return Item(b"hvc1", data, (config, extent(*size), *more), **keys)


def exif_item(of: int, orientation: int, note: bytes = b"") -> Item:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if note:
        exif[0x010E] = note.decode()
    data = exif.tobytes()
    return Item(
        b"Exif", struct.pack(">I", 6) + data, hidden=True, points_to=(b"cdsc", (of,))
    )


def plain() -> bytes:
    return heic([still()])


def grid() -> bytes:
    """Two by two tiles, as telephones write every photograph."""
    shape = bytes((0, 0, 1, 1)) + struct.pack(">HH", *TILED)
    whole = Item(
        b"grid",
        shape,
        (extent(*TILED),),
        points_to=(b"dimg", (2, 3, 4, 5)),
        within=True,
    )
    tiles = [still(f"tile-{n}", size=(TILE, TILE), hidden=True) for n in range(4)]
    return heic([whole, *tiles])


def two() -> bytes:
    """The second one is the main picture."""
    return heic([still("tile-0", size=(TILE, TILE)), still("page")], primary=2)


def stuffed(secret: bytes) -> bytes:
    """Exif, XMP, an unknown item, a free box, and bytes behind the end."""
    xmp = Item(b"mime", b"application/rdf+xml\0" + secret, hidden=True)
    other = Item(b"uri ", secret, hidden=True)
    items = [still(), exif_item(1, 6, secret), xmp, other]
    return heic(items) + box(b"free", secret) + secret
