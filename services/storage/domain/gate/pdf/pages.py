"""A page of the original: its images as ordered, a footer in the added margin.

docs/dialect.md §2.1, §2.2. Nothing is drawn over an image: the footer's box with its
matrix is exactly the strip by which the page was enlarged, and holds text only. Start
at ``check_page``.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from ecopy.events import ManifestPage, PageImage
from storage.domain.gate.pdf.objects import Obj, View, resolve
from storage.domain.gate.pdf.resources import claim_resources
from storage.domain.gate.pdf.streams import inflate
from storage.domain.gate.pdf.tokens import Dictionary, Value, numbers
from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.checking import ReadWords

MARGIN: Final = 25.5
"""Points, added at the edge that is the lower one as seen."""

_PAGE_KEYS: Final = frozenset(
    {b"/Annots", b"/Contents", b"/MediaBox", b"/Parent", b"/Resources", b"/Type"}
)
_FORM_KEYS: Final = frozenset(
    {b"/BBox", b"/Filter", b"/Resources", b"/Subtype", b"/Type", b"/Length"}
)
_FORM: Final = {
    b"/Type": b"/XObject",
    b"/Subtype": b"/Form",
    b"/Filter": b"/FlateDecode",
}
_FLAGS: Final = frozenset({"BlackIs1", "EncodedByteAlign", "EndOfBlock", "EndOfLine"})
_COLOUR_DIGITS: Final = 6
_INDEXED_PARTS: Final = 4
_HEX: Final = re.compile(r"[0-9a-f]+")
_NUM: Final = rb"-?\d{1,6}+(?:\.\d{1,9}+)?+"
# Possessive throughout: a footer that almost matches costs its length, never a power of
# it. ``0 Tr`` fills the glyphs: text of mode 3 is invisible, of mode 7 a clip.
_SHOWN: Final = (
    rb"q 1 0 0 -1 %(n)b %(n)b cm/c\d{1,2} cs(?: %(n)b){1,3}+ scn\n"
    rb"BT 0 Tr/f\d{1,2} %(n)b Tf 1 0 0 -1 0 0 Tm"
    rb"\[(?:\((?:[^()\\]++|\\.)*+\)|<[0-9A-F]*+>|%(n)b(?![\d.]))*+\]TJ\nET\nQ"
) % {b"n": _NUM}
_FOOTER: Final = re.compile(_SHOWN + rb"(?:\n" + _SHOWN + rb")*+", re.DOTALL)
"""Lines of visible text, each in a state of its own that is taken back: no path, image,
clip or state, and nothing that a reader could take for the end of an outer one.
"""


@dataclass(slots=True)
class FileUnderCheck:
    """What the page checks share: the file's objects, digests once per stream."""

    view: View
    claimed: set[int] = field(default_factory=set)
    digests: dict[int, str] = field(default_factory=dict)
    words: ReadWords | None = None
    """What the drawings must show, by an order of dialect 2; None by one of dialect 1,
    whose words nobody reads."""

    def digest(self, obj: Obj) -> str:
        if obj.stream is None:
            refuse("not-a-stream", obj.number)
        if obj.number not in self.digests:
            start, end = obj.stream
            with memoryview(obj.data) as whole, whole[start:end] as stream:
                self.digests[obj.number] = sha256(stream).hexdigest()
        return self.digests[obj.number]


def num(value: float) -> str:
    """A number as the dialect writes it: five decimals at most."""
    text = format(value, ".5f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def check_page(
    shared: FileUnderCheck, page: Obj, parent: Value, ordered: ManifestPage, place: int
) -> None:
    """The page at *place*, counted from 1."""
    fields = page.dictionary()
    turned = {b"/Rotate"} if ordered.rotation else set()
    require(fields.keys() == _PAGE_KEYS | turned, "page", "keys")
    require(fields[b"/Type"] == b"/Page", "page", "type")
    require(fields[b"/Parent"] == parent, "page", "parent")
    require(fields[b"/Annots"] == b"[]", "annotation", page.number)
    rotation = fields.get(b"/Rotate", b"0")
    require(rotation == b"%d" % ordered.rotation, "page-rotation", page.number)
    box, matrix = _layout(ordered)
    require(_same(fields[b"/MediaBox"], box), "page-box", page.number)
    # By digest and by every entry, so nothing of an image is decoded here: what a
    # decoder could be made to do with it is no concern of the gate.
    objects = _drawn(fields[b"/Resources"], len(ordered.images))
    for name, image in zip(objects, ordered.images, strict=False):
        _check_image(shared, resolve(shared.view, objects[name], "image"), image)
    footer = resolve(shared.view, objects[b"/F"], "footer")
    _check_footer(shared, footer, ordered, place)
    _check_content(shared, fields[b"/Contents"], ordered, matrix)


def _layout(ordered: ManifestPage) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Page box and the footer's matrix for each rotation (§2.1)."""
    w, h = ordered.width, ordered.height
    match ordered.rotation:
        case 0:
            return (0, -MARGIN, w, h), (1, 0, 0, 1, 0, -MARGIN)
        case 90:
            return (0, 0, w + MARGIN, h), (0, 1, -1, 0, w + MARGIN, 0)
        case 180:
            return (0, 0, w, h + MARGIN), (-1, 0, 0, -1, w, h + MARGIN)
        case 270:
            return (-MARGIN, 0, w, h), (0, -1, 1, 0, -MARGIN, h)


def _same(value: Value, expected: tuple[float, ...]) -> bool:
    found = numbers(value, "page-box")
    return [num(n) for n in found] == [num(n) for n in expected]


def _drawn(value: Value, images: int) -> Dictionary:
    """/Im0 … and /F, in that order."""
    require(isinstance(value, dict) and value.keys() == {b"/XObject"}, "page-content")
    found = value[b"/XObject"] if isinstance(value, dict) else b""
    names = [b"/Im%d" % at for at in range(images)]
    require(isinstance(found, dict) and found.keys() == {*names, b"/F"}, "page-content")
    return {n: found[n] for n in (*names, b"/F")} if isinstance(found, dict) else {}


def _check_content(
    shared: FileUnderCheck,
    value: Value,
    ordered: ManifestPage,
    matrix: tuple[float, ...],
) -> None:
    """Each image at its placement, then the footer; not a byte more."""
    content = resolve(shared.view, value, "page-content")
    require(content.dictionary().keys() == {b"/Length"}, "page-content", "keys")
    lines = [
        f"q\n{' '.join(map(num, image.placement))} cm\n/Im{at} Do\nQ\n"
        for at, image in enumerate(ordered.images)
    ]
    lines.append(f"q\n{' '.join(map(num, matrix))} cm\n/F Do\nQ\n")
    expected = "".join(lines).encode()
    require(content.body() == expected, "page-content", content.number)
    shared.claimed.add(content.number)


def _check_image(shared: FileUnderCheck, image: Obj, ordered: PageImage) -> None:
    """The stream by digest, and every entry that says how to read it."""
    expected = _image_entries(ordered)
    found = image.dictionary()
    if ordered.colour_space == "Indexed":
        _check_palette(found.get(b"/ColorSpace"), ordered)
        expected[b"/ColorSpace"] = found[b"/ColorSpace"]
    same = found == expected
    require(same, "image", b" ".join(sorted(found.keys() ^ expected.keys())))
    require(shared.digest(image) == ordered.sha256, "image-digest", image.number)
    shared.claimed.add(image.number)


def _check_palette(value: Value | None, ordered: PageImage) -> None:
    """``[ /Indexed /DeviceRGB hival <colours> ]``, as ISO 32000-1 §8.6.6.3 has it, with
    exactly the ordered colours and no more of them than a sample can name.
    """
    colours, rest = divmod(len(ordered.palette), _COLOUR_DIGITS)
    counted = not rest and 0 < colours <= 1 << ordered.bits
    require(counted and _HEX.fullmatch(ordered.palette), "palette", "as ordered")
    flate = ordered.filter == "FlateDecode" and not ordered.inverted
    require(flate, "palette", "filter")
    if not isinstance(value, list) or len(value) != _INDEXED_PARTS:
        refuse("palette", "no palette")
    space, underlying, last, table = value
    require(space == b"/Indexed", "palette", "no palette")
    require(underlying == b"/DeviceRGB", "palette-space")
    require(last == b"%d" % (colours - 1), "palette-size")
    require(table == f"<{ordered.palette}>".encode(), "palette-colours")


def _image_entries(ordered: PageImage) -> Dictionary:
    """ISO 32000-1 table 89, as the manifest has it."""
    expected: Dictionary = {
        b"/Type": b"/XObject",
        b"/Subtype": b"/Image",
        b"/BitsPerComponent": b"%d" % ordered.bits,
        b"/ColorSpace": f"/{ordered.colour_space}".encode(),
        b"/Filter": f"/{ordered.filter}".encode(),
        b"/Height": b"%d" % ordered.height,
        b"/Width": b"%d" % ordered.width,
        b"/Length": b"%d" % ordered.size,
    }
    if ordered.inverted:
        expected[b"/Decode"] = b"[1 0]"
    if ordered.decode_parms:
        expected[b"/DecodeParms"] = {
            f"/{name}".encode(): _parameter(name, value)
            for name, value in ordered.decode_parms.items()
        }
    return expected


def _parameter(name: str, value: int) -> bytes:
    if name in _FLAGS:
        return b"true" if value else b"false"
    return b"%d" % value


def _check_footer(
    shared: FileUnderCheck, form: Obj, ordered: ManifestPage, place: int
) -> None:
    """§2.2: as wide as the page is seen, as high as the margin, text only."""
    fields = form.dictionary()
    require(fields.keys() == _FORM_KEYS, "footer", "keys")
    require(fields.items() >= _FORM.items(), "footer", "type")
    upright = ordered.rotation in (0, 180)
    width = ordered.width if upright else ordered.height
    require(_same(fields[b"/BBox"], (0, 0, width, MARGIN)), "footer", "box")
    text = inflate(form, "footer")
    shared.claimed.add(form.number)
    if shared.words is not None:
        require(fields[b"/Resources"] == shared.words.resources, "footer", "letters")
        shared.words.check_footer(text, place, width)
        return
    require(_FOOTER.fullmatch(text), "footer", "not text only")
    shared.claimed |= claim_resources(
        shared.view, fields[b"/Resources"], procedures=False
    )
