"""A draft from the skeleton that qpdf wrote and the page images where they lie.

qpdf writes catalog, pages, clause page and every dictionary; in place of each image's
bytes it writes a mark. Here each mark becomes a stretch of the original, and the
cross-reference table (ISO 32000-1 section 7.5.4) learns the places that come of it. So
no image is read, copied or written before the one hash and the one write of the copy.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from signing.domain.rope import Held, Octets, Rope, Stretch

_END: Final = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\n\Z")
_TAIL_BYTES: Final = 64
_TABLE: Final = re.compile(rb"xref\n0 (\d{1,7})\n")
_ENTRY_BYTES: Final = 20
_OFFSET_DIGITS: Final = 10


_SIGN: Final = os.urandom(16).hex().encode()
"""Tells a mark from anything else that may stand in a stream."""
_MARK: Final = re.compile(
    rb"/Length \d+ >>\nstream\n" + _SIGN + rb" (\d+)(?=\nendstream\n)"
)


def mark(index: int) -> bytes:
    """Stands where the bytes of this image will be."""
    return b"%b %d" % (_SIGN, index)


def woven(skeleton: bytes, images: Sequence[Stretch]) -> Rope:
    """The draft. Raises ValueError if the skeleton does not show each image once: a
    fault of ours.
    """
    parts: list[Octets] = []
    places: list[int] = []
    moved, end = [0], 0
    seen: set[int] = set()
    for found in _MARK.finditer(skeleton):
        index = int(found[1])
        image = images[index]
        seen.add(index)
        head = b"/Length %d >>\nstream\n" % image.size
        parts += (Held(skeleton[end : found.start()] + head), image)
        places.append(found.start())
        end = found.end()
        grown = len(head) + image.size - (found.end() - found.start())
        moved.append(moved[-1] + grown)
    if len(places) != len(images) or len(seen) != len(images):
        raise ValueError(f"{len(images)} images, {len(places)} marks")
    ending = _ending(skeleton, end, places, moved)
    return Rope((*parts, Held(ending)))


def _ending(
    skeleton: bytes, start: int, places: Sequence[int], moved: Sequence[int]
) -> bytes:
    """From the last image on, with a table that tells where things now are."""
    tail = _END.search(skeleton, len(skeleton) - _TAIL_BYTES)
    table = _TABLE.match(skeleton, int(tail[1])) if tail else None
    if tail is None or table is None:
        raise ValueError("qpdf wrote another ending")

    def moved_to(offset: int) -> int:
        return offset + moved[bisect_right(places, offset)]

    first, last = table.end(), table.end() + _ENTRY_BYTES * int(table[1])
    entries = [
        skeleton[at : at + _ENTRY_BYTES] for at in range(first, last, _ENTRY_BYTES)
    ]
    rows = [
        b"%010d%b" % (moved_to(int(row[:_OFFSET_DIGITS])), row[_OFFSET_DIGITS:])
        for row in entries[1:]
    ]
    return b"".join(
        (
            skeleton[start:first],
            entries[0],
            *rows,
            skeleton[last : tail.start()],
            b"startxref\n%d\n%%%%EOF\n" % moved_to(int(tail[1])),
        )
    )
