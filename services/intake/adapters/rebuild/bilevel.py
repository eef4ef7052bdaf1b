"""Pages of one bit as ITU-T T.6 (Group 4): written by libtiff, judged by ourselves.

Start at ``canonical``: whatever fax coding comes in, the one stream of T.6 goes out
that has those rows, ends with its end mark, and carries nothing else.
"""

import io
import struct
from typing import Final

from PIL import Image

from intake.adapters.rebuild import ccitt

# TIFF 6.0, section 8: where a strip's bytes begin, and how many they are.
_STRIP_OFFSETS: Final = 273
_STRIP_BYTE_COUNTS: Final = 279
EOFB_BYTES: Final = 4
"""The end mark and its padding, which some encoders leave out."""


def encoded(image: Image.Image) -> bytes:
    """The bare T.6 stream of a 1-bit image: black pixels are black runs."""
    written = io.BytesIO()
    # One strip for the whole page, so that its bytes are the stream and nothing else.
    # A TIFF of Pillow's has black runs for white pixels: hence the negative.
    negative(image).save(written, "TIFF", compression="group4", strip_size=1 << 30)
    tags = _opened(written.getvalue()).tag_v2  # type: ignore[attr-defined]
    (at,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_BYTE_COUNTS]
    return written.getvalue()[at : at + size]


def canonical(data: bytes, coding: ccitt.Coding, size: tuple[int, int]) -> bytes:
    """The same rows in the one way that T.6 writes them; raises UnfitPage.

    libtiff decodes and encodes in a fraction of the time of ``ccitt``, so it is asked
    first: a stream that it would write itself is whole. Only others are decoded by us.
    """
    if coding.k < 0 and not coding.aligned and coding.columns == size[0]:
        again = _again(data, size)
        whole = len(again) - EOFB_BYTES
        if again and len(data) >= whole and data[:whole] == again[:whole]:
            return again
    return encoded(decoded(data, coding, size))


def decoded(data: bytes, coding: ccitt.Coding, size: tuple[int, int]) -> Image.Image:
    """The rows, black runs as black pixels, by our own decoder; raises UnfitPage."""
    width, height = size
    rows = ccitt.rows(data, coding, height)
    bits = b"".join(ccitt.packed(row, coding.columns) for row in rows)
    image = Image.frombytes("1", (coding.columns, height), bits, "raw", "1;I")
    return image if coding.columns == width else image.crop((0, 0, width, height))


def shown(data: bytes, size: tuple[int, int]) -> Image.Image:
    """A canonical stream, by libtiff: black runs as black pixels."""
    image = _opened(_tiff(data, size))
    image.load()
    return image


def negative(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 - value)


def _again(data: bytes, size: tuple[int, int]) -> bytes:
    try:
        return encoded(shown(data, size))
    except (OSError, ValueError, SyntaxError):
        return b""


def _opened(tiff: bytes) -> Image.Image:
    return Image.open(io.BytesIO(tiff), formats=("TIFF",))


def _tiff(data: bytes, size: tuple[int, int]) -> bytes:
    """A Group 4 stream as the smallest TIFF: one strip, big-endian (TIFF 6, 11)."""
    entries = (
        (256, 4, size[0]),  # ImageWidth
        (257, 4, size[1]),  # ImageLength
        # A SHORT stands in the upper half of its four bytes.
        (258, 3, 1 << 16),  # BitsPerSample: 1
        (259, 3, 4 << 16),  # Compression: T.6
        (262, 3, 0),  # WhiteIsZero: black runs are black pixels
        # The strip follows the head (8 bytes) and this table (2 + 9 × 12 + 4).
        (273, 4, 122),  # StripOffsets
        (277, 3, 1 << 16),  # SamplesPerPixel: 1
        (278, 4, size[1]),  # RowsPerStrip
        (279, 4, len(data)),  # StripByteCounts
    )
    table = b"".join(struct.pack(">HHII", tag, kind, 1, v) for tag, kind, v in entries)
    head = b"MM\x00\x2a" + struct.pack(">IH", 8, len(entries))
    return head + table + struct.pack(">I", 0) + data
