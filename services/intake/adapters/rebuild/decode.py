"""Decodes a stream that is about to be kept: to be sure of it, and to show it.

Pillow with the one format that it must be; a decoder that complains means *damaged*.
"""

import io
import struct
import warnings
import zlib
from typing import Final

import pikepdf
from pikepdf import Name, StreamDecodeLevel
from PIL import Image, UnidentifiedImageError

from intake.adapters.rebuild import png
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream, Unfit, check_pixels
from intake.domain.scan import ScanFault

_RAW_MODES: Final = {
    ("DeviceRGB", 8): ("RGB", "RGB"),
    ("DeviceGray", 8): ("L", "L"),
    ("DeviceGray", 4): ("L", "L;4"),
    ("DeviceGray", 2): ("L", "L;2"),
    ("DeviceGray", 1): ("1", "1"),
}
_PNG_PREDICTORS: Final = 10
_STRIP_OFFSETS: Final = 273
_STRIP_BYTE_COUNTS: Final = 279
_EOFB_BYTES: Final = 4
"""The end mark and its padding, which some encoders leave out."""


def set_bounds(limits: Limits) -> None:
    """Once per worker: a bomb is an error, not a warning; cut files stay errors."""
    Image.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def picture(data: bytes, kind: str) -> Image.Image:
    """A file that must be ``kind``, opened and bounded but not yet decoded."""
    try:
        return Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unfit(ScanFault.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Unfit(ScanFault.DAMAGED, kind) from error


def loaded(image: Image.Image) -> Image.Image:
    """All of it, decoded; raises Unfit if it ends too early or makes no sense."""
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, zlib.error, struct.error) as error:
        cut = "truncated" in str(error)
        raise Unfit(ScanFault.TRUNCATED if cut else ScanFault.DAMAGED) from error
    return image


def decoded(stream: Stream, *, at_least: int, limits: Limits) -> Image.Image:
    """The stream's pixels; a JPEG may come at half size or less, not narrower than
    ``at_least``.
    """
    check_pixels(stream.width, stream.height, limits=limits)
    if stream.filter == "DCTDecode":
        return _jpeg(stream, at_least)
    if stream.filter == "CCITTFaxDecode":
        return _upright_bits(_group4(stream), stream)
    if stream.decode_parms.get("Predictor", 1) >= _PNG_PREDICTORS:
        return _upright_bits(loaded(picture(png.wrap(stream), "PNG")), stream)
    return _raw(stream)


def _jpeg(stream: Stream, at_least: int) -> Image.Image:
    refuse_corrupt_jpeg(stream.data)
    image = picture(stream.data, "JPEG")
    if image.size != (stream.width, stream.height):
        raise Unfit(ScanFault.DAMAGED, "JPEG of another size")
    scale = max(at_least / stream.width, 0.01)
    image.draft(None, (at_least, max(1, int(stream.height * scale))))
    return loaded(image)


def refuse_corrupt_jpeg(data: bytes) -> None:
    """Pillow forgives a JPEG that was cut and closed again, and paints it grey; qpdf,
    on the same libjpeg, counts such a warning as an error.
    """
    pdf = pikepdf.new()
    try:
        pdf.make_stream(data, Filter=Name.DCTDecode).read_bytes(StreamDecodeLevel.all)
    except pikepdf.PdfError as error:
        raise Unfit(ScanFault.TRUNCATED, "JPEG") from error


def _group4(stream: Stream) -> Image.Image:
    """Libtiff paints a cut or broken T.6 stream white and only prints a warning: half
    a page would be lost in silence. So the rows are encoded again, by T.6's own rule
    (2.2.5, one code for each change), and must be the stream that was given.
    """
    image = loaded(picture(_tiff(stream), "TIFF"))
    again = _bare_group4(image if _black_is_one(stream) else _negative(image))
    known = len(again) - _EOFB_BYTES
    told = stream.data
    if len(told) < known or told[:known] != again[:known]:
        raise Unfit(ScanFault.DAMAGED, "CCITT")
    return image


def _bare_group4(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "TIFF", compression="group4", strip_size=1 << 30)
    tags = picture(written.getvalue(), "TIFF").tag_v2  # type: ignore[attr-defined]
    (at,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_BYTE_COUNTS]
    return written.getvalue()[at : at + size]


def _black_is_one(stream: Stream) -> bool:
    return bool(stream.decode_parms.get("BlackIs1", 0))


def _negative(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 - value)


def _raw(stream: Stream) -> Image.Image:
    mode, raw = _RAW_MODES[stream.colour_space, stream.bits]
    size = (stream.width, stream.height)
    rows = zlib.decompress(stream.data)  # its length was checked when it was lifted
    return _upright_bits(Image.frombytes(mode, size, rows, "raw", raw), stream)


def _upright_bits(image: Image.Image, stream: Stream) -> Image.Image:
    return _negative(image) if stream.inverted else image


def _tiff(stream: Stream) -> bytes:
    """A Group 4 stream as the smallest TIFF: one strip, big-endian (TIFF 6, 11)."""
    entries = (
        (256, 4, stream.width),
        (257, 4, stream.height),
        (258, 3, 1 << 16),
        (259, 3, 4 << 16),
        # Plain CCITT: a run of black decodes to 0 bits in a PDF, to 1 bits in a TIFF.
        (262, 3, _black_is_one(stream) << 16),
        (273, 4, 122),
        (277, 3, 1 << 16),
        (278, 4, stream.height),
        (279, 4, len(stream.data)),
    )
    table = b"".join(struct.pack(">HHII", tag, kind, 1, v) for tag, kind, v in entries)
    head = b"MM\x00\x2a" + struct.pack(">IH", 8, len(entries))
    return head + table + struct.pack(">I", 0) + stream.data
