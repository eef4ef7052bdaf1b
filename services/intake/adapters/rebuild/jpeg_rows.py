"""Is all of a JPEG there, and nothing besides? libjpeg is asked, strictly.

libjpeg-turbo decodes (``jpeg_pixels``); what it only warns of is an error here, told
apart by its text. qpdf asks the same library, but refuses what decodes to more than a
twentieth of its memory limit and does not say which warning it met
(docs/decisions/0043). Start at ``check`` and ``trimmed``.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from intake.adapters.rebuild import jpeg, jpeg_closing, jpeg_pixels
from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.jpeg import Jpeg
from intake.adapters.rebuild.pages import Stream, UnfitPage
from intake.adapters.rebuild.pixels import Pixels
from intake.adapters.rebuild.segments import Segment
from intake.domain.scan import Flag, ScanFault

# libjpeg-turbo's own words, which simplejpeg hands on (docs/decisions/0043).
_CUT: Final = "premature end"
_SURPLUS: Final = "extraneous bytes"
_UNSUPPORTED: Final = "Unsupported"
"""12 bits a sample, lossless and hierarchical processes: whole, but not for us."""
_COMMENT: Final = b"\xff\xfe\x00\x02"
"""An empty comment before the end marker. libjpeg counts the bytes that a restart
interval had too many, but reports them only when it looks for a further marker."""
_PROBED: Final = 600_000_000
"""Pixels times scans that may be decoded in search of surplus bytes: some 6 s."""
_MOST_INTERVALS: Final = 20_000
"""The most restart intervals of a scan that is searched: each is decoded alone."""
_MOST_PIXELS: Final = 65_000
"""In a row: what libjpeg takes."""
_ZEROS: Final = bytes(64)


@dataclass(frozen=True, slots=True)
class Clean:
    """A JPEG whose rows are all there, without a byte that no reader shows."""

    data: bytes
    shown: Pixels | None
    """Its pixels, as the judgement has decoded them: see ``Stream.shown``."""


def lifted(found: Jpeg, clean: Clean, flags: Iterable[Flag] = ()) -> Stream:
    """The JPEG of one or three colours as the stream of a copy (``trimmed``)."""
    return Stream(
        data=clean.data,
        filter="DCTDecode",
        width=found.width,
        height=found.height,
        bits=8,
        colour_space="DeviceGray" if found.components == 1 else "DeviceRGB",
        flags=tuple(flags),
        shown=clean.shown,
    )


def check(found: Jpeg) -> bool:
    """Whether there is a surplus. Raises UnfitPage: *truncated* if rows are missing,
    else *damaged*.
    """
    return _judged(found, jpeg_pixels.decoded(found, found.segments, probe=_COMMENT))


def trimmed(found: Jpeg) -> Clean | None:
    """What a copy may carry: canonical, and no byte in it that the decoder does not
    need. None if that cannot be had without recompressing. Raises UnfitPage.
    """
    factor = jpeg_pixels.factor(found)
    closed = jpeg_closing.closed(found) if found.plain else None
    if closed is not None and not _ends_in_zeros(found):
        at_once = jpeg_pixels.decoded(found, closed, factor, probe=_COMMENT)
        if not at_once.complaint:
            return _clean(found, found.segments, at_once.pixels)
    first = jpeg_pixels.decoded(found, found.segments, factor, probe=_COMMENT)
    surplus = _judged(found, first)
    if not found.plain:
        return None
    # The first complaint hides the later ones, so intervals are set right before.
    given = _with_exact_intervals(found) if surplus else found.segments
    exact = _without_surplus(found, given)
    if exact != found.segments and _complaint(found, exact, probe=_COMMENT):
        return None
    return _clean(found, exact, first.pixels)


def _judged(found: Jpeg, decoded: jpeg_pixels.Decoded) -> bool:
    """``check``, by what libjpeg has said."""
    complaint = decoded.complaint
    if _CUT in complaint.lower() or _ends_in_zeros(found):
        raise UnfitPage(ScanFault.TRUNCATED, f"JPEG: {complaint}")
    if complaint.startswith(_UNSUPPORTED):
        raise UnfitPage(ScanFault.UNKNOWN_CODING, f"JPEG: {complaint}")
    if complaint and _SURPLUS not in complaint:
        raise UnfitPage(ScanFault.DAMAGED, f"JPEG: {complaint}")
    return bool(complaint)


def _clean(found: Jpeg, exact: tuple[Segment, ...], pixels: Pixels | None) -> Clean:
    data = jpeg.written(exact)
    return Clean(found.original if data == found.original else data, pixels)


def hides(found: Jpeg, clean: Clean) -> bool:
    """Whether ``clean`` left out bytes that no decoder reads, or other data."""
    return found.hidden or len(clean.data) < jpeg.written_size(found.segments)


def _without_surplus(found: Jpeg, given: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Scan by scan, for what stands behind a scan's last block is only skipped."""
    segments = list(given)
    scans = [n for n, segment in enumerate(segments) if segment.marker == parts.SOS]
    if found.width * found.height * len(scans) > _PROBED and len(scans) > 1:
        return given
    for n in scans:
        before, scan = segments[:n], segments[n]
        size = _needed_bytes(found, before, scan)
        segments[n] = replace(scan, coded=scan.coded[:size])
    return tuple(segments)


def _with_exact_intervals(found: Jpeg) -> tuple[Segment, ...]:
    """Each restart interval stands alone, so it is judged as a picture of its own: one
    row of blocks. Unchanged with several scans or too many intervals.
    """
    segments = found.segments
    *before, scan = segments
    alone = [s for s in before if s.marker not in (parts.DRI, parts.SOS)]
    marks = parts.RESTART.findall(scan.coded)
    pieces = parts.RESTART.split(scan.coded)
    sizes = _interval_sizes(found, len(pieces))
    if len(alone) + 1 != len(before) or sizes is None or len(pieces) > _MOST_INTERVALS:
        return segments
    exact = []
    for piece, size in zip(pieces, sizes, strict=True):
        small = [_resized(s, size) if s.marker in parts.FRAMES else s for s in alone]
        needed = _needed_bytes(found, small, replace(scan, coded=piece))
        exact.append(piece[:needed])
    joined = b"".join(a + b for a, b in zip(exact, [*marks, b""], strict=True))
    return (*before, replace(scan, coded=joined))


def _interval_sizes(found: Jpeg, count: int) -> list[tuple[int, int]] | None:
    """Width and height of a picture that is one restart interval, for each of them;
    None if the file has not ``count``.
    """
    # The last one counts, as in libjpeg (T.81, B.2.4.4).
    restarts = [s.body for s in found.segments if s.marker == parts.DRI]
    every = int.from_bytes(restarts[-1][:2], "big") if restarts else 0
    frame = next(s for s in found.segments if s.marker in parts.FRAMES)
    factors = frame.body[7 : 6 + 3 * found.components : 3]
    one = found.components == 1
    across = 8 * (1 if one else max(factor >> 4 for factor in factors))
    down = 8 * (1 if one else max(factor & 0x0F for factor in factors))
    blocks = -(-found.width // across) * -(-found.height // down)
    if not every or -(-blocks // every) != count or every * across > _MOST_PIXELS:
        return None
    last = blocks - every * (count - 1)
    return [(n * across, down) for n in [every] * (count - 1) + [last]]


def _resized(frame: Segment, size: tuple[int, int]) -> Segment:
    width, height = size
    sides = struct.pack(">HH", height, width)
    return replace(frame, body=frame.body[:1] + sides + frame.body[5:])


def _needed_bytes(found: Jpeg, before: list[Segment], scan: Segment) -> int:
    """The fewest bytes that decode without a complaint of a cut."""

    def suffices(size: int) -> bool:
        shorter = (*before, replace(scan, coded=scan.coded[:size]))
        complaint = _complaint(found, shorter)
        return not complaint or _SURPLUS in complaint

    most = len(scan.coded)
    if not most or not suffices(most - 1):
        return most
    least = 0
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if suffices(middle) else (middle + 1, most)
    return most


def _ends_in_zeros(found: Jpeg) -> bool:
    """A file that was cut and filled with zeros decodes, as noise. An encoder may end a
    scan in zeros too, where they mean: the rest is as flat as here.
    """
    before: list[Segment] = []
    for segment in found.segments:
        if segment.marker == parts.SOS and segment.coded.endswith(_ZEROS):
            tables = segment.body[2 : 1 + 2 * segment.body[0] : 2]
            return not found.progressive and not all(
                parts.first_value(before, table >> 4) == 0
                and parts.first_value(before, 0x10 | table & 0x0F) == 0
                for table in tables
            )
        before.append(segment)
    return False


def _complaint(
    found: Jpeg, segments: tuple[Segment, ...], *, probe: bytes = b""
) -> str:
    return jpeg_pixels.decoded(found, segments, probe=probe).complaint
