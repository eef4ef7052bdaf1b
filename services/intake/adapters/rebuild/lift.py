"""Takes an image's encoded stream out of a PDF as it stands, if a copy can say it.

A stream goes out canonical: it holds the rows and nothing besides. ``None`` means: not
in these words. The caller then has it decoded by pdfium, or renders the page. Start at
``lift``.
"""

from dataclasses import replace
from typing import Any, Final, Literal

import pikepdf
from PIL import Image

from intake.adapters.rebuild import (
    bilevel,
    cmyk,
    encode,
    fax,
    jpeg,
    jpeg_rows,
    png,
    rows,
    spaces,
    whole,
)
from intake.adapters.rebuild.declared import Declared, bits_of, upside_down
from intake.adapters.rebuild.decode import decoded, loaded, picture
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream, UnfitPage, check_pixels
from intake.adapters.rebuild.spaces import Space
from intake.domain.scan import ScanFault

_ODD_KEYS: Final = ("/SMask", "/Mask", "/SMaskInData", "/Alternates")
_BITS: Final[dict[int, Literal[1, 2, 4, 8]]] = {1: 1, 2: 2, 4: 4, 8: 8}
_BLOCK: Final = 16
"""Pixels a side of a JPEG's block with halved chroma (T.81, A.2.4)."""
# ISO 32000-1, table 10. With any of PNG's, each row names its own filter. TIFF's (2) is
# not among a copy's words: such an image is decoded by pdfium and written anew.
_NO_PREDICTOR: Final = 1
_PNG_PREDICTORS: Final = range(10, 16)
_RAW_MODES: Final = {(1, 1): "1", (8, 1): "L", (8, 3): "RGB"}


def lift(image: pikepdf.Object, *, limits: Limits) -> Stream | None:
    """Raises UnfitPage for an image that no decoder could make sense of."""
    width, height = size_of(image, limits=limits)
    space = spaces.read(image)
    filters = whole.names(image)
    if masked(image) or space is None or not filters:
        return None
    if bool(image.get("/ImageMask", False)) and filters[-1] in _DCT:
        return None
    inverted = upside_down(image, space)
    if inverted is None:
        return None
    declared = Declared(width, height, bits_of(image), space, inverted)
    parms = whole.all_parms(image)[-1]
    take = _BY_FILTER.get(filters[-1])
    if take is None or not whole.PLAIN.issuperset(filters[:-1]):
        return None
    inner = filters if filters[-1] in _BYTES_ONLY else filters[:-1]
    return take(declared, whole.unwrapped(image, inner), parms)


def size_of(image: pikepdf.Object, *, limits: Limits) -> tuple[int, int]:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    check_pixels(width, height, limits=limits)
    return width, height


def masked(image: pikepdf.Object) -> bool:
    return any(image.get(key) not in (None, 0) for key in _ODD_KEYS)


def _dct(declared: Declared, data: bytes, parms: Any) -> Stream | None:
    found = jpeg.parse(data, transform=_transform(parms))
    if not same_size(found, declared.width, declared.height):
        raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG of another size")
    if found.components != declared.space.channels:
        raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG of other colours")
    if declared.space.device == "DeviceCMYK":
        return _inks(found, declared)
    if declared.inverted or declared.space.palette:
        return None
    clean = jpeg_rows.trimmed(found)
    if clean is None:
        return _decoded_again(found, declared)
    flags = (
        *declared.flags,
        *(("metadata-cut",) if jpeg_rows.hides(found, clean) else ()),
    )
    return jpeg_rows.lifted(found, clean, flags)


def same_size(found: jpeg.Jpeg, width: int, height: int) -> bool:
    """But for a block: some scanners round the JPEG's size up to whole blocks and the
    dictionary's not, which nobody sees. Further apart, readers show different pages.
    """
    return max(abs(found.width - width), abs(found.height - height)) < _BLOCK


def _transform(parms: Any) -> int | None:
    value = None if parms is None else parms.get("/ColorTransform")
    return None if value is None else int(value)


def _decoded_again(found: jpeg.Jpeg, declared: Declared) -> Stream:
    """A picture that is whole, in a coding that a copy may not carry."""
    pixels = loaded(picture(jpeg.written(found.segments), "JPEG"))
    return replace(encode.lossy(pixels), flags=declared.flags, encoded=True)


def _inks(found: jpeg.Jpeg, declared: Declared) -> Stream:
    """Four inks in the device's own space."""
    jpeg_rows.check(found)
    pixels = loaded(picture(jpeg.written(found.segments), "JPEG"))
    # Pillow turns the inks of every JPEG, with Adobe's mark and without; a PDF says by
    # /Decode alone whether they stand upside down.
    if not declared.inverted:
        pixels = cmyk.turned(pixels)
    return replace(encode.lossy(cmyk.to_rgb(pixels)), encoded=True)


def _ccitt(declared: Declared, data: bytes, parms: Any) -> Stream | None:
    if declared.space != Space("DeviceGray") or declared.bits not in (0, 1):
        return None
    coding = fax.coding(parms)
    if coding.columns < declared.width:
        raise UnfitPage(ScanFault.CONTRADICTORY, "CCITT columns")
    black = {"BlackIs1": 1} if fax.black_is_one(parms) else {}
    size = {"K": -1, "Columns": declared.width, "Rows": declared.height}
    exact = bilevel.canonical(data, coding, (declared.width, declared.height))
    return Stream(
        data=exact,
        filter="CCITTFaxDecode",
        width=declared.width,
        height=declared.height,
        bits=1,
        colour_space="DeviceGray",
        decode_parms=size | black,
        inverted=declared.inverted,
        flags=declared.flags,
        encoded=not data.startswith(exact[: len(exact) - bilevel.EOFB_BYTES]),
    )


def _flate(declared: Declared, data: bytes, parms: Any) -> Stream | None:
    bits = _BITS.get(declared.bits)
    channels = declared.space.channels
    if bits is None or declared.space.device == "DeviceCMYK":
        return None
    # Colours of fewer than eight bits: no scanner writes them, pdfium decodes them.
    if bits != 8 and channels != 1:  # noqa: PLR2004
        return None
    row = (declared.width * bits * channels + 7) // 8
    keys = {} if parms is None else dict(parms.items())
    predictor = int(keys.get("/Predictor", _NO_PREDICTOR))
    filtered = predictor in _PNG_PREDICTORS
    if filtered and _shape(keys) != (channels, bits, declared.width):
        return None
    if not filtered and predictor != _NO_PREDICTOR:
        return None
    stream = Stream(
        data=rows.exact(data, row + filtered, declared.height, filtered=filtered),
        filter="FlateDecode",
        width=declared.width,
        height=declared.height,
        bits=bits,
        colour_space="DeviceGray" if channels == 1 else "DeviceRGB",
        decode_parms=_flate_parms(predictor, channels, bits, declared.width),
        inverted=declared.inverted,
        flags=declared.flags,
    )
    return _coloured(stream, declared) if declared.space.palette else stream


def _coloured(stream: Stream, declared: Declared) -> Stream | None:
    """With the colours that its pixels have; None if those are turned. A number beyond
    the palette is black to one reader, and the last colour or nothing to others.
    """
    if declared.inverted:
        return None
    whole_palette = replace(
        stream, colour_space="Indexed", palette=declared.space.palette
    )
    limits = Limits(pixels=declared.width * declared.height)
    pixels = decoded(whole_palette, at_least=1, limits=limits)
    palette = png.used_palette(bytes.fromhex(declared.space.palette), pixels)
    if palette is None:
        raise UnfitPage(ScanFault.CONTRADICTORY, "colours beyond the palette")
    return replace(whole_palette, palette=palette)


def _plain(declared: Declared, data: bytes, _: Any) -> Stream | None:
    """Bytes of rows, out of LZW, RunLength or text; written anew in the best filter."""
    if declared.space.palette:
        return None
    channels = declared.space.channels
    mode = _RAW_MODES.get((declared.bits, channels))
    if mode is None:
        return None
    size = (declared.width * declared.bits * channels + 7) // 8 * declared.height
    if len(data) < size:
        raise UnfitPage(ScanFault.TRUNCATED, "image rows missing")
    image = Image.frombytes(mode, (declared.width, declared.height), data[:size])
    image = bilevel.negative(image) if declared.inverted else image
    return replace(encode.lossless(image), flags=declared.flags, encoded=True)


_DCT: Final = ("/DCTDecode", "/DCT")
_BY_FILTER: Final = {
    **dict.fromkeys(_DCT, _dct),
    **dict.fromkeys(("/CCITTFaxDecode", "/CCF"), _ccitt),
    **dict.fromkeys(("/FlateDecode", "/Fl"), _flate),
    **dict.fromkeys(whole.PLAIN - {"/FlateDecode", "/Fl"}, _plain),
}
_BYTES_ONLY: Final = whole.PLAIN - {"/FlateDecode", "/Fl"}


def _shape(parms: dict[str, Any]) -> tuple[int, int, int]:
    defaults = (("/Colors", 1), ("/BitsPerComponent", 8), ("/Columns", 1))
    colours, bits, columns = (int(parms.get(key, value)) for key, value in defaults)
    return colours, bits, columns


def _flate_parms(
    predictor: int, channels: int, bits: int, width: int
) -> dict[str, int]:
    if predictor == _NO_PREDICTOR:
        return {}
    return {
        "Predictor": predictor,
        "Colors": channels,
        "BitsPerComponent": bits,
        "Columns": width,
    }
