"""PNG chunks (ISO/IEC 15948): its compressed rows are FlateDecode with predictor 15.

So the rows of a plain PNG can stand in a PDF as they are, and what has to be coded anew
without loss becomes such rows, too. Start at ``parse``; ``encode`` is the way back.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from PIL import Image

from intake.adapters.rebuild import filtered, rows
from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.pages import ColourSpace, Stream, UnfitPage
from intake.domain.scan import ScanFault

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_END: Final = b"IEND\xaeB`\x82"
# ISO 32000-1, table 10: PNG's filters, each row by its own.
PREDICTOR: Final = 15
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_COLOURS: Final[dict[int, ColourSpace]] = {
    0: "DeviceGray",
    2: "DeviceRGB",
    3: "Indexed",
}
_PICTURE: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_PALETTE: Final = 3
_CODED: Final[dict[str, ColourSpace]] = {"L": "DeviceGray", "RGB": "DeviceRGB"}
"""Modes of eight bits a colour. Of few colours or one bit Pillow writes the rows: there
it tries no filters."""
_LEVEL: Final = 4
"""The level that zlib compresses with where Pillow writes."""


@dataclass(frozen=True, slots=True)
class Png:
    width: int
    height: int
    bits: int
    colour: int
    interlaced: bool
    rows: bytes
    """All IDAT chunks, joined."""
    palette: bytes
    transparent: bytes
    """The tRNS chunk: of a palette its alphas, else the one clear colour."""
    animation: bytes
    """The acTL chunk of an animated PNG."""
    icc: bytes
    exif: bytes
    density: Density | None


def parse(data: bytes) -> Png:
    """Raises UnfitPage: *truncated* without IEND, *damaged* if the head is no PNG's."""
    chunks = list(_chunks(data))
    kinds = {kind: body for kind, body in reversed(chunks)}  # noqa: C416 - first wins
    if len(kinds.get(b"IHDR", b"")) != 13:  # noqa: PLR2004
        raise UnfitPage(ScanFault.DAMAGED, "PNG without a head")
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
        palette=kinds.get(b"PLTE", b""),
        transparent=kinds.get(b"tRNS", b""),
        animation=kinds.get(b"acTL", b""),
        icc=_profile(kinds.get(b"iCCP", b"")),
        exif=kinds.get(b"eXIf", b""),
        density=_density(kinds.get(b"pHYs", b"")),
    )


def plain(data: bytes) -> bytes:
    """The file without the chunks that are no picture: a decoder stumbles over long
    texts and over wrong checksums of notes, which no viewer minds.
    """
    chunks = (whole for kind, whole in _whole_chunks(data) if kind in _PICTURE)
    return SIGNATURE + b"".join(chunks)


def liftable(png: Png) -> bool:
    """Plain rows without transparency: they can stand in a PDF as they are."""
    plain = png.colour in _COLOURS and png.bits <= 8  # noqa: PLR2004
    return plain and not png.interlaced and not png.transparent


def lifted(png: Png, pixels: Image.Image) -> Stream | None:
    """Its rows, exactly; ``pixels`` are those rows decoded. None for a palette that is
    shorter than the numbers in them. Raises UnfitPage if rows are missing.
    """
    palette = ""
    if png.colour == _PALETTE:
        found = used_palette(png.palette, pixels)
        if found is None:
            return None
        palette = found
    bits: Literal[1, 2, 4, 8] = png.bits  # type: ignore[assignment]  # liftable()
    row = 1 + (png.width * png.bits * _CHANNELS[png.colour] + 7) // 8
    return _stream(
        rows.exact(png.rows, row, png.height, filtered=True),
        (png.width, png.height),
        bits=bits,
        colour_space=_COLOURS[png.colour],
        palette=palette,
    )


def encode(image: Image.Image) -> Stream:
    """A decoded image (modes 1, L, P, RGB) without loss."""
    if image.mode in _CODED:
        space, data = _CODED[image.mode], filtered.deflated(image)
        coded = _stream(data, image.size, bits=8, colour_space=space)
        return replace(coded, encoded=True)
    written = io.BytesIO()
    bits = {"bits": _bits(image)} if image.mode == "P" else {}
    image.save(written, "PNG", compress_level=_LEVEL, **bits)
    found = lifted(parse(written.getvalue()), image)
    if found is None:
        raise ValueError("a palette of our own that is too short")
    return replace(found, encoded=True)


def _bits(image: Image.Image) -> int:
    colours = len(image.getcolors(256) or [])
    return next(bits for bits in (1, 2, 4, 8) if colours <= 1 << bits)


def used_palette(colours: bytes, pixels: Image.Image) -> str | None:
    """Up to the last colour that a pixel has; one that no pixel has is black, for it
    could carry anything. None if a pixel's colour is not among them.
    """
    used = [n for n, count in enumerate(pixels.histogram()) if count]
    if 3 * max(used) >= len(colours):
        return None
    return "".join(
        colours[3 * n : 3 * n + 3].hex() if n in used else "000000"
        for n in range(max(used) + 1)
    )


def wrap(stream: Stream) -> bytes:
    """A Flate stream with PNG predictors as a PNG file, for a strict decoder."""
    colour = next(n for n, space in _COLOURS.items() if space == stream.colour_space)
    head = struct.pack(
        ">IIBBBBB", stream.width, stream.height, stream.bits, colour, 0, 0, 0
    )
    palette = bytes.fromhex(stream.palette)
    colours = ((b"PLTE", palette),) if palette else ()
    chunks = ((b"IHDR", head), *colours, (b"IDAT", stream.data), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def _stream(
    data: bytes,
    size: tuple[int, int],
    *,
    bits: Literal[1, 2, 4, 8],
    colour_space: ColourSpace,
    palette: str = "",
) -> Stream:
    colours = 3 if colour_space == "DeviceRGB" else 1
    return Stream(
        data=data,
        filter="FlateDecode",
        width=size[0],
        height=size[1],
        bits=bits,
        colour_space=colour_space,
        palette=palette,
        decode_parms={
            "Predictor": PREDICTOR,
            "Colors": colours,
            "BitsPerComponent": bits,
            "Columns": size[0],
        },
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and bodies."""
    return ((kind, whole[8:-4]) for kind, whole in _whole_chunks(data))


def _whole_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names, and the chunks with their heads and checksums."""
    # A file that has its end is not cut, whatever a chunk says of its length.
    fault = ScanFault.DAMAGED if _END in data else ScanFault.TRUNCATED
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise UnfitPage(fault, "PNG")
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise UnfitPage(fault, "PNG")
        yield kind, data[at : at + 12 + length]
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


def _density(chunk: bytes) -> Density | None:
    if len(chunk) != 9:  # noqa: PLR2004
        return None
    across, down, unit = struct.unpack(">IIB", chunk)
    return Density(across * 0.0254, down * 0.0254, unit == 1)
