"""The page manifest that a copy's pages would answer to, read from the copy itself.

Only for a copy whose order is not at hand (docs/decisions/0054). Whether the pages are
allowed is judged in ``pages``. Start at ``read_manifest``.
"""

import re
from typing import Final

from ecopy.events import ManifestPage, PageImage
from storage.domain.gate.pdf.objects import Obj, View, resolve
from storage.domain.gate.pdf.pages import MARGIN, FileUnderCheck
from storage.domain.gate.pdf.tokens import (
    Dictionary,
    Value,
    integer,
    numbers,
    reference,
)
from storage.domain.gate.refusal import refuse, require

MAX_PAGES: Final = 2000
_PLACED: Final = re.compile(rb"q\n([^\n]{1,200}) cm\n/Im\d+ Do\nQ\n")


def read_manifest(view: View, catalog: Dictionary) -> tuple[ManifestPage, ...]:
    """The pages before the clause page, as intake would have ordered them."""
    kids = resolve(view, catalog[b"/Pages"], "page-tree").dictionary()[b"/Kids"]
    if not isinstance(kids, list):
        refuse("page-tree", "Kids")
    require(0 < len(kids) <= MAX_PAGES, "page-count", len(kids))
    originals = FileUnderCheck(view)
    return tuple(
        _page(originals, resolve(view, reference(kid, "page-tree"), "page-tree"))
        for kid in kids[:-1]
    )


def _page(originals: FileUnderCheck, page: Obj) -> ManifestPage:
    fields = page.dictionary()
    rotation = integer(fields.get(b"/Rotate", b"0"), "page-rotation")
    left, bottom, right, top = numbers(fields[b"/MediaBox"], "page-box")
    wider, higher = (MARGIN, 0.0) if rotation in (90, 270) else (0.0, MARGIN)
    content = resolve(originals.view, fields[b"/Contents"], "page-content")
    placed = _PLACED.findall(content.body())
    drawn = _below(_below(fields, b"/Resources"), b"/XObject")
    images = tuple(
        _image(originals, drawn.get(b"/Im%d" % at), placement)
        for at, placement in enumerate(placed)
    )
    return ManifestPage.model_validate(
        {
            "width": right - left - wider,
            "height": top - bottom - higher,
            "rotation": rotation,
            "images": images,
        }
    )


def _below(fields: Dictionary, key: bytes) -> Dictionary:
    value = fields.get(key)
    if not isinstance(value, dict):
        refuse("page-content", key)
    return value


def _image(
    originals: FileUnderCheck, name: Value | None, placement: bytes
) -> PageImage:
    """The image as a manifest describes it; the gate compares it entry by entry."""
    image = resolve(originals.view, name, "image")
    fields = image.dictionary()
    space, palette = _space(fields.get(b"/ColorSpace"))
    return PageImage.model_validate(
        {
            "sha256": originals.digest(image),
            "size": integer(fields.get(b"/Length"), "image"),
            "filter": _name(fields.get(b"/Filter")),
            "width": integer(fields.get(b"/Width"), "image"),
            "height": integer(fields.get(b"/Height"), "image"),
            "bits": integer(fields.get(b"/BitsPerComponent"), "image"),
            "colour_space": space,
            "palette": palette,
            "decode_parms": _parameters(fields.get(b"/DecodeParms")),
            "inverted": b"/Decode" in fields,
            "placement": tuple(float(n) for n in placement.split()),
        }
    )


def _space(value: Value | None) -> tuple[str, str]:
    """The colour space and, of an indexed one, its colours in hexadecimal."""
    if not isinstance(value, list):
        return _name(value), ""
    table = value[-1]
    if type(table) is not bytes:
        refuse("image", "palette")
    return _name(value[0]), table[1:-1].decode()


def _name(value: Value | None) -> str:
    if type(value) is not bytes or value[:1] != b"/":
        refuse("image", "not a name")
    return value[1:].decode()


def _parameters(value: Value | None) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    words = {b"true": 1, b"false": 0}
    return {
        _name(key): words[given]
        if type(given) is bytes and given in words
        else _whole(given)
        for key, given in value.items()
    }


def _whole(value: Value) -> int:
    """/K may be negative."""
    if type(value) is not bytes:
        refuse("image", "parameter")
    return int(value)
