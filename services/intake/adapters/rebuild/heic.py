"""A HEIC file (ISO/IEC 23008-12) as one page, if the optional pi-heif is installed.

libheif turns, mirrors and crops by the file's own properties. What Exif says of the
orientation is not asked: in HEIF it repeats ``irot`` and ``imir``, and would turn the
picture twice. Start at ``read_heic``.
"""

import importlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image

from intake.adapters.rebuild import exif, still
from intake.adapters.rebuild.exif import Facts
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, UnfitPage
from intake.domain.scan import ScanFault

_READER: Final = "pi_heif"
_EXIF_NAME: Final = b"Exif\x00\x00"
_BOUNDED: Final = "Security limit"
"""libheif 1.23.0 takes the size of a deep crop for that of the coded picture, and then
refuses it (its issue 1856); the limit cannot be switched off."""
_CUT: Final = "end of file"
"""libheif's words for a box or a picture that is longer than the file."""

_COMPLAINTS: Final = (
    *(ValueError, RuntimeError, OSError, EOFError, SyntaxError),
    IndexError,  # a file without any picture
)

Import = Callable[[str], Any]


def preload(find: Import = importlib.import_module) -> None:
    """Nothing if the optional reader is not installed: ``read_heic`` says so then."""
    try:
        find(_READER)
    except ImportError:
        return


def read_heic(
    path: Path, *, limits: Limits, find: Import = importlib.import_module
) -> Iterator[Page]:
    """Raises UnfitPage; *heic-not-read* on a machine without the optional reader."""
    try:
        reader = find(_READER)
    except ImportError as error:
        raise UnfitPage(ScanFault.HEIC_NOT_READ, "pi-heif absent") from error
    data = path.read_bytes()
    still.check_filled(data, "HEIC")
    found, image = _decoded(reader, data, limits)
    main = found[found.primary_index]
    stream = still.pixels(
        image, main.info.get("icc_profile") or b"", source_bytes=len(data)
    )
    stream = still.flagged(stream, others=_has_others(found, main))
    notes = exif.read((main.info.get("exif") or b"").removeprefix(_EXIF_NAME))
    upright = Facts(mirrored=False, turn=0, density=None)
    yield still.page(stream, upright, [notes.density])


def _decoded(reader: Any, data: bytes, limits: Limits) -> tuple[Any, Image.Image]:
    """The file, and its main picture's pixels. Raises UnfitPage."""
    options = reader.options
    # No threads besides what the decoder cannot do without.
    options.DECODE_THREADS = 0
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    try:
        found = reader.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        main = found[found.primary_index]
        still.check_unfolded(main.size, limits)
        return found, main.to_pillow()
    except _COMPLAINTS as error:
        raise _fault(error) from error


def _fault(error: Exception) -> UnfitPage:
    words = str(error)
    if _CUT in words.lower():
        return UnfitPage(ScanFault.TRUNCATED, f"HEIC: {words}")
    if "upport" in words or _BOUNDED in words:
        return UnfitPage(ScanFault.UNKNOWN_CODING, f"HEIC: {words}")
    return UnfitPage(ScanFault.DAMAGED, f"HEIC: {words}")


def _has_others(found: Any, main: Any) -> bool:
    """Whether another picture of the file could be a page; thumbnails, depth and gain
    maps hang at the main one and are not listed.
    """
    return any(
        2 * other.size[0] >= main.size[0] and 2 * other.size[1] >= main.size[1]
        for other in found
        if other is not main
    )
