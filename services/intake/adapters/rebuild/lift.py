"""Takes an image's encoded stream out of a PDF as it stands, if a copy can say it.

``None`` means: not in these words. The caller then decodes it, or renders the page.
"""

import zlib
from dataclasses import dataclass
from typing import Any, Final, Literal

import pikepdf
from pikepdf import Name

from intake.adapters.rebuild import colour, jpeg, png
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import ColourSpace, Stream, Unfit, check_pixels
from intake.domain.scan import Flag, ScanFault

_ODD_KEYS: Final = ("/SMask", "/Mask", "/SMaskInData", "/Alternates")
_CHANNELS: Final[dict[ColourSpace, int]] = {"DeviceGray": 1, "DeviceRGB": 3}
_BITS: Final[dict[int, Literal[1, 2, 4, 8]]] = {1: 1, 2: 2, 4: 4, 8: 8}
_NO_PREDICTOR: Final = 1
_PNG_PREDICTORS: Final = range(10, 16)


def lift(image: pikepdf.Object, *, limits: Limits) -> Stream | None:
    """Raises Unfit for an image that no decoder could make sense of."""
    width, height = size_of(image, limits=limits)
    colours = _colours(image)
    inverted = _inverted(image)
    filters = _list(image.get("/Filter"))
    if masked(image) or colours is None or inverted is None or not filters:
        return None
    told = _Told(width, height, _bits(image), colours[0], inverted, colours[1])
    parms = [dict(p.items()) if p is not None else {} for p in _parms(image, filters)]
    kept = _BY_FILTER.get(str(filters[-1]))
    data = _unwrapped(image.read_raw_bytes(), filters, parms, limits)
    return kept(told, data, parms[-1]) if kept and data is not None else None


def _bits(image: pikepdf.Object) -> int:
    stencil = bool(image.get("/ImageMask", False))
    return 1 if stencil else int(image.get("/BitsPerComponent", 0))


def size_of(image: pikepdf.Object, *, limits: Limits) -> tuple[int, int]:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    check_pixels(width, height, limits=limits)
    return width, height


def masked(image: pikepdf.Object) -> bool:
    return any(image.get(key) not in (None, 0) for key in _ODD_KEYS)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the image's dictionary says of it, in the words of a copy."""

    width: int
    height: int
    bits: int
    colour_space: ColourSpace
    inverted: bool
    flags: tuple[Flag, ...]


def _dct(told: _Told, data: bytes, parms: dict[str, Any]) -> Stream | None:
    if parms or told.inverted:
        return None
    found = jpeg.parse(data)
    same = (found.width, found.height) == (told.width, told.height)
    eight = found.bits == 8 and found.frame in jpeg.PDF_FRAMES  # noqa: PLR2004
    if not same or not eight or found.components != _CHANNELS[told.colour_space]:
        return None
    flags = (*told.flags, *(("metadata-cut",) if found.cut else ()))
    return Stream(
        data=found.clean,
        filter="DCTDecode",
        width=told.width,
        height=told.height,
        bits=8,
        colour_space=told.colour_space,
        flags=flags,
    )


def _ccitt(told: _Told, data: bytes, parms: dict[str, Any]) -> Stream | None:
    """Group 4 only, one bit, as wide and high as told."""
    group4 = int(parms.get("/K", 0)) < 0 and not parms.get("/EncodedByteAlign")
    columns = int(parms.get("/Columns", 1728))
    rows = int(parms.get("/Rows", 0))
    fits = columns == told.width and rows in (0, told.height)
    if not group4 or not fits or told.bits not in (0, 1):
        return None
    if told.colour_space != "DeviceGray":
        return None
    black = {"BlackIs1": 1} if parms.get("/BlackIs1") else {}
    return Stream(
        data=data,
        filter="CCITTFaxDecode",
        width=told.width,
        height=told.height,
        bits=1,
        colour_space="DeviceGray",
        decode_parms={"K": -1, "Columns": columns, "Rows": told.height} | black,
        inverted=told.inverted,
    )


def _flate(told: _Told, data: bytes, parms: dict[str, Any]) -> Stream | None:
    bits = _BITS.get(told.bits)
    channels = _CHANNELS[told.colour_space]
    if bits is None or (bits != 8 and channels != 1):  # noqa: PLR2004
        return None
    row = (told.width * bits * channels + 7) // 8
    predictor = int(parms.get("/Predictor", _NO_PREDICTOR))
    if predictor in _PNG_PREDICTORS:
        row += 1
        if _shape(parms) != (channels, bits, told.width):
            return None
    elif predictor != _NO_PREDICTOR:
        return None
    if not png.inflates_to(data, row * told.height):
        raise Unfit(ScanFault.DAMAGED, "image rows")
    return Stream(
        data=data,
        filter="FlateDecode",
        width=told.width,
        height=told.height,
        bits=bits,
        colour_space=told.colour_space,
        decode_parms=_flate_parms(predictor, channels, bits, told.width),
        inverted=told.inverted,
        flags=told.flags,
    )


_BY_FILTER: Final = {
    "/DCTDecode": _dct,
    "/CCITTFaxDecode": _ccitt,
    "/FlateDecode": _flate,
}


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


def _unwrapped(
    data: bytes, filters: list[Any], parms: list[dict[str, Any]], limits: Limits
) -> bytes | None:
    """``[/FlateDecode X]``: deflate around an encoded image, as some printers do."""
    if len(filters) == 1:
        return data
    if len(filters) != 2 or filters[0] != Name.FlateDecode or parms[0]:  # noqa: PLR2004
        return None
    inflate = zlib.decompressobj()
    try:
        out = inflate.decompress(data, limits.source_bytes)
    except zlib.error as error:
        raise Unfit(ScanFault.DAMAGED, "image") from error
    return out if inflate.eof else None


def _colours(
    image: pikepdf.Object,
) -> tuple[ColourSpace, tuple[Flag, ...]] | None:
    if image.get("/ImageMask", False):
        return "DeviceGray", ()
    space = image.get("/ColorSpace")
    if space in (Name.DeviceGray, Name.G):
        return "DeviceGray", ()
    if space in (Name.DeviceRGB, Name.RGB):
        return "DeviceRGB", ()
    if not isinstance(space, pikepdf.Array) or len(space) != 2:  # noqa: PLR2004
        return None
    return _icc_based(space[1]) if space[0] == Name.ICCBased else None


def _icc_based(stream: Any) -> tuple[ColourSpace, tuple[Flag, ...]] | None:
    channels = int(stream.get("/N", 0))
    if channels == 1:
        return "DeviceGray", ()
    if channels != 3:  # noqa: PLR2004
        return None
    near = colour.nearness(stream.read_bytes())
    if near == "far":
        return None
    return "DeviceRGB", (("colour-profile-cut",) if near == "near" else ())


def _inverted(image: pikepdf.Object) -> bool | None:
    """None for a /Decode that is neither the default nor a plain 1-bit inversion."""
    decode = [float(v) for v in image.get("/Decode", [])]
    if not decode or decode == [0.0, 1.0] * (len(decode) // 2):
        return False
    one_bit = bool(image.get("/ImageMask", False)) or (
        int(image.get("/BitsPerComponent", 1)) == 1
    )
    return True if one_bit and decode == [1.0, 0.0] else None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _parms(image: pikepdf.Object, filters: list[Any]) -> list[Any]:
    found = _list(image.get("/DecodeParms", image.get("/DP")))
    return found + [None] * (len(filters) - len(found))
