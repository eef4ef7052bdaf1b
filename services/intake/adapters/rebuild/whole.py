"""Is all of an image there? Asked before pdfium decodes it.

pdfium paints what is missing grey or white and says nothing: a page cut in half would
become a page of half the truth. What nobody here can judge is refused in its own words.
"""

from typing import Any, Final

import pikepdf
from pikepdf import Name, StreamDecodeLevel

from intake.adapters.rebuild import bilevel, fax, jbig2, jpeg, jpeg_rows
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.pages import Unfit
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


def refuse_cut_image(image: pikepdf.Object) -> None:
    """Raises Unfit for data that end before the last row, or do not decode."""
    filters = names(image)
    last = filters[-1] if filters else ""
    if not filters or PLAIN.issuperset(filters):
        if len(unwrapped(image, filters)) < _least_bytes(image):
            raise Unfit(ScanFault.TRUNCATED, "image rows missing")
        return
    judge = _JUDGES.get(last)
    if judge is None or not PLAIN.issuperset(filters[:-1]):
        raise Unfit(ScanFault.UNKNOWN_CODING, " ".join(filters))
    judge(image, unwrapped(image, filters[:-1]))


def names(image: pikepdf.Object) -> list[str]:
    """The image's filters, outermost first."""
    found = image.get("/Filter", image.get("/F", pikepdf.Array()))
    return [str(f) for f in ([found] if isinstance(found, Name) else list(found))]


def unwrapped(image: pikepdf.Object, filters: list[str]) -> bytes:
    """The image's data with its outermost ``filters`` undone; raises Unfit."""
    if len(filters) > _MOST_FILTERS:
        raise Unfit(ScanFault.UNKNOWN_CODING, f"{len(filters)} filters")
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
            raise Unfit(ScanFault.DAMAGED, "image data") from error


def _copied(parms: Any) -> Any:
    """None for an empty dictionary: qpdf undoes RunLength and text only without one."""
    return pikepdf.Dictionary(dict(parms.items())) if parms else None


def all_parms(image: pikepdf.Object) -> list[Any]:
    """One dictionary or None for each filter."""
    found = image.get("/DecodeParms", image.get("/DP"))
    told = [] if found is None else [found]
    told = list(found) if isinstance(found, pikepdf.Array) else told
    return told + [None] * (len(names(image)) - len(told))


def _jpx(image: pikepdf.Object, data: bytes) -> None:
    shown = loaded(picture(data, "JPEG2000"))
    if shown.size != (int(image.get("/Width", 0)), int(image.get("/Height", 0))):
        raise Unfit(ScanFault.CONTRADICTORY, "JPEG 2000 of another size")


def _fax(image: pikepdf.Object, data: bytes) -> None:
    coding = fax.coding(all_parms(image)[-1])
    size = (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
    bilevel.canonical(data, coding, size)


def _jpeg(image: pikepdf.Object, data: bytes) -> None:
    found = jpeg.parse(data)
    if "/ColorSpace" in image and found.components != _channels(image):
        raise Unfit(ScanFault.CONTRADICTORY, "JPEG of other colours")
    jpeg_rows.check(found)


def _jbig2(image: pikepdf.Object, data: bytes) -> None:
    shared = dict((all_parms(image)[-1] or pikepdf.Dictionary()).items())
    more = shared.get("/JBIG2Globals")
    size = (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
    jbig2.refuse_cut(b"" if more is None else more.read_bytes(), data, size)


_JUDGES: Final = {
    "/DCTDecode": _jpeg,
    "/DCT": _jpeg,
    "/JPXDecode": _jpx,
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
