"""JPEG as a row of segments (ITU-T T.81 annex B): found, checked, and pruned.

Nothing is decoded here. ``split`` reads as forgivingly as libjpeg does, because every
viewer is libjpeg: junk between two markers and repeated fill bytes are skipped.
``pruned`` leaves of a table segment only the tables that a later scan really uses, for
a table that nobody reads can carry anything. Start at ``split``.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

# Markers of T.81, table B.1. C4, C8 and CC lie among the frames and are none: tables, a
# reserved one, and arithmetic conditioning.
SOI: Final = b"\xff\xd8"
EOI: Final = 0xD9
SOS: Final = 0xDA
DQT: Final = 0xDB
DNL: Final = 0xDC
DRI: Final = 0xDD
DHT: Final = 0xC4
APP0: Final = 0xE0
APP15: Final = 0xEF
COM: Final = 0xFE
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# TEM and the restart marks, which have no length behind them.
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_RESERVED: Final = frozenset(range(0x02, 0xC0))
# In coded data FF 00 is a pixel's byte, FF D0 to D7 a restart: both belong to the scan.
_NEXT: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")
_ANY: Final = re.compile(rb"\xff[^\x00]", re.DOTALL)
_FILL: Final = re.compile(rb"\xff{2,}")
_SYMBOLS: Final = 256
# 64 divisors, of one byte or two (T.81, B.2.4.1).
_QUANTISER_BYTES: Final = {0: 64, 1: 128}


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker with its parameters, and behind a scan header its coded data."""

    marker: int
    body: bytes
    coded: bytes = b""
    """Entropy-coded data up to the next marker; only behind a scan header."""
    unmarked: bool = False
    """Whether these are known to be codes alone, without a restart mark."""

    def head(self) -> bytes:
        size = struct.pack(">H", len(self.body) + 2)
        return bytes((0xFF, self.marker)) + size + self.body


def split(data: bytes) -> tuple[list[Segment], bytes]:
    """All segments up to the end marker, which must be there, and what stands behind
    it; raises UnfitPage.
    """
    if not data.startswith(SOI):
        raise UnfitPage(ScanFault.DAMAGED, "no JPEG")
    try:
        found = list(_segments(data))
    except (struct.error, IndexError) as error:
        raise UnfitPage(ScanFault.TRUNCATED, "JPEG") from error
    return found[:-1], found[-1].coded


def _segments(data: bytes) -> Iterator[Segment]:
    at = len(SOI)
    while True:
        at, marker = _marker(data, at)
        if marker == EOI:
            yield Segment(marker, b"", data[at:])
            return
        if marker in _BARE:
            continue
        if marker in _RESERVED:
            raise UnfitPage(ScanFault.DAMAGED, f"JPEG marker {marker:02x}")
        end = at + struct.unpack_from(">H", data, at)[0]
        if end > len(data):
            raise IndexError
        segment = Segment(marker, data[at + 2 : end])
        if marker == SOS:
            at, (end, plain) = end, _after_scan(data, end)
            coded = data[at:end] if plain else _FILL.sub(b"\xff", data[at:end])
            segment = replace(segment, coded=coded, unmarked=plain)
        yield segment
        at = end


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Past the next marker, and its number; what is no marker is skipped."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise IndexError
        while data[at] == 0xFF:  # noqa: PLR2004
            at += 1
        if data[at]:
            return at + 1, data[at]


def _after_scan(data: bytes, at: int) -> tuple[int, bool]:
    """Where the next marker stands, and whether it is the first one: then neither
    restarts nor fill lie before it. Of a usual page that one search is all.
    """
    first = _ANY.search(data, at)
    found = first and _NEXT.search(data, first.start())
    if first is None or found is None:
        raise IndexError
    if found.start() == first.start():
        return first.start(), True
    end = found.start()
    while data[end - 1] == 0xFF:  # noqa: PLR2004
        end -= 1
    return max(at, end), False


# --- tables ------------------------------------------------------------------------


def pruned(segments: list[Segment], needs: list[set[tuple[int, int]]]) -> list[Segment]:
    """The same without tables that no scan reads. ``needs`` has for each segment the
    tables that it reads: (marker of the table's segment, its first byte). Raises
    UnfitPage if a table is missing or makes no sense.
    """
    wanted: set[tuple[int, int]] = set()
    left: list[Segment] = []
    for segment, reads in zip(reversed(segments), reversed(needs), strict=True):
        wanted |= reads
        if segment.marker not in (DHT, DQT):
            left.append(segment)
            continue
        body = b"".join(
            table
            for table in reversed(list(_tables(segment)))
            if _take(wanted, _name(segment, table))
        )
        body = b"".join(reversed(_in_order(segment, body)))
        left += [replace(segment, body=body)] if body else []
    if wanted:
        raise UnfitPage(ScanFault.DAMAGED, "JPEG without a table")
    return left[::-1]


def _in_order(segment: Segment, body: bytes) -> list[bytes]:
    return list(_tables(replace(segment, body=body)))


def _take(wanted: set[tuple[int, int]], name: tuple[int, int]) -> bool:
    used = name in wanted
    wanted.discard(name)
    return used


def _name(segment: Segment, table: bytes) -> tuple[int, int]:
    """A quantiser's first byte has its precision beside its number."""
    mask = 0x0F if segment.marker == DQT else 0x1F
    return segment.marker, table[0] & mask


def _tables(segment: Segment) -> Iterator[bytes]:
    """Whole tables only; what is left behind the last one is no table."""
    body, at = segment.body, 0
    while at < len(body):
        size = _size(segment.marker, body, at)
        if size is None or at + size > len(body):
            return
        yield body[at : at + size]
        at += size


def _size(marker: int, body: bytes, at: int) -> int | None:
    if marker == DQT:
        size = _QUANTISER_BYTES.get(body[at] >> 4)
        return None if size is None else 1 + size
    return 17 + sum(body[at + 1 : at + 17])


def has_plain_codes(segments: list[Segment]) -> bool:
    """Whether no Huffman table names a value twice: a second code for one value is
    never written by an encoder, so it may be a place to put something else.
    """
    tables = (t for s in segments if s.marker == DHT for t in _tables(s))
    return all(len(set(table[17:])) == len(table) - 17 for table in tables)


def first_value(segments: list[Segment], name: int) -> int | None:
    """What the code of zeros means in the Huffman table called ``name``."""
    table = _huffman(segments, name)
    return None if table is None else table[17]


def code(segments: list[Segment], name: int, value: int) -> str | None:
    """The bits, as digits, that mean ``value`` in the Huffman table called ``name``
    (T.81, C.2); None if there is no such table, or no such value in it.
    """
    table = _huffman(segments, name)
    at = -1 if table is None else table.find(value, 17)
    if table is None or at < 0:
        return None
    number, first = 0, 17
    for length, count in enumerate(table[1:17], 1):
        if at < first + count:
            return f"{number + at - first:0{length}b}"
        number, first = (number + count) << 1, first + count
    return None


def _huffman(segments: list[Segment], name: int) -> bytes | None:
    """The last table of that name counts, as in libjpeg."""
    found = None
    for segment in segments:
        if segment.marker == DHT:
            found = next((t for t in _tables(segment) if t[0] == name), found)
    return found
