"""Is all of an image there? Asked before pdfium decodes it.

pdfium paints what is missing grey or white and says nothing: a page cut in half would
become a page of half the truth. What nobody here can judge is refused in its own words.
Start at ``refuse_cut_image``.
"""

from collections.abc import Callable
from typing import Any, Final

import pikepdf
from pikepdf import Name, StreamDecodeLevel
from PIL import Image

from intake.adapters.rebuild import bilevel, fax, jbig2, jpeg, jpeg_rows, jpx
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

PLAIN: Final = frozenset(
    {
        *("/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"),
        *("/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"),
    }
)
"""Filters that give bytes, not pictures; qpdf undoes them all."""
_CHANNELS: Final = {
    "/DeviceRGB": 3,
    "/DeviceCMYK": 4,
    "/CalRGB": 3,
    "/Lab": 3,
}
_MOST_FILTERS: Final = 4
"""One behind the other, as many as qpdf is allowed to undo (``pdf.set_bounds``)."""
_MASKS: Final = ("/SMask", "/Mask")
_JPX: Final = "/JPXDecode"
_PICTURES: Final = frozenset({"/DCTDecode", "/DCT"})
_BITS: Final = frozenset({1, 2, 4, 8, 16})


def refuse_cut_image(image: pikepdf.Object) -> Image.Image | None:
    """The image's pixels, if they had to be decoded for the judgement and need no
    further word of a PDF. Raises UnfitPage for data that end before the last row, or do
    not decode, and for a description that readers take differently; the same for the
    image's masks.
    """
    found = _refuse_cut(image)
    for key in _MASKS:
        mask = image.get(key)
        if isinstance(mask, pikepdf.Stream):
            _refuse_cut(mask)
    return found


def decode_array(image: pikepdf.Object) -> list[float]:
    """/Decode; empty if there is none, or none that a reader would take."""
    found = image.get("/Decode")
    if not isinstance(found, pikepdf.Array):
        return []
    try:
        return [float(value) for value in found]
    except (TypeError, ValueError):
        return []


def _refuse_cut(image: pikepdf.Object) -> Image.Image | None:
    filters = names(image)
    _refuse_disputed(image, filters)
    last = filters[-1] if filters else ""
    if not filters or PLAIN.issuperset(filters):
        if len(unwrapped(image, filters)) < _least_bytes(image):
            raise UnfitPage(ScanFault.TRUNCATED, "image rows missing")
        return None
    judge = _JUDGES.get(last)
    if judge is None or not PLAIN.issuperset(filters[:-1]):
        raise UnfitPage(ScanFault.UNKNOWN_CODING, " ".join(filters))
    return judge(image, unwrapped(image, filters[:-1]))


def _refuse_disputed(image: pikepdf.Object, filters: list[str]) -> None:
    """Descriptions of which each reader makes another picture: poppler leaves the image
    out, pdfium takes what is not said for zero.
    """
    if bool(image.get("/ImageMask", False)):
        if filters and filters[-1] in _PICTURES:
            raise UnfitPage(ScanFault.CONTRADICTORY, "a stencil of more than one bit")
        return
    decode = decode_array(image)
    if filters and filters[-1] == _JPX:
        # ISO 32000-1, 7.4.9 has it ignored, and pdfium does not.
        if decode != [0.0, 1.0] * (len(decode) // 2):
            raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG 2000 with /Decode")
        return
    if decode and "/ColorSpace" in image and len(decode) < 2 * _channels(image):
        raise UnfitPage(ScanFault.CONTRADICTORY, "/Decode")
    plain = PLAIN.issuperset(filters)
    if "/ColorSpace" not in image and (plain or filters[-1] in _PICTURES):
        raise UnfitPage(ScanFault.CONTRADICTORY, "no colour space")
    if plain and image.get("/BitsPerComponent") not in _BITS:
        raise UnfitPage(ScanFault.CONTRADICTORY, "bits of a sample")


def names(image: pikepdf.Object) -> list[str]:
    """The image's filters, outermost first."""
    found = image.get("/Filter", image.get("/F", pikepdf.Array()))
    return [str(f) for f in ([found] if isinstance(found, Name) else list(found))]


def unwrapped(image: pikepdf.Object, filters: list[str]) -> bytes:
    """The image's data with its outermost ``filters`` undone; raises UnfitPage."""
    if len(filters) > _MOST_FILTERS:
        raise UnfitPage(ScanFault.UNKNOWN_CODING, f"{len(filters)} filters")
    if not filters:
        return image.read_raw_bytes()
    parms = [_copied(p) for p in all_parms(image)[: len(filters)]]
    with pikepdf.new() as scratch:
        stream = scratch.make_stream(image.read_raw_bytes())
        stream.Filter = pikepdf.Array([Name(name) for name in filters])
        stream.DecodeParms = pikepdf.Array(parms)
        try:
            return stream.read_bytes(StreamDecodeLevel.specialized)
        except pikepdf.PdfError as error:
            raise UnfitPage(ScanFault.DAMAGED, "image data") from error


def _copied(parms: Any) -> Any:
    """None for an empty dictionary: qpdf undoes RunLength and text only without one."""
    return pikepdf.Dictionary(dict(parms.items())) if parms else None


def all_parms(image: pikepdf.Object) -> list[Any]:
    """One dictionary or None for each filter; what stands behind those is for none."""
    found: Any = image.get("/DecodeParms", image.get("/DP"))
    listed = list(found) if isinstance(found, pikepdf.Array) else [found]
    count = len(names(image))
    parms = [each if isinstance(each, pikepdf.Dictionary) else None for each in listed]
    return (parms + [None] * count)[:count]


def _fax(image: pikepdf.Object, data: bytes) -> None:
    coding = fax.coding(all_parms(image)[-1])
    size = (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
    bilevel.canonical(data, coding, size)


def _jpeg(image: pikepdf.Object, data: bytes) -> None:
    found = jpeg.parse(data)
    if "/ColorSpace" in image and found.components != _channels(image):
        raise UnfitPage(ScanFault.CONTRADICTORY, "JPEG of other colours")
    jpeg_rows.check(found)


def _jbig2(image: pikepdf.Object, data: bytes) -> None:
    shared = dict((all_parms(image)[-1] or pikepdf.Dictionary()).items())
    more = shared.get("/JBIG2Globals")
    size = (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
    jbig2.refuse_cut(b"" if more is None else more.read_bytes(), data, size)


_JUDGES: Final[dict[str, Callable[[pikepdf.Object, bytes], Image.Image | None]]] = {
    "/DCTDecode": _jpeg,
    "/DCT": _jpeg,
    "/JPXDecode": jpx.judged,
    "/CCITTFaxDecode": _fax,
    "/CCF": _fax,
    "/JBIG2Decode": _jbig2,
}


def _least_bytes(image: pikepdf.Object) -> int:
    stencil = bool(image.get("/ImageMask", False))
    bits = 1 if stencil else int(image.get("/BitsPerComponent", 1))
    row = (int(image.get("/Width", 0)) * bits * _channels(image) + 7) // 8
    return row * int(image.get("/Height", 0))


def _channels(image: pikepdf.Object) -> int:
    space: Any = image.get("/ColorSpace", Name.DeviceGray)
    if not isinstance(space, pikepdf.Array):
        return _CHANNELS.get(str(space), 1)
    if space[0] == Name.ICCBased:
        return int(space[1].get("/N", 1))
    if space[0] == Name.DeviceN:
        return len(space[1])
    return _CHANNELS.get(str(space[0]), 1)
