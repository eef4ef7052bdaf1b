"""PNG chunks (ISO/IEC 15948): its compressed rows are FlateDecode with predictor 15.

So the rows of a plain PNG can stand in a PDF as they are, and Pillow's PNG encoder is
our lossless encoder for all else.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image

from intake.adapters.rebuild.pages import ColourSpace, Stream, Unfit
from intake.domain.scan import ScanFault

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
PREDICTOR: Final = 15
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_COLOURS: Final[dict[int, ColourSpace]] = {0: "DeviceGray", 2: "DeviceRGB"}
_LEVEL: Final = 4
"""Of zlib: 6 takes twice as long on paper texture and saves a hundredth."""


@dataclass(frozen=True, slots=True)
class Png:
    width: int
    height: int
    bits: int
    colour: int
    interlaced: bool
    rows: bytes
    """All IDAT chunks, joined."""
    transparent: bool
    icc: bytes
    exif: bytes
    dpi: tuple[float, float] | None


def parse(data: bytes) -> Png:
    """Raises Unfit: *truncated* without IEND, *damaged* if the head is not a PNG's."""
    chunks = list(_chunks(data))
    kinds = {kind: body for kind, body in reversed(chunks)}  # noqa: C416 - first wins
    if len(kinds.get(b"IHDR", b"")) != 13:  # noqa: PLR2004
        raise Unfit(ScanFault.DAMAGED, "PNG without a head")
    width, height, bits, colour, _, _, interlace = struct.unpack(
        ">IIBBBBB", kinds[b"IHDR"]
    )
    return Png(
        width=width,
        height=height,
        bits=bits,
        colour=colour,
        interlaced=interlace != 0,
        rows=b"".join(body for kind, body in chunks if kind == b"IDAT"),
        transparent=b"tRNS" in kinds,
        icc=_profile(kinds.get(b"iCCP", b"")),
        exif=kinds.get(b"eXIf", b""),
        dpi=_density(kinds.get(b"pHYs", b"")),
    )


def liftable(png: Png) -> bool:
    """Plain rows, exactly as many as told: they can stand in a PDF as they are."""
    plain = png.colour in _COLOURS and png.bits <= 8  # noqa: PLR2004
    if not plain or png.interlaced or png.transparent:
        return False
    row = 1 + (png.width * png.bits * _CHANNELS[png.colour] + 7) // 8
    return inflates_to(png.rows, png.height * row)


def lifted(png: Png) -> Stream:
    bits: Literal[1, 2, 4, 8] = png.bits  # type: ignore[assignment]  # liftable()
    return _stream(
        png.rows, (png.width, png.height), bits=bits, colour_space=_COLOURS[png.colour]
    )


def encode(image: Image.Image) -> Stream:
    """A decoded image (modes 1, L, RGB) without loss."""
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=_LEVEL)
    return lifted(parse(written.getvalue()))


def wrap(stream: Stream) -> bytes:
    """A Flate stream with PNG predictors as a PNG file, for a strict decoder."""
    colour = 0 if stream.colour_space == "DeviceGray" else 2
    head = struct.pack(
        ">IIBBBBB", stream.width, stream.height, stream.bits, colour, 0, 0, 0
    )
    chunks = ((b"IHDR", head), (b"IDAT", stream.data), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def inflates_to(data: bytes, size: int) -> bool:
    """Whether zlib data ends cleanly after exactly ``size`` bytes; bounded memory."""
    inflate, left = zlib.decompressobj(), size
    try:
        while left and not inflate.eof:
            out = inflate.decompress(data, min(left, 1 << 20))
            if not out and not inflate.unconsumed_tail:
                return False
            left, data = left - len(out), inflate.unconsumed_tail
        left -= len(inflate.decompress(data, 1)) if not inflate.eof else 0
    except zlib.error:
        return False
    return left == 0 and inflate.eof


def _stream(
    rows: bytes,
    size: tuple[int, int],
    *,
    bits: Literal[1, 2, 4, 8],
    colour_space: ColourSpace,
) -> Stream:
    colours = 1 if colour_space == "DeviceGray" else 3
    return Stream(
        data=rows,
        filter="FlateDecode",
        width=size[0],
        height=size[1],
        bits=bits,
        colour_space=colour_space,
        decode_parms={
            "Predictor": PREDICTOR,
            "Colors": colours,
            "BitsPerComponent": bits,
            "Columns": size[0],
        },
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise Unfit(ScanFault.TRUNCATED, "PNG")
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise Unfit(ScanFault.TRUNCATED, "PNG")
        yield kind, data[at + 8 : at + 8 + length]
        if kind == b"IEND":
            return
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def _profile(chunk: bytes) -> bytes:
    _, _, packed = chunk.partition(b"\x00")
    try:
        return zlib.decompressobj().decompress(packed[1:], 1 << 22)
    except zlib.error:
        return b""


def _density(chunk: bytes) -> tuple[float, float] | None:
    if len(chunk) != 9 or chunk[8] != 1:  # noqa: PLR2004
        return None
    across, down = struct.unpack(">II", chunk[:8])
    return across * 0.0254, down * 0.0254
