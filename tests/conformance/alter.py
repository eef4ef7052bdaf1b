"""Altered copies, each of which a named judge can tell and must refuse.

A judge that accepts everything is no judge: the run gives each one a file like
the copy but for one thing, and fails when it is accepted.
"""

import io
import re
from collections.abc import Callable

from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from conformance.signed_pdf import TOKEN, replaced, revision_ends, signatures

STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)
TABLE_LINE = re.compile(rb"\d{10} 00000 n ")
PDFA_CLAIM = re.compile(
    rb"<pdfaid:(part|conformance)>[^<]*</pdfaid:\1>"
    rb'|pdfaid:(?:part|conformance)="[^"]*"'
)
FONT_PROGRAM = re.compile(rb"/FontFile[23]? ?\d+ 0 R")
RED_SQUARE = b"1 0 0 rg 0 0 200 200 re f"


def flipped_byte_in_an_image(copy: bytes) -> bytes:
    """One bit in the middle of the first revision's longest stream, a page's image."""
    base = copy[: revision_ends(copy)[0]]
    image = max(STREAM.finditer(base), key=lambda found: found.end() - found.start())
    middle = (image.start(1) + image.end(1)) // 2
    return copy[:middle] + bytes([copy[middle] ^ 1]) + copy[middle + 1 :]


def red_overlay(copy: bytes) -> bytes:
    """A new revision with an annotation that covers part of the first page."""
    pdf = IncrementalPdfFileWriter(io.BytesIO(copy))
    page = pdf.root["/Pages"]["/Kids"][0]
    annotations = page.get("/Annots", generic.ArrayObject())
    page[pdf_name("/Annots")] = generic.ArrayObject(
        [*annotations, pdf.add_object(_red_annotation(pdf))]
    )
    pdf.update_container(page)
    out = io.BytesIO()
    pdf.write(out)
    return out.getvalue()


def _red_annotation(pdf: writer.BasePdfFileWriter) -> generic.DictionaryObject:
    box = generic.ArrayObject(map(generic.NumberObject, (100, 300, 300, 500)))
    square = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(
                map(generic.NumberObject, (0, 0, 200, 200))
            ),
        },
        stream_data=RED_SQUARE,
    )
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/Rect"): box,
            pdf_name("/AP"): generic.DictionaryObject(
                {pdf_name("/N"): pdf.add_object(square)}
            ),
        }
    )


def without_its_pdfa_claim(copy: bytes) -> bytes:
    """``pdfaid`` blanked in each XMP, in place: nothing else moves."""
    return _blanked(copy, PDFA_CLAIM)


def without_an_embedded_font(copy: bytes) -> bytes:
    """No descriptor names its font's program any more; in place too."""
    return _blanked(copy, FONT_PROGRAM)


def _blanked(copy: bytes, what: re.Pattern[bytes]) -> bytes:
    altered, count = what.subn(lambda found: b" " * len(found[0]), copy)
    if count == 0:
        raise ValueError(f"nothing in the copy matches {what.pattern!r}")
    return altered


def broken_cross_reference(copy: bytes) -> bytes:
    """The last table's first entry points one byte too far."""
    line = TABLE_LINE.search(copy, copy.rindex(b"\nxref\n"))
    if line is None:
        raise ValueError("the copy's last cross-reference table is empty")
    offset = int(line[0][:10]) + 1
    return copy[: line.start()] + b"%010d" % offset + copy[line.start() + 10 :]


def token_of_the_other_signature(copy: bytes) -> bytes:
    """The last signature gets the first one's timestamp token: a good token over
    another imprint. It lies in the unsigned part, which no signature covers."""
    first, last = signatures(copy)[:2]
    der = replaced(last.cms, TOKEN, first.token)
    hole = b"<" + der.hex().encode().ljust(last.after - last.before - 2, b"0") + b">"
    return copy[: last.before] + hole + copy[last.after :]


def trailing_bytes(copy: bytes) -> bytes:
    """Something after the last revision."""
    return copy + b"trailing bytes\n"


Alteration = Callable[[bytes], bytes]
ALTERED: dict[str, tuple[Alteration, ...]] = {
    "EU DSS strict": (red_overlay, flipped_byte_in_an_image),
    "veraPDF 2b": (without_its_pdfa_claim, without_an_embedded_font),
    "pdfsig": (flipped_byte_in_an_image,),
    "qpdf": (broken_cross_reference,),
    "openssl cms": (flipped_byte_in_an_image,),
    "openssl ts": (token_of_the_other_signature,),
    "pyHanko": (red_overlay, flipped_byte_in_an_image),
    "byte ranges": (trailing_bytes, red_overlay),
}
"""Judge → what it must refuse."""
UNHARMED: dict[str, tuple[Alteration, ...]] = {
    "openssl cms": (token_of_the_other_signature,),
}
"""Judge → what it must still accept: so that its refusal above has the named cause."""
