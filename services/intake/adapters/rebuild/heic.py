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
from intake.adapters.rebuild.pages import Page, UnfitPage, check_pixels
from intake.domain.scan import ScanFault

_READER: Final = "pi_heif"
_EXIF_NAME: Final = b"Exif\x00\x00"
_CUT: Final = "end of file"
"""libheif's words for a box or a picture that is longer than the file."""

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
    found = _opened(reader, data)
    main = found[found.primary_index]
    check_pixels(*main.size, limits=limits)
    image, icc = _decoded(main), main.info.get("icc_profile") or b""
    stream = still.pixels(image, icc, source_bytes=len(data))
    stream = still.flagged(stream, others=_has_others(found, main))
    notes = exif.read((main.info.get("exif") or b"").removeprefix(_EXIF_NAME))
    upright = Facts(mirrored=False, turn=0, density=None)
    yield still.page(stream, upright, [notes.density])


def _opened(reader: Any, data: bytes) -> Any:
    # One thread: the walls let no second one start.
    reader.options.DECODE_THREADS = 1
    reader.options.THUMBNAILS = reader.options.DEPTH_IMAGES = False
    reader.options.AUX_IMAGES = False
    try:
        return reader.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError) as error:
        raise _fault(error) from error


def _decoded(picture: Any) -> Image.Image:
    try:
        image: Image.Image = picture.to_pillow()
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError) as error:
        raise _fault(error) from error
    return image


def _fault(error: Exception) -> UnfitPage:
    words = str(error)
    if _CUT in words.lower():
        return UnfitPage(ScanFault.TRUNCATED, f"HEIC: {words}")
    if "upport" in words or "ecurity limit" in words:
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
