"""Is all of an image there? Asked before pdfium decodes it.

pdfium paints what is missing grey or white and says nothing: a page cut in half would
become a page of half the truth.
"""

from typing import Any, Final

import pikepdf
from pikepdf import Name

from intake.adapters.rebuild.decode import loaded, picture, refuse_corrupt_jpeg
from intake.adapters.rebuild.pages import Unfit
from intake.domain.scan import ScanFault

_PLAIN: Final = frozenset(
    {
        *("/FlateDecode", "/LZWDecode", "/RunLengthDecode"),
        *("/ASCII85Decode", "/ASCIIHexDecode"),
    }
)
_CHANNELS: Final = {
    "/DeviceRGB": 3,
    "/DeviceCMYK": 4,
    "/CalRGB": 3,
    "/Lab": 3,
}


def refuse_cut_image(image: pikepdf.Object) -> None:
    """Raises Unfit for data that ends before the last row, or does not decode.

    JBIG2 and Group 3 are not judged: nothing here decodes them strictly.
    """
    found = image.get("/Filter", pikepdf.Array())
    filters = [str(f) for f in ([found] if isinstance(found, Name) else list(found))]
    try:
        _judge(image, filters)
    except pikepdf.PdfError as error:
        raise Unfit(ScanFault.DAMAGED, "image data") from error


def _judge(image: pikepdf.Object, filters: list[str]) -> None:
    if filters == ["/DCTDecode"]:
        refuse_corrupt_jpeg(image.read_raw_bytes())
    elif filters == ["/JPXDecode"]:
        loaded(picture(image.read_raw_bytes(), "JPEG2000"))
    elif _PLAIN.issuperset(filters) and len(image.read_bytes()) < _least_bytes(image):
        raise Unfit(ScanFault.DAMAGED, "image rows")


def _least_bytes(image: pikepdf.Object) -> int:
    stencil = bool(image.get("/ImageMask", False))
    bits = 1 if stencil else int(image.get("/BitsPerComponent", 1))
    row = (int(image.get("/Width", 0)) * bits * _channels(image) + 7) // 8
    return row * int(image.get("/Height", 0))


def _channels(image: pikepdf.Object) -> int:
    space: Any = image.get("/ColorSpace", Name.DeviceGray)
    if isinstance(space, pikepdf.Array):
        based = space[0] == Name.ICCBased
        return int(space[1].get("/N", 1)) if based else _CHANNELS.get(str(space[0]), 1)
    return _CHANNELS.get(str(space), 1)
