"""What of a JPEG a copy may carry: its picture, in the exact length of each part.

Kept: JFIF's density (without its thumbnail), Adobe's colour transform, the tables that
are used, one frame, its scans. Everything else is cut (docs/decisions/0044). Start at
``canonical``.
"""

import struct
from dataclasses import replace
from typing import Final, Literal

from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.segments import Segment
from intake.domain.scan import ScanFault

APP14: Final = 0xEE
_PDF_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive Huffman: what DCTDecode must understand."""
PROGRESSIVE: Final = 0xC2
JFIF: Final = b"JFIF\x00"
_JFIF_BYTES: Final = 14
ADOBE: Final = b"Adobe"
ADOBE_BYTES: Final = 12
# Adobe's colour transform (TN5116): none, to luma and chroma, the same beside black.
_TRANSFORMS: Final = {"rgb": 0, "cmyk": 0, "ycc": 1, "ycck": 2}
_MARKED: Final = ("rgb", "ycck")
"""Colours that only Adobe's mark can say."""
_LAST_AC: Final = 63
"""A block has 64 coefficients, the first of them DC (T.81, A.3)."""

Colours = Literal["grey", "ycc", "rgb", "cmyk", "ycck"]


def canonical(
    found: list[Segment], frame: Segment, height: int, colours: Colours
) -> tuple[list[Segment], bool]:
    """The segments that a copy may carry, in order, and whether they are plain: the
    whole picture, in a form that every reader takes alike. Raises UnfitPage.
    """
    scans = [s for s in found if s.marker == parts.SOS]
    needed = _needed(frame, scans)
    kept = [
        one
        for segment in _up_to(found, needed)
        for one in _kept(segment, frame, height, colours)
    ]
    if colours in _MARKED and all(s.marker != APP14 for s in kept):
        kept.insert(0, Segment(APP14, _adobe_mark(_TRANSFORMS[colours])))
    try:
        kept = parts.pruned(kept, [_reads(s, frame) for s in kept])
    except UnfitPage:
        return kept, False  # libjpeg falls back on tables that other readers lack
    return kept, parts.has_plain_codes(kept) and frame.marker in _PDF_FRAMES


def _up_to(found: list[Segment], needed: int) -> list[Segment]:
    """Without what stands behind the last scan that is needed."""
    scans = [n for n, s in enumerate(found) if s.marker == parts.SOS]
    return found[: scans[needed - 1] + 1]


def _needed(frame: Segment, scans: list[Segment]) -> int:
    """How many scans make the picture whole; raises UnfitPage if they do not.

    A decoder shows a progressive picture whose later scans are missing as if it were
    whole, only blurred, without a word.
    """
    count = frame.body[5]
    ids = frame.body[6 : 6 + 3 * count : 3]
    left = {(c, k) for c in ids for k in range(64)}
    for number, scan in enumerate(scans, 1):
        members, first, last, low = _spectrum(scan, frame)
        # A scan with a low bit above 0 gives only the upper bits: more must follow.
        if low == 0:
            left -= {(c, k) for c in members for k in range(first, last + 1)}
        if not left:
            return number
    raise UnfitPage(ScanFault.TRUNCATED, "JPEG scans")


def _spectrum(scan: Segment, frame: Segment) -> tuple[bytes, int, int, int]:
    count = scan.body[0] if scan.body else 0
    if not 1 <= count <= 4 or len(scan.body) < 4 + 2 * count:  # noqa: PLR2004
        raise UnfitPage(ScanFault.DAMAGED, "JPEG scan")
    members = scan.body[1 : 1 + 2 * count : 2]
    # 0xCA is progressive with arithmetic coding.
    if frame.marker not in (PROGRESSIVE, 0xCA):
        return members, 0, _LAST_AC, 0
    first, last, approximation = scan.body[1 + 2 * count : 4 + 2 * count]
    return members, first, min(last, _LAST_AC), approximation & 0x0F


def _kept(
    segment: Segment, frame: Segment, height: int, colours: Colours
) -> list[Segment]:
    marker, body = segment.marker, segment.body
    if segment is frame:
        count = body[5]
        body = body[:1] + struct.pack(">H", height) + body[3 : 6 + 3 * count]
    elif marker == parts.SOS:
        body = _scan_head(segment, frame)
    elif marker == parts.APP0:
        body = b"" if colours == "rgb" else _plain_jfif(body)
    elif marker == APP14:
        body = _plain_adobe(body, colours)
    elif marker == parts.DRI:
        body = body[:2]
    elif marker not in (parts.DHT, parts.DQT):
        return []
    return [replace(segment, body=body)] if body else []


def _scan_head(scan: Segment, frame: Segment) -> bytes:
    """Exactly as long as its components ask. Telephones write 0, 0 for the spectrum of
    a sequential picture, where it can only be 0, 63: every decoder warns and goes on.
    """
    count = scan.body[0]
    end = 4 + 2 * count
    if frame.marker == PROGRESSIVE:
        return scan.body[:end]
    return scan.body[: end - 3] + bytes((0, _LAST_AC, 0))


def _plain_jfif(body: bytes) -> bytes:
    if not body.startswith(JFIF) or len(body) < _JFIF_BYTES:
        return b""
    # Decoders warn of a major version that is not 1 and read it the same.
    version = body[5:7] if body[5] == 1 else b"\x01\x01"
    return JFIF + version + body[7:12] + b"\x00\x00"


def _plain_adobe(body: bytes, colours: Colours) -> bytes:
    if not body.startswith(ADOBE) or len(body) < ADOBE_BYTES:
        return b""
    transform = _TRANSFORMS.get(colours)
    return b"" if transform is None else _adobe_mark(transform)


def _adobe_mark(transform: int) -> bytes:
    """Version 100 and no flags: no decoder reads those six bytes (TN5116, 18)."""
    return ADOBE + struct.pack(">HHHB", 100, 0, 0, transform)


def _reads(segment: Segment, frame: Segment) -> set[tuple[int, int]]:
    """The tables that a scan reads, by the names that ``segments.pruned`` gives."""
    if segment.marker != parts.SOS:
        return set()
    members, first, last, _ = _spectrum(segment, frame)
    high = segment.body[-1] >> 4
    tables = segment.body[2 : 2 + 2 * len(members) : 2]
    quantisers = {
        frame.body[6 + 3 * n + 2] & 0x0F
        for n in range(frame.body[5])
        if frame.body[6 + 3 * n] in members
    }
    reads = {(parts.DQT, number) for number in quantisers}
    for table in tables:
        reads |= {(parts.DHT, table >> 4)} if first == 0 and high == 0 else set()
        reads |= {(parts.DHT, 0x10 | table & 0x0F)} if last > 0 else set()
    return reads
