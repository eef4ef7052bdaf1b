"""Opens pictures with Pillow, each as the one format that it must be; shows streams.

A decoder that complains means *damaged*. Whether a JPEG or a fax page is whole is not
asked here (``jpeg_rows``, ``bilevel``): Pillow paints what is missing.
"""

import io
import struct
import warnings
import zlib
from typing import Final

from PIL import Image, UnidentifiedImageError

from intake.adapters.rebuild import bilevel, png
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream, UnfitPage, check_pixels
from intake.domain.scan import ScanFault

_RAW_MODES: Final = {
    ("DeviceRGB", 8): ("RGB", "RGB"),
    ("DeviceGray", 8): ("L", "L"),
    ("DeviceGray", 4): ("L", "L;4"),
    ("DeviceGray", 2): ("L", "L;2"),
    ("DeviceGray", 1): ("1", "1"),
    ("Indexed", 8): ("P", "P"),
    ("Indexed", 4): ("P", "P;4"),
    ("Indexed", 2): ("P", "P;2"),
    ("Indexed", 1): ("P", "P;1"),
}
_PNG_PREDICTORS: Final = 10
_CUT: Final = ("truncated", "not enough image data")
"""Pillow's words for pixels that are missing."""


def set_bounds(limits: Limits) -> None:
    """Once per worker: a bomb is an error, not a warning; cut files stay errors."""
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def picture(data: bytes, kind: str) -> Image.Image:
    """A file that must be ``kind``, opened and bounded but not yet decoded."""
    try:
        return Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnfitPage(ScanFault.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnfitPage(ScanFault.DAMAGED, kind) from error


def loaded(image: Image.Image) -> Image.Image:
    """All of it, decoded; raises UnfitPage if it ends too early or makes no sense."""
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, zlib.error, struct.error) as error:
        cut = any(words in str(error) for words in _CUT)
        raise UnfitPage(ScanFault.TRUNCATED if cut else ScanFault.DAMAGED) from error
    return image


def decoded(stream: Stream, *, at_least: int, limits: Limits) -> Image.Image:
    """The pixels of a stream that was lifted or encoded here, so it is whole; a JPEG
    may come at half size or less, not narrower than ``at_least``. Not to be changed:
    it may be the stream's own.
    """
    check_pixels(stream.width, stream.height, limits=limits)
    shown = stream.shown
    if shown is not None and shown.size[0] >= min(at_least, stream.width):
        return shown.image()
    if stream.filter == "DCTDecode":
        return _jpeg(stream, at_least)
    if stream.filter == "CCITTFaxDecode":
        return _fax(stream)
    if stream.decode_parms.get("Predictor", 1) >= _PNG_PREDICTORS:
        return _upright_bits(loaded(picture(png.wrap(stream), "PNG")), stream)
    return _raw(stream)


def _jpeg(stream: Stream, at_least: int) -> Image.Image:
    image = picture(stream.data, "JPEG")
    if image.size != (stream.width, stream.height):
        raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG of another size")
    scale = max(at_least / stream.width, 0.01)
    image.draft(None, (at_least, max(1, int(stream.height * scale))))
    return loaded(image)


def _fax(stream: Stream) -> Image.Image:
    image = bilevel.shown(stream.data, (stream.width, stream.height))
    black_is_one = bool(stream.decode_parms.get("BlackIs1", 0))
    return bilevel.negative(image) if black_is_one != stream.inverted else image


def _raw(stream: Stream) -> Image.Image:
    size = (stream.width, stream.height)
    unpacked = zlib.decompress(stream.data)  # its length was checked when it was lifted
    mode, raw = _RAW_MODES[stream.colour_space, stream.bits]
    image = Image.frombytes(mode, size, unpacked, "raw", raw)
    if stream.palette:
        image.putpalette(bytes.fromhex(stream.palette))
    return _upright_bits(image, stream)


def _upright_bits(image: Image.Image, stream: Stream) -> Image.Image:
    return bilevel.negative(image) if stream.inverted else image
