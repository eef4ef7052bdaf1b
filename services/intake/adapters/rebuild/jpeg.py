"""JPEG markers (ITU-T T.81 annex B): read the frame, cut what is not the picture.

Nothing is decoded here. Kept: JFIF's density (APP0, without its thumbnail), Adobe's
colour transform (APP14), tables, frames, scans. Cut: Exif with GPS and thumbnail, XMP,
ICC, IPTC, comments, and all that phones hang behind the end.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from intake.adapters.rebuild.pages import Unfit
from intake.domain.scan import ScanFault

_SOI: Final = b"\xff\xd8"
_EOI: Final = 0xD9
_SOS: Final = 0xDA
_APP0: Final = 0xE0
_APP1: Final = 0xE1
_APP2: Final = 0xE2
_APP14: Final = 0xEE
_COM: Final = 0xFE
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PDF_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive Huffman: what DCTDecode must understand."""
_NEXT: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_ICC: Final = b"ICC_PROFILE\x00"
_EXIF: Final = b"Exif\x00\x00"
_JFIF: Final = b"JFIF\x00"
_JFIF_BYTES: Final = 14
_INCH: Final = 1
_CENTIMETRE: Final = 2


@dataclass(frozen=True, slots=True)
class Jpeg:
    width: int
    height: int
    components: int
    bits: int
    frame: int
    """The SOF marker's number."""
    clean: bytes
    """The stream without metadata; the input's own bytes if there was none."""
    cut: bool
    icc: bytes
    exif: bytes
    dpi: tuple[float, float] | None
    """JFIF's density."""


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    raw: bytes
    body: bytes


def parse(data: bytes) -> Jpeg:
    """Raises Unfit: *truncated* if it ends too early, *damaged* if it is no JPEG."""
    try:
        segments = list(_segments(data))
    except (struct.error, IndexError) as error:
        raise Unfit(ScanFault.TRUNCATED, "JPEG") from error
    frame = next((s for s in segments if s.marker in _FRAMES), None)
    if frame is None or len(frame.body) < 6:  # noqa: PLR2004
        raise Unfit(ScanFault.DAMAGED, "JPEG without a frame")
    bits, height, width, components = struct.unpack(">BHHB", frame.body[:6])
    clean = _SOI + b"".join(_kept(s) for s in segments)
    return Jpeg(
        width=width,
        height=height,
        components=components,
        bits=bits,
        frame=frame.marker,
        clean=data if clean == data else clean,
        cut=clean != data,
        icc=_profile(segments),
        exif=_first(segments, _APP1, _EXIF),
        dpi=_density(_first(segments, _APP0, _JFIF)),
    )


def _segments(data: bytes) -> Iterator[_Segment]:
    if not data.startswith(_SOI):
        raise Unfit(ScanFault.DAMAGED, "no JPEG")
    at = 2
    while True:
        at, marker = _marker(data, at)
        if marker == _EOI:
            yield _Segment(marker, b"\xff\xd9", b"")
            return
        end = at if marker in _BARE else at + struct.unpack_from(">H", data, at)[0]
        body = data[at + 2 : end]
        if marker == _SOS:
            end = _after_scan(data, end)
        yield _Segment(marker, bytes((0xFF, marker)) + data[at:end], body)
        at = end


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Past a marker and its number; 0xFF may be repeated as fill."""
    if data[at] != 0xFF:  # noqa: PLR2004
        raise Unfit(ScanFault.DAMAGED, "JPEG marker")
    while data[at] == 0xFF:  # noqa: PLR2004
        at += 1
    return at + 1, data[at]


def _after_scan(data: bytes, at: int) -> int:
    found = _NEXT.search(data, at)
    if found is None:
        raise Unfit(ScanFault.TRUNCATED, "JPEG")
    return found.start()


def _kept(segment: _Segment) -> bytes:
    marker, body = segment.marker, segment.body
    if marker == _APP0:
        return _plain_jfif(body)
    if marker == _APP14:
        return segment.raw if body.startswith(b"Adobe") else b""
    if _APP0 < marker <= 0xEF or marker == _COM:  # noqa: PLR2004
        return b""
    return segment.raw


def _plain_jfif(body: bytes) -> bytes:
    if not body.startswith(_JFIF) or len(body) < _JFIF_BYTES:
        return b""
    return b"\xff\xe0\x00\x10" + body[: _JFIF_BYTES - 2] + b"\x00\x00"


def _first(segments: list[_Segment], marker: int, start: bytes) -> bytes:
    return next(
        (s.body for s in segments if s.marker == marker and s.body.startswith(start)),
        b"",
    )


def _profile(segments: list[_Segment]) -> bytes:
    """ICC.1 annex B.4: chunks with their numbers, in one APP2 each."""
    chunks = [s.body for s in segments if s.marker == _APP2 and s.body.startswith(_ICC)]
    return b"".join(chunk[14:] for chunk in sorted(chunks, key=lambda c: c[12:13]))


def _density(jfif: bytes) -> tuple[float, float] | None:
    if len(jfif) < _JFIF_BYTES:
        return None
    unit, across, down = struct.unpack(">BHH", jfif[7:12])
    if unit not in (_INCH, _CENTIMETRE):
        return None
    scale = 2.54 if unit == _CENTIMETRE else 1.0
    return across * scale, down * scale
