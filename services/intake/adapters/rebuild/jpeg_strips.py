"""JPEG strips of a TIFF as one JPEG, no coefficient touched (TIFF technical note 2).

A strip begins as a restart interval does: with fresh predictions, at a whole byte. So
strips of the same tables become one scan with restart marks between them, as long as
each strip is whole rows of blocks. Start at ``joined``.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.segments import Segment
from intake.adapters.rebuild.tiff_blocks import TiffBlock

_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
_TABLES: Final = frozenset({parts.DQT, parts.DHT})
_CODED: Final = frozenset({*_TABLES, *parts.FRAMES, parts.SOS, parts.DRI, parts.DNL})
"""What is picture. The colours of a JPEG in a TIFF are those that the TIFF states, so
the marks of JFIF and Adobe go, too."""
_EOI: Final = b"\xff\xd9"
_MOST_BLOCKS: Final = 0xFFFF
_RESTARTS: Final = 8


def whole_block(data: bytes, tables: bytes) -> bytes:
    """One strip or tile with the tables that the TIFF keeps aside. Raises UnfitPage."""
    found, _ = parts.split(data)
    shared = _shared(tables)
    return _written([*shared, *(s for s in found if s.marker in _CODED)])


def joined(
    blocks: Sequence[TiffBlock], tables: bytes, size: tuple[int, int]
) -> bytes | None:
    """The whole picture as one JPEG; None if that needs coding anew."""
    if len(blocks) == 1:
        only = blocks[0]
        whole = (only.left, only.top, only.width, only.height) == (0, 0, *size)
        return whole_block(only.data, tables) if whole else None
    strips = [_coded(block.data) for block in blocks]
    first = strips[0]
    if any(block.width != size[0] for block in blocks) or not _alike(strips, blocks):
        return None
    frame = next(s for s in first if s.marker in parts.FRAMES)
    across, down = _block_size(frame)
    every = -(-size[0] // across) * (blocks[0].height // down)
    if blocks[0].height % down or not 0 < every <= _MOST_BLOCKS:
        return None
    scan = next(s for s in first if s.marker == parts.SOS)
    head = [
        _of_height(s, size[1]) if s is frame else s
        for s in first
        if s is not scan and s.marker != parts.DRI
    ]
    marks = [bytes((0xFF, 0xD0 + n % _RESTARTS)) for n in range(len(strips) - 1)]
    coded = b"".join(
        strip[-1].coded + mark
        for strip, mark in zip(strips, [*marks, b""], strict=True)
    )
    restart = Segment(parts.DRI, struct.pack(">H", every))
    return _written([*_shared(tables), *head, restart, replace(scan, coded=coded)])


def _coded(data: bytes) -> list[Segment]:
    found, _ = parts.split(data)
    return [s for s in found if s.marker in _CODED]


def _shared(tables: bytes) -> list[Segment]:
    """The tables of an abbreviated stream (T.81, B.5): no frame, no scan."""
    if not tables:
        return []
    try:
        found, _ = parts.split(tables)
    except UnfitPage:
        return []
    return [s for s in found if s.marker in _TABLES]


def _alike(strips: list[list[Segment]], blocks: Sequence[TiffBlock]) -> bool:
    """Whether all strips are sequential, of one scan each, without restarts of their
    own, and written with the same tables, frame and scan head.
    """
    forms = {_form(strip) for strip in strips}
    heights = [_height(strip) for strip in strips]
    plain = all(
        strip[-1].marker == parts.SOS
        and sum(s.marker == parts.SOS for s in strip) == 1
        and all(s.marker != parts.DRI or not any(s.body[:2]) for s in strip)
        for strip in strips
    )
    return plain and len(forms) == 1 and heights == [block.height for block in blocks]


def _form(strip: list[Segment]) -> tuple[tuple[int, bytes], ...]:
    return tuple(
        (s.marker, s.body[:1] + s.body[3:] if s.marker in parts.FRAMES else s.body)
        for s in strip
        if s.marker != parts.DRI
    )


def _height(strip: list[Segment]) -> int:
    """The rows of a sequential frame; 0 for another one."""
    frames = [s for s in strip if s.marker in parts.FRAMES]
    if len(frames) != 1 or frames[0].marker not in _SEQUENTIAL:
        return 0
    return int.from_bytes(frames[0].body[1:3], "big")


def _block_size(frame: Segment) -> tuple[int, int]:
    """Pixels of the least unit that is coded (T.81, A.2)."""
    count = frame.body[5]
    factors = frame.body[7 : 6 + 3 * count : 3]
    if count == 1:
        return 8, 8
    return 8 * max(f >> 4 for f in factors), 8 * max(f & 0x0F for f in factors)


def _of_height(frame: Segment, height: int) -> Segment:
    body = frame.body[:1] + struct.pack(">H", height) + frame.body[3:]
    return replace(frame, body=body)


def _written(segments: list[Segment]) -> bytes:
    body = b"".join(part for s in segments for part in (s.head(), s.coded))
    return parts.SOI + body + _EOI
