"""What a JPEG says beside its picture: density, profile, Exif. Read, never kept."""

import struct
from typing import Final

from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.segments import Segment

_APP2: Final = 0xE2
_ICC: Final = b"ICC_PROFILE\x00"
_JFIF_BYTES: Final = 14
_INCH: Final = 1
_CENTIMETRE: Final = 2


def first(found: list[Segment], marker: int, start: bytes) -> bytes:
    return next(
        (s.body for s in found if s.marker == marker and s.body.startswith(start)), b""
    )


def profile(found: list[Segment]) -> bytes:
    """ICC.1 annex B.4: chunks with their numbers, in one APP2 each."""
    chunks = [s.body for s in found if s.marker == _APP2 and s.body.startswith(_ICC)]
    return b"".join(chunk[14:] for chunk in sorted(chunks, key=lambda c: c[12:13]))


def density(jfif: bytes) -> Density | None:
    if len(jfif) < _JFIF_BYTES:
        return None
    unit, across, down = struct.unpack(">BHH", jfif[7:12])
    scale = 2.54 if unit == _CENTIMETRE else 1.0
    return Density(across * scale, down * scale, unit in (_INCH, _CENTIMETRE))
