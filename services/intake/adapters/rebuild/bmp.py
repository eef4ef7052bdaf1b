"""A BMP file as one page: 1 to 32 bits, run lengths, either way up.

Pillow alone reads it; the header is looked at for what Pillow paints black when it is
missing. Start at ``read_bmp``.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intake.adapters.rebuild import opaque, still
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.exif import Density, Facts
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, UnfitPage, check_pixels
from intake.domain.scan import ScanFault

_OLD_HEAD: Final = 12
"""Bytes of OS/2's header, which has neither a density nor a compression."""
_LEAST_HEAD: Final = 40
_ENCODED: Final = (4, 5)
"""Compressions JPEG and PNG: for printers' drivers only, never in a file."""
_INCHES: Final = 0.0254
"""Metres in an inch: the density is of a metre."""


def read_bmp(path: Path, *, limits: Limits) -> Iterator[Page]:
    data = path.read_bytes()
    density = _density(data)
    image = picture(data, "BMP")
    check_pixels(*image.size, limits=limits)
    image = opaque.without_idle_alpha(loaded(image))
    stream = still.pixels(image, b"")
    yield still.page(stream, Facts(mirrored=False, turn=0, density=None), [density])


def _density(data: bytes) -> Density | None:
    """Pixels of a metre. Raises UnfitPage for a coding that no file has."""
    head = int.from_bytes(data[14:18], "little")
    if head < _LEAST_HEAD:
        return None
    if len(data) < 14 + _LEAST_HEAD:
        raise UnfitPage(ScanFault.TRUNCATED, "BMP head")
    compression, _, across, down = struct.unpack_from("<IIii", data, 30)
    if compression in _ENCODED:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, "BMP with a file in it")
    if across <= 0 or down <= 0:
        return None
    return Density(across * _INCHES, down * _INCHES, True)
