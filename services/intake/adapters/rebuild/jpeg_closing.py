"""A JPEG with one row of blocks more, behind a restart mark: one decoding says both
whether all rows are there and whether a byte is left over.

At a restart mark libjpeg counts the whole bytes that the interval before it did not
need, and complains of them; at the end of a scan it does not. So all of the picture
becomes one interval, and what follows it is a row without contents. To decode once more
without the last byte would cost a page another 10 ms (docs/decisions/0115). Start at
``closed``.
"""

import struct
from dataclasses import replace
from typing import Final

from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.jpeg import Jpeg
from intake.adapters.rebuild.segments import Segment

_MOST_BLOCKS: Final = 0xFFFF
"""Units of blocks that one restart interval can count: two bytes (T.81, B.2.4.4)."""
_MOST_ROWS: Final = 65_000
"""What libjpeg takes."""
_RESTART_0: Final = b"\xff\xd0"
_HUFFMAN: Final = frozenset({0xC0, 0xC1})
_AC: Final = 0x10


def closed(found: Jpeg) -> tuple[Segment, ...] | None:
    """The segments of the picture with a row more; None where it cannot be had: more
    than one scan, restarts of its own, too many blocks, no code for an empty block.
    """
    *tables, scan = found.segments
    frame = next((s for s in tables if s.marker in parts.FRAMES), None)
    if frame is None or frame.marker not in _HUFFMAN or not _is_alone(found, scan):
        return None
    across, down, side = _blocks(found, frame)
    rows = (down + 1) * side
    bits = _empty_unit(tables, scan, frame)
    if across * down > _MOST_BLOCKS or rows > _MOST_ROWS or bits is None:
        return None
    taller = replace(
        frame, body=frame.body[:1] + struct.pack(">H", rows) + frame.body[3:]
    )
    every = Segment(parts.DRI, struct.pack(">H", across * down))
    coded = scan.coded + _RESTART_0 + _stuffed(bits * across)
    before = (taller if s is frame else s for s in tables)
    return (*before, every, replace(scan, coded=coded))


def _is_alone(found: Jpeg, scan: Segment) -> bool:
    """Whether one scan has everything, and no mark stands in it: a mark of its own
    would be taken for ours, and what follows it for the last row.
    """
    markers = [s.marker for s in found.segments]
    return (
        scan.marker == parts.SOS
        and markers.count(parts.SOS) == 1
        and parts.DRI not in markers
        and scan.body[0] == found.components
        and (scan.unmarked or parts.RESTART.search(scan.coded) is None)
    )


def _blocks(found: Jpeg, frame: Segment) -> tuple[int, int, int]:
    """Units of blocks across and down, and the rows of pixels of one."""
    factors = [1 << 4 | 1] if found.components == 1 else frame.body[7::3]
    wide = 8 * max(factor >> 4 for factor in factors)
    high = 8 * max(factor & 0x0F for factor in factors)
    return -(-found.width // wide), -(-found.height // high), high


def _empty_unit(tables: list[Segment], scan: Segment, frame: Segment) -> str | None:
    """The bits of one unit in which no block differs from the one before it."""
    factors = {frame.body[n]: frame.body[n + 1] for n in range(6, len(frame.body), 3)}
    bits = ""
    for n in range(scan.body[0]):
        component, table = scan.body[1 + 2 * n], scan.body[2 + 2 * n]
        same = parts.code(tables, table >> 4, 0)
        end = parts.code(tables, _AC | table & 0x0F, 0)
        if same is None or end is None:
            return None
        factor = 1 << 4 | 1 if len(factors) == 1 else factors[component]
        bits += (same + end) * ((factor >> 4) * (factor & 0x0F))
    return bits


def _stuffed(bits: str) -> bytes:
    """The bytes of these bits in a scan: filled up with ones, and a zero behind each
    byte of ones.
    """
    filled = bits + "1" * (-len(bits) % 8)
    data = int(filled, 2).to_bytes(len(filled) // 8, "big")
    return data.replace(b"\xff", b"\xff\x00")
