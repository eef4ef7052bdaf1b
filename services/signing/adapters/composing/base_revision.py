"""The base revision, written object by object: docs/dialect.md sections 1 and 2. The
gate's ``pdf/base_revision.py`` is its mirror.

What typst made and every copy of a kind shares (fonts, profiles) is one piece of text;
page images are stretches of the original, neither read nor copied here; what differs is
written anew, in the words that qpdf would use. A draft is a rope of these. Written by
hand, because a PDF library would read and copy every image (decision 0017). Start at
``base_revision``.
"""

import zlib
from binascii import hexlify
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Final

from ecopy.events import ManifestPage
from signing.adapters.composing.page_images import ImageNumbers, image_keys
from signing.adapters.composing.typeset_pages import Typeset
from signing.adapters.pdf.groups import PlacedGroup
from signing.adapters.pdf.identifiers import first_half
from signing.adapters.pdf.metadata import info, packet
from signing.domain.layout import MARGIN_POINTS, Box, margin, numbers
from signing.domain.rope import MemoryOctets, Octets, Rope, Stretch

HEADER: Final = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
CLAUSE_BOX: Final = (0, 0, 595.2756, 867.40155)
"""A4 with the margin of 25.5 points below it, in points."""
WIDGET_FLAGS: Final = 4 | 128
"""Print and Locked (ISO 32000-1 table 165): PDF/A wants the first, and the second keeps
a reader from moving the field."""
_CATALOG, _INFO, _FORM, _XMP, _PAGES, _CLAUSE, _CLAUSE_TEXT, _FIRST_FIELD = range(1, 9)


class _File:
    """A file in the making: objects one after the other, then their table (ISO 32000-1
    section 7.5).
    """

    def __init__(self) -> None:
        self._parts: list[Octets] = []
        self._text = bytearray(HEADER)
        self._before = 0
        self._offsets: dict[int, int] = {}

    @property
    def _size(self) -> int:
        return self._before + len(self._text)

    def put(self, number: int, text: bytes) -> None:
        self._offsets[number] = self._size
        self._text += b"%d 0 obj\n%b\nendobj\n" % (number, text)

    def put_stream(self, number: int, keys: bytes, content: bytes) -> None:
        """Write a stream; *keys*, the text of its dictionary, end with a blank."""
        self._head(number, keys, len(content))
        self._text += content + b"\nendstream\nendobj\n"

    def put_stretch(self, number: int, keys: bytes, content: Stretch) -> None:
        self._head(number, keys, content.size)
        self._lay(content)
        self._text += b"\nendstream\nendobj\n"

    def put_group(self, first: int, placed: PlacedGroup) -> None:
        """Append objects that are written already, numbered from *first*."""
        start = self._size
        self._offsets.update(enumerate((start + at for at in placed.offsets), first))
        self._lay(MemoryOctets(placed.text))

    def end(self, identifier: bytes) -> Rope:
        """Write table and trailer, whose /ID is *identifier* twice: the whole file."""
        table, size = self._size, len(self._offsets) + 1
        rows = (b"%010d 00000 n \n" % self._offsets[n] for n in range(1, size))
        self._text += b"xref\n0 %d\n0000000000 65535 f \n" % size
        self._text += b"".join(rows)
        name = hexlify(identifier)
        self._text += (
            b"trailer << /Info %d 0 R /Root %d 0 R /Size %d /ID [<%b><%b>] >>\n"
            b"startxref\n%d\n%%%%EOF\n"
        ) % (_INFO, _CATALOG, size, name, name, table)
        return Rope((*self._parts, MemoryOctets(self._text)))

    def _head(self, number: int, keys: bytes, length: int) -> None:
        self._offsets[number] = self._size
        self._text += b"%d 0 obj\n<< %b/Length %d >>\nstream\n" % (
            number,
            keys,
            length,
        )

    def _lay(self, piece: Octets) -> None:
        """Append a piece that is not copied."""
        self._parts += (MemoryOctets(self._text), piece)
        self._before = self._size + piece.size
        self._text = bytearray()


def base_revision(
    typeset: Typeset,
    manifest: Sequence[ManifestPage],
    images: Sequence[Sequence[Stretch]],
    *,
    fields: Mapping[str, Box],
    entry: str,
    title: str,
    creator: str,
    at: datetime,
) -> Rope:
    """The bytes of a draft: everything before the first signature.

    *typeset* has the clause page and a footer for each page of the *manifest*, *images*
    the bytes of each page's images in the manifest's order; *at* is local time.
    """
    file = _File()
    shared = _FIRST_FIELD + len(fields)
    placed = typeset.shared.placed(shared)
    resources = [shared + index for index in typeset.resources]
    own = shared + len(placed.offsets)
    numbers_of = ImageNumbers()
    starts = numbers_of.number_pages(own, manifest)
    numbered = dict(zip(fields, count(_FIRST_FIELD)))
    xmp = packet(entry=entry, title=title, creator=creator, at=at)
    clause, *footers = typeset.drawings
    _put_catalog(file, intent=shared)
    file.put(_INFO, info(title=title, creator=creator, at=at))
    file.put(_FORM, b"<< /Fields [ %b] >>" % _references(numbered.values()))
    file.put_stream(_XMP, b"/Subtype /XML /Type /Metadata ", xmp)
    _put_pages(file, [*starts, _CLAUSE])
    _put_clause(file, clause, resources[0], numbered.values())
    for name, number in numbered.items():
        _put_field(file, number, name, fields[name])
    file.put_group(shared, placed)
    for number, page, drawn, fonts, stretches in zip(
        starts, manifest, footers, resources[1:], images, strict=True
    ):
        drawn_images = [numbers_of.number(image) for image in page.images]
        _put_page(file, number, page, drawn_images)
        _put_footer(file, number + 2, drawn, margin(page).width, fonts)
        for image, stretch in zip(page.images, stretches, strict=True):
            if numbers_of.mark_written(image):
                file.put_stretch(numbers_of.number(image), image_keys(image), stretch)
    return file.end(first_half(entry, at))


def _put_catalog(file: _File, *, intent: int) -> None:
    file.put(
        _CATALOG,
        b"<< /AcroForm %d 0 R /Lang (vi) /Metadata %d 0 R /OutputIntents [ %d 0 R ]"
        b" /Pages %d 0 R /Type /Catalog"
        b" /ViewerPreferences << /DisplayDocTitle true >> >>"
        % (_FORM, _XMP, intent, _PAGES),
    )


def _put_pages(file: _File, kids: Sequence[int]) -> None:
    values = len(kids), _references(kids)
    file.put(_PAGES, b"<< /Count %d /Kids [ %b] /Type /Pages >>" % values)


def _put_clause(
    file: _File, drawn: bytes, resources: int, fields: Iterable[int]
) -> None:
    file.put(
        _CLAUSE,
        b"<< /Annots [ %b] /Contents %d 0 R /MediaBox [ %b ] /Parent %d 0 R"
        b" /Resources %d 0 R /Type /Page >>"
        % (
            _references(fields),
            _CLAUSE_TEXT,
            _numbers(CLAUSE_BOX),
            _PAGES,
            resources,
        ),
    )
    file.put_stream(_CLAUSE_TEXT, b"/Filter /FlateDecode ", zlib.compress(drawn))


def _put_field(file: _File, number: int, name: str, box: Box) -> None:
    """Write a field without an appearance: to a reader, exchanging one when the field
    is signed would be a change of the page (decision 0010).
    """
    file.put(
        number,
        b"<< /F %d /FT /Sig /P %d 0 R /Rect [ %b ] /Subtype /Widget /T (%b)"
        b" /Type /Annot >>" % (WIDGET_FLAGS, _CLAUSE, _numbers(box), name.encode()),
    )


def _put_page(
    file: _File, number: int, page: ManifestPage, images: Sequence[int]
) -> None:
    """Write a page and its content. /Annots is there from the start: an array that is
    added later passes for form filling (decision 0010).
    """
    below, content, footer = margin(page), number + 1, number + 2
    names = b"".join(b"/Im%d %d 0 R " % placed for placed in enumerate(images))
    file.put(
        number,
        b"<< /Annots [ ] /Contents %d 0 R /MediaBox [ %b ] /Parent %d 0 R"
        b" /Resources << /XObject << /F %d 0 R %b>> >>%b /Type /Page >>"
        % (
            content,
            _numbers(below.box),
            _PAGES,
            footer,
            names,
            b" /Rotate %d" % page.rotation if page.rotation else b"",
        ),
    )
    drawing = [_draw(i.placement, f"Im{k}") for k, i in enumerate(page.images)]
    drawing.append(_draw(below.footer, "F"))
    file.put_stream(content, b"", "".join(drawing).encode())


def _put_footer(
    file: _File, number: int, drawn: bytes, width: float, resources: int
) -> None:
    """Write a typeset strip as a form XObject (ISO 32000-1 section 8.10)."""
    box = _numbers((0, 0, width, MARGIN_POINTS))
    file.put_stream(
        number,
        b"/BBox [ %b ] /Filter /FlateDecode /Resources %d 0 R /Subtype /Form"
        b" /Type /XObject " % (box, resources),
        zlib.compress(drawn),
    )


def _draw(matrix: tuple[float, ...], name: str) -> str:
    return f"q\n{numbers(matrix)} cm\n/{name} Do\nQ\n"


def _numbers(values: tuple[float, ...]) -> bytes:
    return numbers(values).encode()


def _references(listed: Iterable[int]) -> bytes:
    return b"".join(b"%d 0 R " % number for number in listed)
