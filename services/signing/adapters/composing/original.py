"""The normalised original, read as the manifest says it is or not at all.

Each page draws images and nothing else; every image's bytes, form and place equal what
a person approved. The place is compared to a thousandth of a point. Start at
``open_original``.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from ecopy.events import ManifestPage, PageImage
from ecopy.identifiers import Sha256
from ecopy.refusals import Reason, Refusal
from signing.adapters.composing.page_images import COLOUR_DIGITS, FLAGS
from signing.adapters.pdf.named_files import open_named
from signing.domain.rope import Octets, Stretch, digest

TOLERANCE_POINTS: Final = 0.001
PARAMETERS: Final = FLAGS | {
    *("BitsPerComponent", "Colors", "Columns", "Predictor"),
    *("DamagedRowsBeforeError", "K", "Rows"),
}
"""The keys that /DecodeParms may have (ISO 32000-1 tables 8 and 11)."""
_HEAD: Final = re.compile(
    rb"\d{1,9} 0 obj\n<< [^\r]{0,2000}? /Length (\d{1,10}) >>\nstream\n"
)
"""The beginning of a stream as qpdf writes it. Whether it is the right stream is
decided by the image's own digest.
"""
_HEAD_BYTES: Final = 2048
"""How much is read to find the beginning; a palette of 256 colours takes 1,538 octets.
"""
_PALETTE: Final = re.compile(r"(?:[0-9a-f]{6})+")
Matrix = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ParsedOriginal:
    """An open original: what qpdf reads of it, and where its bytes are."""

    pdf: pikepdf.Pdf
    octets: Octets
    offsets: dict[tuple[int, int], int]
    digests: dict[int, Sha256] = field(default_factory=dict)
    """The digest of each stream by its place: an image that many pages share is hashed
    once.
    """

    def digest(self, stretch: Stretch) -> Sha256:
        if stretch.start not in self.digests:
            self.digests[stretch.start] = digest(stretch)
        return self.digests[stretch.start]

    def stretch(self, stream: pikepdf.Object) -> Stretch | None:
        """The place of the stream's bytes as they were written; None if the file was
        not written by us.
        """
        start = self.offsets.get(stream.objgen, 0)
        head = bytes(
            self.octets.read(start, min(_HEAD_BYTES, self.octets.size - start))
        )
        found = _HEAD.match(head)
        if found is None:
            return None
        begin, size = start + found.end(), int(found[1])
        whole = begin + size <= self.octets.size
        return Stretch(self.octets, begin, size) if whole else None


@contextmanager
def open_original(octets: Octets) -> Iterator[ParsedOriginal]:
    """Parse *octets* and keep them open while the context lasts. Raises
    pikepdf.PdfError.
    """
    with open_named(octets) as path, pikepdf.open(path) as pdf:
        table = pdf.get_xref_table()
        plain = {at: e.offset for at, e in table.items() if e.offset is not None}
        yield ParsedOriginal(pdf, octets, plain)


def _dictionary(image: PageImage) -> dict[str, Any]:
    """Every key of the image's dictionary but /Length and /Type, as the manifest has
    it.
    """
    keys: dict[str, Any] = {
        "/Subtype": Name.Image,
        "/Width": image.width,
        "/Height": image.height,
        "/BitsPerComponent": image.bits,
        "/ColorSpace": _colour_space(image),
        "/Filter": Name("/" + image.filter),
    }
    if image.decode_parms:
        keys["/DecodeParms"] = Dictionary(
            {
                f"/{key}": bool(value) if key in FLAGS else value
                for key, value in image.decode_parms.items()
            }
        )
    if image.inverted:
        keys["/Decode"] = Array([1, 0])
    return keys


def _colour_space(image: PageImage) -> pikepdf.Object:
    if image.colour_space != "Indexed":
        return Name("/" + image.colour_space)
    last = len(image.palette) // COLOUR_DIGITS - 1
    colours = String(bytes.fromhex(image.palette))
    return Array([Name.Indexed, Name.DeviceRGB, last, colours])


def _coloured(image: PageImage) -> bool:
    """Whether there is a palette exactly where one is needed (docs/dialect.md 2.1)."""
    if image.colour_space != "Indexed":
        return not image.palette
    plain = image.filter == "FlateDecode" and not image.inverted
    most = COLOUR_DIGITS << image.bits
    whole = _PALETTE.fullmatch(image.palette) and len(image.palette) <= most
    return plain and bool(whole)


def placed_images(
    scan: ParsedOriginal, ordered: ManifestPage, at: int
) -> list[Stretch]:
    """The images of page *at*, counted from 1, after their check. Raises
    Refusal(ORIGINAL_MISMATCH) saying which page differs, and how.
    """
    page = scan.pdf.pages[at - 1].obj
    _same_box(page, ordered, at)
    drawn = list(_drawn(page, at))
    if len(drawn) != len(ordered.images):
        raise _mismatch(at, f"/XObject {len(drawn)} ≠ {len(ordered.images)}")
    return [
        _same_image(scan, stream, matrix, image, at)
        for (matrix, stream), image in zip(drawn, ordered.images, strict=True)
    ]


def _same_box(page: pikepdf.Object, ordered: ManifestPage, at: int) -> None:
    """Check the page's box and rotation. Inherited boxes are not read: intake writes
    each page its own.
    """
    if "/MediaBox" not in page or "/Contents" not in page or "/Resources" not in page:
        raise _mismatch(at, "/MediaBox /Contents /Resources")
    box = [float(edge) for edge in page.MediaBox]
    rotation = int(page.get("/Rotate", 0)) % 360
    if not _near(box, (0, 0, ordered.width, ordered.height)):
        raise _mismatch(at, f"/MediaBox {box}")
    if rotation != ordered.rotation:
        raise _mismatch(at, f"/Rotate {rotation} ≠ {ordered.rotation}")


def _drawn(page: pikepdf.Object, at: int) -> Iterator[tuple[Matrix, pikepdf.Object]]:
    """The images that a page draws, each with its matrix: ``q … cm /Name Do Q`` again
    and again. Anything else is not our original.
    """
    steps = iter(pikepdf.parse_content_stream(page))
    images = page.Resources.get("/XObject", Dictionary())
    for begin in steps:
        group = [begin, *(next(steps, None) for _ in range(3))]
        if [_operator(step) for step in group] != ["q", "cm", "Do", "Q"]:
            raise _mismatch(at, "/Contents")
        name = str(group[2].operands[0])  # type: ignore[union-attr]
        if name not in images:
            raise _mismatch(at, f"/XObject {name}")
        yield tuple(map(float, group[1].operands)), images[name]  # type: ignore[union-attr]


def _operator(step: Any) -> str:
    return "" if step is None else str(step.operator)


def _same_image(
    scan: ParsedOriginal,
    stream: pikepdf.Object,
    matrix: Matrix,
    image: PageImage,
    at: int,
) -> Stretch:
    if not image.decode_parms.keys() <= PARAMETERS:
        raise _mismatch(at, "/DecodeParms")
    if not _coloured(image):
        raise _mismatch(at, "/Indexed")
    if not _near(matrix, image.placement):
        raise _mismatch(at, f"cm {matrix}")
    for key, value in _dictionary(image).items():
        if _plain(stream.get(key)) != _plain(value):
            raise _mismatch(at, key)
    if not image.inverted and "/Decode" in stream:
        raise _mismatch(at, "/Decode")
    stretch = scan.stretch(stream)
    if stretch is None or stretch.size != image.size:
        raise _mismatch(at, "stream")
    if scan.digest(stretch) != image.sha256:
        raise _mismatch(at, "stream")
    return stretch


def _plain(value: Any) -> Any:
    """A PDF value in Python's types; an array of one filter is that filter."""
    if isinstance(value, Array):
        items = [_plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    if isinstance(value, Dictionary):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, String):
        return bytes(value)
    return str(value) if isinstance(value, Name) else value


def _near(some: Any, others: Any) -> bool:
    pairs = list(zip(some, others, strict=False))
    return len(some) == len(others) == len(pairs) and all(
        abs(a - b) <= TOLERANCE_POINTS for a, b in pairs
    )


def _mismatch(at: int, part: str) -> Refusal:
    """The refusal of page *at*. The *part* that differs has PDF's own name: a key of
    the page or of the image, or an operator.
    """
    return Refusal(Reason.ORIGINAL_MISMATCH, "page-differs", page=at, part=part)
