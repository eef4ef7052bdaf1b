"""Are all segments of a JBIG2 image there (ITU-T T.88, 7.2; ISO 32000-1, 7.4.7)?

Nothing is decoded. A decoder paints a page that was cut white or black in silence, so
the list of segments must be whole: each as long as its header says, a page as large as
the image, and at least one region on it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

# Types of segments (T.88, 7.3). The immediate ones draw a region on the page: text,
# halftone, generic, refinement, each with its lossless kind.
_PAGE: Final = 48
_STRIPE_END: Final = 50
_IMMEDIATE: Final = frozenset({6, 7, 22, 23, 38, 39, 42, 43})
_LENGTH_UNKNOWN: Final = 0xFFFFFFFF
_HEIGHT_UNKNOWN: Final = 0xFFFFFFFF
_LONG_LIST: Final = 7
"""A count of references that says that the true one follows in four bytes (7.2.4)."""


@dataclass(frozen=True, slots=True)
class _Segment:
    number: int
    kind: int
    needs: tuple[int, ...]
    """The segments that it refers to: symbols, patterns, code tables."""
    data: bytes


def refuse_cut(shared: bytes, data: bytes, size: tuple[int, int]) -> None:
    """``shared`` is the /JBIG2Globals stream. Raises UnfitPage."""
    try:
        common = list(_segments(shared))
        found = list(_segments(data))
    except (struct.error, IndexError) as error:
        raise UnfitPage(ScanFault.TRUNCATED, "JBIG2 segments") from error
    there = {s.number for s in (*common, *found)}
    if not all(there.issuperset(s.needs) for s in found):
        raise UnfitPage(ScanFault.TRUNCATED, "JBIG2 symbols missing")
    page = next((s for s in found if s.kind == _PAGE), None)
    if page is None or len(page.data) < 19:  # noqa: PLR2004
        raise UnfitPage(ScanFault.DAMAGED, "JBIG2 without a page")
    width, height = struct.unpack(">II", page.data[:8])
    if width != size[0] or height not in (size[1], _HEIGHT_UNKNOWN):
        raise UnfitPage(ScanFault.CONTRADICTORY, "JBIG2 of another size")
    if not any(s.kind in _IMMEDIATE for s in found):
        raise UnfitPage(ScanFault.TRUNCATED, "JBIG2 without a picture")
    stripes = [
        struct.unpack(">I", s.data[:4])[0] for s in found if s.kind == _STRIPE_END
    ]
    if height == _HEIGHT_UNKNOWN and max(stripes, default=-1) + 1 < size[1]:
        raise UnfitPage(ScanFault.TRUNCATED, "JBIG2 rows missing")


def _segments(data: bytes) -> Iterator[_Segment]:
    at = 0
    while at < len(data):
        number, kind, needs, length, at = _head(data, at)
        # Allowed for one kind of region (7.2.7); only a decoder finds its end.
        if length == _LENGTH_UNKNOWN:
            raise UnfitPage(ScanFault.UNKNOWN_CODING, "JBIG2 segment without a length")
        if at + length > len(data):
            raise IndexError
        yield _Segment(number, kind, needs, data[at : at + length])
        at += length


def _head(data: bytes, at: int) -> tuple[int, int, tuple[int, ...], int, int]:
    """A segment's number, kind, references and length, and where its data start."""
    number, flags, count = struct.unpack_from(">IBB", data, at)
    at += 5
    references = count >> 5
    if references == _LONG_LIST:
        references = struct.unpack_from(">I", data, at)[0] & 0x1FFFFFFF
        # A bit for each reference, whether it is kept, and one for this segment.
        at += 4 + (references + 8) // 8
    else:
        at += 1
    # Before the list is unpacked: a count of half a billion would take the memory.
    if references > len(data):
        raise IndexError
    # The fewest bytes that hold this segment's number hold those before it (7.2.5).
    width = "B" if number <= 256 else "H" if number <= 65536 else "I"  # noqa: PLR2004
    needs = struct.unpack_from(f">{references}{width}", data, at)
    at += struct.calcsize(f">{references}{width}") + (4 if flags & 0x40 else 1)
    length = struct.unpack_from(">I", data, at)[0]
    return number, flags & 0x3F, needs, length, at + 4
