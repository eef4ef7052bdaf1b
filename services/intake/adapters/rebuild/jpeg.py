"""A JPEG's frame, and the stream that a copy may carry (ITU-T T.81, JFIF, TN5116).

Kept: JFIF's density (without its thumbnail), Adobe's colour transform, the tables that
are used, one frame, its scans. Cut: Exif with GPS and thumbnail, XMP, ICC, IPTC,
comments, whatever hangs behind the end, and every byte that no decoder reads.

Start at ``parse``. Whether all rows are there is asked in ``jpeg_rows``.
"""

# Not Pillow, and not img2pdf: the first decodes and encodes again, which changes
# pixels; the second takes a JPEG over as it is, with its Exif, its GPS and its
# thumbnail. Here the coded pixels stay bit for bit, and everything else goes
# (docs/decisions/0043, 0045).
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from intake.adapters.rebuild import jpeg_metadata as metadata
from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.segments import Segment
from intake.domain.scan import ScanFault

_APP1: Final = 0xE1
_APP14: Final = 0xEE
PDF_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive Huffman: what DCTDecode must understand."""
_PROGRESSIVE: Final = 0xC2
_EXIF: Final = b"Exif\x00\x00"
_JFIF: Final = b"JFIF\x00"
_JFIF_BYTES: Final = 14
_ADOBE: Final = b"Adobe"
_ADOBE_BYTES: Final = 12
# Adobe's colour transform (TN5116): none, to luma and chroma, the same beside black.
_TRANSFORMS: Final = {"rgb": 0, "cmyk": 0, "ycc": 1, "ycck": 2}
_MARKED: Final = ("rgb", "ycck")
"""Colours that only Adobe's mark can say."""
_LAST_AC: Final = 63
"""A block has 64 coefficients, the first of them DC (T.81, A.3)."""
_PADDING: Final = b"\x00\r\n "
"""Behind the end: what writers of PDFs and files put there, and nobody hides in."""

Colours = Literal["grey", "ycc", "rgb", "cmyk", "ycck"]


@dataclass(frozen=True, slots=True)
class Jpeg:
    width: int
    height: int
    components: int
    bits: int
    frame: int
    """The SOF marker's number."""
    colours: Colours
    segments: tuple[Segment, ...]
    """What a copy may carry of it, in order."""
    plain: bool
    """Whether those segments say the whole picture in a form that a copy may carry."""
    original: bytes
    hidden: bool
    """Whether anything was left out that is neither picture nor form."""
    icc: bytes
    exif: bytes
    density: Density | None
    """JFIF's."""
    behind: bytes
    """What stands behind the end marker: further pictures, a maker's data."""

    @property
    def progressive(self) -> bool:
        return self.frame == _PROGRESSIVE


def parse(data: bytes, *, transform: int | None = None) -> Jpeg:
    """``transform`` is a PDF's /ColorTransform. Raises UnfitPage: *truncated* if the
    file ends too early or scans are missing, *damaged* if it is no JPEG.
    """
    found, behind = parts.split(data)
    frame, height = _frame(found)
    bits, _, width, components = struct.unpack(">BHHB", frame.body[:6])
    colours = _colours(found, frame, components, transform)
    kept, plain = _canonical(found, frame, height, colours)
    return Jpeg(
        width=width,
        height=height,
        components=components,
        bits=bits,
        frame=frame.marker,
        colours=colours,
        segments=tuple(kept),
        plain=plain,
        original=data,
        hidden=len(data.rstrip(_PADDING)) - _plain_heights(found) > len(written(kept)),
        icc=metadata.profile(found),
        exif=metadata.first(found, _APP1, _EXIF)[len(_EXIF) :],
        density=metadata.density(metadata.first(found, parts.APP0, _JFIF)),
        behind=behind,
    )


def size(found: list[Segment]) -> tuple[int, int, int]:
    """Width, height and components; raises UnfitPage if there is no frame."""
    frame, height = _frame(found)
    return struct.unpack_from(">H", frame.body, 3)[0], height, frame.body[5]


def written(segments: Iterable[Segment], *, probe: bytes = b"") -> bytes:
    """The file again; ``probe`` is put before the end marker."""
    body = b"".join(part for s in segments for part in (s.head(), s.coded))
    return parts.SOI + body + probe + b"\xff\xd9"


def _plain_heights(found: list[Segment]) -> int:
    """Bytes of the segments that only say the height, now in the frame."""
    return sum(6 for s in found if s.marker == parts.DNL and len(s.body) == 2)  # noqa: PLR2004


def _frame(found: list[Segment]) -> tuple[Segment, int]:
    frames = [s for s in found if s.marker in parts.FRAMES]
    if len(frames) != 1 or len(frames[0].body) < 6:  # noqa: PLR2004
        # With two of them libjpeg, and so every viewer, shows nothing.
        raise UnfitPage(ScanFault.DAMAGED, f"JPEG with {len(frames)} frames")
    frame = frames[0]
    count = frame.body[5]
    if len(frame.body) < 6 + 3 * count or count == 0:
        raise UnfitPage(ScanFault.DAMAGED, "JPEG frame")
    height = struct.unpack_from(">H", frame.body, 1)[0] or _late_height(found)
    if not height:
        raise UnfitPage(ScanFault.DAMAGED, "JPEG without a height")
    return frame, height


def _late_height(found: list[Segment]) -> int:
    """T.81 B.2.5: a scanner that feeds paper knows the height only at its end."""
    late = next((s.body for s in found if s.marker == parts.DNL), b"")
    return int.from_bytes(late[:2], "big") if len(late) >= 2 else 0  # noqa: PLR2004


# --- colours -----------------------------------------------------------------------


def _colours(
    found: list[Segment], frame: Segment, components: int, transform: int | None
) -> Colours:
    """What the codes mean. libjpeg believes JFIF, poppler Adobe, a PDF its own key:
    so one rule decides here, and the stream is written so that all agree.
    """
    adobe = _adobe(found)
    if components == 1:
        return "grey"
    if components == 4:  # noqa: PLR2004
        mark = adobe if adobe is not None else transform
        return "ycck" if mark else "cmyk"
    if components != 3:  # noqa: PLR2004
        raise UnfitPage(ScanFault.DAMAGED, "JPEG components")
    if adobe is not None:
        return "ycc" if adobe else "rgb"
    if transform is not None:
        return "ycc" if transform else "rgb"
    named = bytes(frame.body[6:15:3]) == b"RGB"
    return "rgb" if named and not metadata.first(found, parts.APP0, _JFIF) else "ycc"


def _adobe(found: list[Segment]) -> int | None:
    bodies = [s.body for s in found if s.marker == _APP14]
    marks = [b[11] for b in bodies if b.startswith(_ADOBE) and len(b) >= _ADOBE_BYTES]
    return marks[-1] if marks else None  # the last one wins in libjpeg


# --- what a copy may carry ----------------------------------------------------------


def _canonical(
    found: list[Segment], frame: Segment, height: int, colours: Colours
) -> tuple[list[Segment], bool]:
    scans = [s for s in found if s.marker == parts.SOS]
    needed = _needed(frame, scans)
    kept = [
        one
        for segment in _up_to(found, needed)
        for one in _kept(segment, frame, height, colours)
    ]
    if colours in _MARKED and all(s.marker != _APP14 for s in kept):
        kept.insert(0, Segment(_APP14, _adobe_mark(_TRANSFORMS[colours])))
    try:
        kept = parts.pruned(kept, [_reads(s, frame) for s in kept])
    except UnfitPage:
        return kept, False  # libjpeg falls back on tables that other readers lack
    return kept, parts.has_plain_codes(kept) and frame.marker in PDF_FRAMES


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
    if frame.marker not in (_PROGRESSIVE, 0xCA):
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
    elif marker == _APP14:
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
    if frame.marker == _PROGRESSIVE:
        return scan.body[:end]
    return scan.body[: end - 3] + bytes((0, _LAST_AC, 0))


def _plain_jfif(body: bytes) -> bytes:
    if not body.startswith(_JFIF) or len(body) < _JFIF_BYTES:
        return b""
    # Decoders warn of a major version that is not 1 and read it the same.
    version = body[5:7] if body[5] == 1 else b"\x01\x01"
    return _JFIF + version + body[7:12] + b"\x00\x00"


def _plain_adobe(body: bytes, colours: Colours) -> bytes:
    if not body.startswith(_ADOBE) or len(body) < _ADOBE_BYTES:
        return b""
    transform = _TRANSFORMS.get(colours)
    return b"" if transform is None else _adobe_mark(transform)


def _adobe_mark(transform: int) -> bytes:
    """Version 100 and no flags: no decoder reads those six bytes (TN5116, 18)."""
    return _ADOBE + struct.pack(">HHHB", 100, 0, 0, transform)


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
