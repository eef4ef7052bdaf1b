"""TIFF's directories of tags (TIFF 6.0, section 2; BigTIFF).

Only this module reads a stranger's TIFF. What a page needs is then written into a file
of one page, which is the only one that a decoder opens, so that the count of the pages
and their pixels come from one reader (docs/decisions/0040). Start at ``directories``.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Final

from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

Order = str
"""``<`` or ``>``, as ``struct`` has it."""

WIDTH: Final = 256
HEIGHT: Final = 257
BITS: Final = 258
COMPRESSION: Final = 259
PHOTOMETRIC: Final = 262
FILL_ORDER: Final = 266
STRIP_OFFSETS: Final = 273
ORIENTATION: Final = 274
SAMPLES: Final = 277
ROWS_PER_STRIP: Final = 278
STRIP_BYTES: Final = 279
ACROSS: Final = 282
DOWN: Final = 283
PLANAR: Final = 284
T4_OPTIONS: Final = 292
UNIT: Final = 296
PREDICTOR: Final = 317
PALETTE: Final = 320
TILE_WIDTH: Final = 322
TILE_HEIGHT: Final = 323
TILE_OFFSETS: Final = 324
TILE_BYTES: Final = 325
EXTRA: Final = 338
FORMAT: Final = 339
JPEG_TABLES: Final = 347
SUBSAMPLING: Final = 530
POSITIONING: Final = 531
REFERENCE: Final = 532
ICC: Final = 34675
SUBFILE: Final = 254
OLD_SUBFILE: Final = 255

_CLASSIC: Final = 42
_BIG: Final = 43
# Of each type of value: how struct reads one number of it, and how many make a value.
_TYPES: Final = {
    1: ("B", 1),
    2: ("B", 1),
    3: ("H", 1),
    4: ("I", 1),
    5: ("I", 2),
    6: ("b", 1),
    7: ("B", 1),
    8: ("h", 1),
    9: ("i", 1),
    10: ("i", 2),
    11: ("f", 1),
    12: ("d", 1),
    13: ("I", 1),
    16: ("Q", 1),
    17: ("q", 1),
    18: ("Q", 1),
}
_MOST_DIRECTORIES: Final = 2_000
"""In one file; a page may have a thumbnail and a mask beside it."""
_MOST_TAGS: Final = 1_000
MOST_NUMBERS: Final = 1 << 20
"""The most numbers of one tag: more strips than any picture has rows."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One picture's tags; the numbers are read when they are asked for."""

    data: mmap
    order: Order
    tags: dict[int, tuple[int, int, int]]
    """Tag → type of the values, their count, where they stand."""

    def numbers(self, tag: int) -> tuple[Any, ...]:
        """Empty if the tag is absent; of a fraction both parts. Raises UnfitPage."""
        if tag not in self.tags:
            return ()
        kind, count, at = self.tags[tag]
        code, each = _TYPES[kind]
        if count > MOST_NUMBERS:
            raise UnfitPage(ScanFault.DAMAGED, f"TIFF tag {tag}")
        layout = f"{self.order}{count * each}{code}"
        if at + struct.calcsize(layout) > len(self.data):
            raise UnfitPage(ScanFault.TRUNCATED, f"TIFF tag {tag}")
        return struct.unpack_from(layout, self.data, at)

    def number(self, tag: int, default: int) -> int:
        found = self.numbers(tag)
        return int(found[0]) if found else default

    def fraction(self, tag: int) -> float | None:
        found = self.numbers(tag)
        if len(found) == 1:
            return float(found[0])
        return found[0] / found[1] if len(found) >= 2 and found[1] else None  # noqa: PLR2004

    def octets(self, tag: int) -> bytes:
        """A value of bytes; empty if it is absent or of another type."""
        if self.tags.get(tag, (0, 0, 0))[0] not in (1, 2, 7):
            return b""
        return bytes(self.numbers(tag))

    @property
    def size(self) -> tuple[int, int]:
        return self.number(WIDTH, 0), self.number(HEIGHT, 0)

    @property
    def compression(self) -> int:
        return self.number(COMPRESSION, 1)

    @property
    def is_tiled(self) -> bool:
        return TILE_OFFSETS in self.tags


def directories(data: mmap) -> Iterator[Directory]:
    """The pictures of the file's chain, in order, thumbnails and masks among them.

    Raises UnfitPage: *truncated* if the chain leads out of the file, *damaged* if it
    loops or makes no sense, *too-much-work* for a chain without end.
    """
    order, is_big, at = _head(data)
    seen: set[int] = set()
    while at:
        if at in seen:
            raise UnfitPage(ScanFault.DAMAGED, "TIFF directories in a loop")
        if len(seen) == _MOST_DIRECTORIES:
            raise UnfitPage(ScanFault.TOO_MUCH_WORK, "TIFF directories")
        seen.add(at)
        try:
            directory, at = _directory(data, order, at, is_big=is_big)
        except struct.error as error:
            raise UnfitPage(ScanFault.TRUNCATED, "TIFF directory") from error
        yield directory


def _head(data: mmap) -> tuple[Order, bool, int]:
    order = ">" if data[:2] == b"MM" else "<"
    try:
        (version,) = struct.unpack_from(order + "H", data, 2)
        if version == _CLASSIC:
            return order, False, struct.unpack_from(order + "I", data, 4)[0]
        size, zero, at = struct.unpack_from(order + "HHQ", data, 4)
    except struct.error as error:
        raise UnfitPage(ScanFault.TRUNCATED, "TIFF head") from error
    if (version, size, zero) != (_BIG, 8, 0):
        raise UnfitPage(ScanFault.DAMAGED, "TIFF head")
    return order, True, at


def _directory(
    data: mmap, order: Order, at: int, *, is_big: bool
) -> tuple[Directory, int]:
    count_as, entry_as, next_as = ("Q", "HHQ", "Q") if is_big else ("H", "HHI", "I")
    if at + struct.calcsize("<" + count_as) > len(data):
        raise UnfitPage(ScanFault.TRUNCATED, "TIFF directory")
    (count,) = struct.unpack_from(order + count_as, data, at)
    if count > _MOST_TAGS:
        raise UnfitPage(ScanFault.DAMAGED, "TIFF directory")
    at += struct.calcsize("<" + count_as)
    room = 8 if is_big else 4
    tags: dict[int, tuple[int, int, int]] = {}
    for _ in range(count):
        tag, kind, many = struct.unpack_from(order + entry_as, data, at)
        at += struct.calcsize("<" + entry_as)
        if kind in _TYPES:  # a type that nobody knows says nothing (TIFF 6, 2)
            place = _place(data, order, at, (kind, many), room)
            tags.setdefault(tag, (kind, many, place))
        at += room
    (following,) = struct.unpack_from(order + next_as, data, at)
    return Directory(data, order, tags), following


def _place(data: mmap, order: Order, at: int, value: tuple[int, int], room: int) -> int:
    """Where the numbers stand: in the entry itself if there is room for them."""
    code, each = _TYPES[value[0]]
    if struct.calcsize("<" + code) * each * value[1] <= room:
        return at
    offset: int = struct.unpack_from(order + ("Q" if room == 8 else "I"), data, at)[0]  # noqa: PLR2004
    return offset
