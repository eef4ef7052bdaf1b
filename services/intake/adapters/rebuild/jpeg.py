"""A JPEG's frame, and the stream that a copy may carry (ITU-T T.81, JFIF, TN5116).

Kept: JFIF's density (without its thumbnail), Adobe's colour transform, the tables that
are used, one frame, its scans. Cut: Exif with GPS and thumbnail, XMP, ICC, IPTC,
comments, whatever hangs behind the end, and every byte that no decoder reads.

Start at ``parse``. What is kept is chosen in ``jpeg_canonical``; whether all rows are
there is asked in ``jpeg_rows``.
"""

# Not Pillow, and not img2pdf: the first decodes and encodes again, which changes
# pixels; the second takes a JPEG over as it is, with its Exif, its GPS and its
# thumbnail. Here the coded pixels stay bit for bit, and everything else goes
# (docs/decisions/0043, 0045).
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from intake.adapters.rebuild import jpeg_metadata as metadata
from intake.adapters.rebuild import segments as parts
from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.jpeg_canonical import (
    ADOBE,
    ADOBE_BYTES,
    APP14,
    JFIF,
    PROGRESSIVE,
    Colours,
    canonical,
)
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.segments import Segment
from intake.domain.scan import ScanFault

_APP1: Final = 0xE1
_EXIF: Final = b"Exif\x00\x00"
_END: Final = b"\xff\xd9"
_PADDING: Final = b"\x00\r\n "
"""Behind the end: what writers of PDFs and files put there, and nobody hides in."""


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
        return self.frame == PROGRESSIVE


def parse(data: bytes, *, transform: int | None = None) -> Jpeg:
    """``transform`` is a PDF's /ColorTransform. Raises UnfitPage: *truncated* if the
    file ends too early or scans are missing, *damaged* if it is no JPEG.
    """
    found, behind = parts.split(data)
    frame, height = _frame(found)
    bits, _, width, components = struct.unpack(">BHHB", frame.body[:6])
    colours = _colours(found, frame, components, transform)
    kept, plain = canonical(found, frame, height, colours)
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
        hidden=len(data.rstrip(_PADDING)) - _plain_heights(found) > written_size(kept),
        icc=metadata.profile(found),
        exif=metadata.first(found, _APP1, _EXIF)[len(_EXIF) :],
        density=metadata.density(metadata.first(found, parts.APP0, JFIF)),
        behind=behind,
    )


def size(found: list[Segment]) -> tuple[int, int, int]:
    """Width, height and components; raises UnfitPage if there is no frame."""
    frame, height = _frame(found)
    return struct.unpack_from(">H", frame.body, 3)[0], height, frame.body[5]


def written(segments: Iterable[Segment], *, probe: bytes = b"") -> bytes:
    """The file again; ``probe`` is put before the end marker."""
    body = [part for s in segments for part in (s.head(), s.coded)]
    return b"".join((parts.SOI, *body, probe, _END))


def written_size(segments: Iterable[Segment]) -> int:
    """The length of ``written``, without the writing: most bytes are one scan's."""
    sizes = (4 + len(s.body) + len(s.coded) for s in segments)
    return len(parts.SOI) + sum(sizes) + len(_END)


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
    return "rgb" if named and not metadata.first(found, parts.APP0, JFIF) else "ycc"


def _adobe(found: list[Segment]) -> int | None:
    bodies = [s.body for s in found if s.marker == APP14]
    marks = [b[11] for b in bodies if b.startswith(ADOBE) and len(b) >= ADOBE_BYTES]
    return marks[-1] if marks else None  # the last one wins in libjpeg
