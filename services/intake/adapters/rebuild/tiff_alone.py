"""One picture of a TIFF as a file of its own, with nothing but what decoding needs.

A decoder meets no chain of directories, no thumbnail, no note and no byte between the
strips of the stranger's file: which page it decodes is not asked of it.
"""

import struct
import zlib
from dataclasses import replace
from typing import Final

from intake.adapters.rebuild import tiff
from intake.adapters.rebuild.tiff import Directory
from intake.adapters.rebuild.tiff_blocks import TiffBlock

_KEPT: Final = (
    *(tiff.WIDTH, tiff.HEIGHT, tiff.BITS, tiff.COMPRESSION, tiff.FILL_ORDER),
    *(tiff.SAMPLES, tiff.ROWS_PER_STRIP, tiff.PLANAR, tiff.PREDICTOR, tiff.PALETTE),
    *(tiff.TILE_WIDTH, tiff.TILE_HEIGHT, tiff.EXTRA, tiff.FORMAT, tiff.SUBSAMPLING),
    *(tiff.POSITIONING, tiff.REFERENCE),
)
_PLAIN: Final = 1
_DEFLATE: Final = 8
_LUMA: Final = 6
_QUICK: Final = 1
_SHORT: Final = 3
_LONG: Final = 4
_RATIONAL: Final = 5
_FORMATS: Final = {_SHORT: "H", _LONG: "I", _RATIONAL: "I"}
_ENTRY: Final = 12
_INLINE: Final = 4
"""Bytes of a value that stands in its entry."""


def written(
    directory: Directory, blocks: list[TiffBlock], *, photometric: int
) -> bytes:
    """A classic TIFF in the byte order of the source, ``photometric`` in place of what
    the source says. Numbers are written in the types of TIFF 6.0, whatever they had.
    """
    deflated = photometric == _LUMA and directory.compression == _PLAIN
    if deflated:
        # Pillow reads plain rows by itself, and knows no luma with less chroma; what is
        # compressed it leaves to libtiff, which does.
        blocks = [replace(b, data=zlib.compress(b.data, _QUICK)) for b in blocks]
    places = _places(directory, blocks)
    coding = {tiff.COMPRESSION: (_SHORT, (_DEFLATE,))} if deflated else {}
    tags = _tags(directory, photometric) | places | coding
    entries = dict(sorted(tags.items()))
    order, at = directory.order, 8 + 2 + _ENTRY * len(entries) + 4
    # The blocks' bytes come last: where they begin is known when all else is laid out.
    start = at + sum(_outside(value) for value in entries.values())
    entries |= _shifted(directory, entries, start)
    table, values = b"", b""
    for tag, (kind, numbers) in entries.items():
        packed = struct.pack(f"{order}{len(numbers)}{_FORMATS[kind]}", *numbers)
        count = len(numbers) // (2 if kind == _RATIONAL else 1)
        table += struct.pack(order + "HHI", tag, kind, count)
        if len(packed) <= _INLINE:
            table += packed.ljust(_INLINE, b"\x00")
            continue
        table += struct.pack(order + "I", at + len(values))
        values += packed
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    many = struct.pack(order + "H", len(entries))
    return b"".join((head, many, table, bytes(4), values, *(b.data for b in blocks)))


Value = tuple[int, tuple[int, ...]]
"""A type and its numbers."""


def _tags(directory: Directory, photometric: int) -> dict[int, Value]:
    kept: dict[int, Value] = {tiff.PHOTOMETRIC: (_SHORT, (photometric,))}
    for tag in _KEPT:
        numbers = directory.numbers(tag)
        if numbers and tag != tiff.REFERENCE:
            kind = _SHORT if max(numbers) < 1 << 16 else _LONG
            kept[tag] = (kind, tuple(int(n) & 0xFFFFFFFF for n in numbers))
        elif numbers and directory.tags[tag][0] == _RATIONAL:
            kept[tag] = (_RATIONAL, numbers)
    return kept


def _places(directory: Directory, blocks: list[TiffBlock]) -> dict[int, Value]:
    at, offsets = 0, []
    for block in blocks:
        offsets.append(at)
        at += len(block.data)
    lengths = tuple(len(block.data) for block in blocks)
    return {
        _offsets_tag(directory): (_LONG, tuple(offsets)),
        tiff.TILE_BYTES if directory.is_tiled else tiff.STRIP_BYTES: (_LONG, lengths),
    }


def _shifted(
    directory: Directory, entries: dict[int, Value], start: int
) -> dict[int, Value]:
    tag = _offsets_tag(directory)
    kind, offsets = entries[tag]
    return {tag: (kind, tuple(start + offset for offset in offsets))}


def _offsets_tag(directory: Directory) -> int:
    return tiff.TILE_OFFSETS if directory.is_tiled else tiff.STRIP_OFFSETS


def _outside(value: Value) -> int:
    kind, numbers = value
    size = len(numbers) * (2 if kind == _SHORT else 4)
    return size if size > _INLINE else 0
