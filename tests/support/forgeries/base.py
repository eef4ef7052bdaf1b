"""What a signer can do to the base: not what was ordered, or more than that."""

import zlib
from collections.abc import Callable

from support.forging.base import (
    BELOW,
    CLAUSE,
    DESCRIPTOR,
    FONT,
    FORM,
    ICC,
    INFO,
    INTENT,
    OFFICER,
    PAGES,
    PROGRAM,
    SEAL,
    SPACE,
    XMP,
    assemble,
    image_object,
    shown,
    stream,
)
from support.forging.case import Case, Forgery
from support.forging.copy import Copy
from support.forging.hands import base, content, footer, made
from support.forging.order import manifest, noise, order
from support.forging.pki import ours
from support.profiles import GREY, SRGB


def _pages(bent: Copy, kids: bytes, count: int) -> None:
    bent.objects[PAGES] = b"<< /Count %d /Kids [ %b ] /Type /Pages >>" % (
        count,
        kids,
    )


def _hidden(bent: Copy, text: bytes = b"<< /Title (hidden) >>") -> None:
    bent.objects[35] = text


def _gap(bent: Copy) -> None:
    """An object that no table names."""
    data = assemble(bent.objects)
    at = int(data[data.rindex(b"startxref\n") + 10 :].split()[0])
    extra = b"99 0 obj\n<< /Title (hidden) >>\nendobj\n"
    tail = data[at:].replace(
        b"startxref\n%d" % at, b"startxref\n%d" % (at + len(extra))
    )
    bent.base = data[:at] + extra + tail


def _swap_pages(bent: Copy) -> None:
    _pages(bent, b"27 0 R 22 0 R 18 0 R 31 0 R 10 0 R", 5)


def _around(before: bytes, behind: bytes) -> Callable[[], Case]:
    return footer(before + shown() + behind)


def _set(setting: bytes) -> Callable[[], Case]:
    return footer(shown(setting=setting))


def _zeros(bent: Copy) -> None:
    bent.base = assemble(bent.objects, head=b"%04d")


def _dated(date: bytes) -> Callable[[], Case]:
    def change(bent: Copy) -> None:
        bent.objects[INFO] = bent.objects[INFO].replace(b"20261123150500", date)
        iso = b"%b-%b-%bT%b:%b:%b" % (
            date[:4],
            *(date[at : at + 2] for at in range(4, 14, 2)),
        )
        bent.objects[XMP] = bent.objects[XMP].replace(b"2026-11-23T15:05:00", iso)

    return made(change)


def _profile(number: int, body: bytes, parts: bytes = b"3") -> Callable[[], Case]:
    head = b"/Filter /FlateDecode /N " + parts
    return made(
        lambda bent: bent.objects.update({number: stream(head, zlib.compress(body))})
    )


def _plain_profile(bent: Copy) -> None:
    bent.objects[ICC] = stream(b"/Filter /FlateDecode /N 3", SRGB)


def _program(body: bytes) -> Callable[[], Case]:
    head = b"/Filter /FlateDecode /Subtype /CIDFontType0C"
    return made(
        lambda bent: bent.objects.update({PROGRAM: stream(head, zlib.compress(body))})
    )


PATH_DRAWN = zlib.compress(b"q 0 0 595 25 re f Q")


def _path_footer() -> Callable[[], Case]:
    def change(bent: Copy) -> None:
        head, _, _ = bent.objects[20].partition(b" /Length")
        bent.objects[20] = stream(head.removeprefix(b"<< "), PATH_DRAWN)

    return made(change)


BASES = [
    Forgery(
        "page too many",
        "page-count",
        made(lambda b: _pages(b, b"18 0 R 22 0 R 27 0 R 31 0 R 35 0 R 10 0 R", 6)),
    ),
    Forgery(
        "page too few", "page-count", made(lambda b: _pages(b, b"18 0 R 10 0 R", 2))
    ),
    Forgery("wrong count", "page-count", base(PAGES, b"/Count 5", b"/Count 4")),
    Forgery(
        "page twice",
        "page-tree",
        made(lambda b: _pages(b, b"18 0 R 18 0 R 27 0 R 31 0 R 10 0 R", 5)),
    ),
    Forgery(
        "nested tree", "page-tree", base(PAGES, b"/Count", b"/Parent 3 0 R /Count")
    ),
    Forgery("pages exchanged", "page", made(_swap_pages)),
    Forgery(
        "other image",
        "image-digest",
        made(
            lambda b: b.objects.update(
                {21: b.objects[21].replace(noise("0", 3000), noise("x", 3000))}
            )
        ),
    ),
    Forgery(
        "image recompressed",
        "image",
        made(
            lambda b: b.objects.update(
                {21: image_object(manifest()[0].images[0], noise("0", 2000))}
            )
        ),
    ),
    Forgery("image width", "image", base(21, b"/Width 1240", b"/Width 1241")),
    Forgery("image inverted", "image", base(25, b"[ 1 0 ]", b"[ 0 1 ]")),
    Forgery("black is white", "image", base(25, b"/BlackIs1 true", b"/BlackIs1 false")),
    Forgery("rows", "image", base(25, b"/Rows 877", b"/Rows 870")),
    Forgery("bits", "image", base(30, b"/BitsPerComponent 4", b"/BitsPerComponent 8")),
    Forgery("colours", "image", base(30, b"/DeviceGray", b"/DeviceRGB")),
    Forgery(
        "image mask", "active-content", base(21, b"/Width", b"/SMask 25 0 R /Width")
    ),
    Forgery("explicit mask", "image", base(21, b"/Width", b"/Mask [ 0 1 ] /Width")),
    Forgery(
        "alternate image",
        "active-content",
        base(21, b"/Width", b"/Alternates [ ] /Width"),
    ),
    Forgery("external image", "image", base(21, b"/Width", b"/F (x) /Width")),
    Forgery("page cropped", "page-box", base(18, b"[ 0 -25.5", b"[ 0 300")),
    Forgery("crop box", "page", base(18, b"/Parent", b"/CropBox [ 0 0 9 9 ] /Parent")),
    Forgery("user unit", "page", base(18, b"/Parent", b"/UserUnit 2 /Parent")),
    Forgery("page turned", "page-rotation", base(22, b"/Rotate 90", b"/Rotate 270")),
    Forgery("upright page turned", "page", base(18, b"/Type", b"/Rotate 180 /Type")),
    Forgery(
        "image moved", "page-content", content(19, b"841.92 0 0 cm", b"841.92 9 0 cm")
    ),
    Forgery(
        "drawing on a page",
        "page-content",
        content(19, b"/F Do\nQ\n", b"/F Do\nQ\n0 0 9 9 re f\n"),
    ),
    Forgery(
        "footer over the image", "page-content", content(19, b"0 -25.5 cm", b"0 100 cm")
    ),
    Forgery("image not drawn", "page-content", content(23, b"/Im1 Do", b"/Im0 Do")),
    Forgery(
        "second image",
        "page-content",
        base(18, b"/Im0 21 0 R", b"/Im0 21 0 R /Im1 30 0 R"),
    ),
    Forgery(
        "page font",
        "page-content",
        base(18, b"<< /XObject", b"<< /Font 12 0 R /XObject"),
    ),
    Forgery("footer too high", "footer", base(20, b"595.2 25.5", b"595.2 99.5")),
    Forgery(
        "footer moved",
        "footer",
        base(20, b"/Filter", b"/Matrix [ 1 0 0 1 0 99 ] /Filter"),
    ),
    Forgery("footer draws", "footer", _path_footer()),
    Forgery("footer invisible", "footer", _set(b"3 Tr/f0 8 Tf")),
    Forgery("footer shows an image", "footer", footer(b"/Im0 Do")),
    Forgery("footer has a state", "footer", _set(b"/g0 gs 0 Tr/f0 8 Tf")),
    Forgery("footer inline image", "footer", footer(b"BI /W 1 ID x EI")),
    Forgery("footer leaves its state", "footer", _around(b"Q Q q ", b"\nQ")),
    Forgery("footer takes a state back", "footer", _around(b"", b"\nQ")),
    Forgery("footer leaves a state open", "footer", _around(b"q\n", b"")),
    Forgery("footer without a delimiter", "footer", _around(b"q1 0 0 1 0 0 cm\n", b"")),
    Forgery("footer font as a mode", "footer", _set(b"/f0000 Tr/f0 8 Tf")),
    Forgery("footer mode with zeros", "footer", _set(b"03 Tr/f0 8 Tf")),
    Forgery("footer ends text twice", "footer", _around(b"ET\n", b"")),
    Forgery("kids without delimiters", "syntax", base(PAGES, b" 0 R 22", b" 0 R22")),
    Forgery("words without delimiters", "syntax", base(1, b"true >>", b"true1 >>")),
    Forgery("a number with a sign", "syntax", base(PAGES, b"/Count 5", b"/Count +5")),
    Forgery("zeros before numbers", "object-not-at-its-offset", made(_zeros)),
    Forgery("no such month", "info", _dated(b"20261323150500")),
    Forgery("no such hour", "info", _dated(b"20261123990500")),
    Forgery("an impossible date", "info", _dated(b"99999999999999")),
    Forgery("composed ten years ago", "info", _dated(b"20161123150500")),
    Forgery("composed after the seal", "info", _dated(b"20261127150500")),
    Forgery("white profile", "output-intent", _profile(ICC, b"white" * 90)),
    Forgery("grey intent", "output-intent", _profile(ICC, GREY, b"1")),
    Forgery("unpacked profile", "output-intent", made(_plain_profile)),
    Forgery("profile of the text", "resources", _profile(SPACE, b"white" * 90)),
    Forgery("font program of noise", "resources", _program(b"garbage")),
    Forgery(
        "no font program", "resources", base(DESCRIPTOR, b"/FontFile3 15 0 R ", b"")
    ),
    Forgery("other encoding", "resources", base(FONT, b"/Identity-H", b"/Identity-V")),
    Forgery(
        "glyphs exchanged",
        "resources",
        base(BELOW, b"/DW", b"/CIDToGIDMap 16 0 R /DW"),
    ),
    Forgery(
        "no text behind glyphs", "resources", base(FONT, b" /ToUnicode 16 0 R", b"")
    ),
    Forgery(
        "footer resources",
        "resources",
        base(20, b"<< /ColorSpace", b"<< /XObject << >> /ColorSpace"),
    ),
    Forgery(
        "footer group", "active-content", base(20, b"/Filter", b"/Group << >> /Filter")
    ),
    Forgery("glyphs by procedures", "resources", base(FONT, b"/Type0", b"/Type3")),
    Forgery(
        "descendant of type 3", "resources", base(BELOW, b"/CIDFontType0", b"/Type3")
    ),
    Forgery(
        "unknown font key",
        "unknown-key",
        base(BELOW, b"/BaseFont", b"/CharProcs << >> /BaseFont"),
    ),
    Forgery("pattern space", "resources", base(CLAUSE, b"/ICCBased", b"/Pattern")),
    Forgery(
        "clause state",
        "resources",
        base(CLAUSE, b"/ProcSet", b"/ExtGState << >> /ProcSet"),
    ),
    Forgery(
        "clause image",
        "resources",
        base(CLAUSE, b"/ProcSet", b"/XObject << /X 21 0 R >> /ProcSet"),
    ),
    Forgery("clause box", "clause-page", base(CLAUSE, b"595.2756", b"595.2")),
    Forgery(
        "clause in parts",
        "clause-page",
        base(CLAUSE, b"/Contents 11 0 R", b"/Contents [ 11 0 R ]"),
    ),
    Forgery(
        "clause turned", "clause-page", base(CLAUSE, b"/Type", b"/Rotate 90 /Type")
    ),
    Forgery(
        "annotation on a page",
        "annotation",
        base(18, b"/Annots [ ]", b"/Annots [ 5 0 R ]"),
    ),
    Forgery(
        "link",
        "active-content",
        base(18, b"/Annots [ ]", b"/Annots [ << /Subtype /Link >> ]"),
    ),
    Forgery("no annotations", "page", base(18, b"/Annots [ ] ", b"")),
    Forgery("third widget", "annotation", base(CLAUSE, b"6 0 R ]", b"6 0 R 12 0 R ]")),
    Forgery("third field", "form", base(FORM, b"6 0 R ]", b"6 0 R 12 0 R ]")),
    Forgery(
        "fields exchanged", "annotation", base(FORM, b"5 0 R 6 0 R", b"6 0 R 5 0 R")
    ),
    Forgery("field elsewhere", "form", base(SEAL, b"318 324", b"8 324")),
    Forgery(
        "fields of another layout",
        "form",
        made(
            lambda _: 0,
            clause=order(ours()).clause.model_copy(update={"template": "clause/3"}),
        ),
    ),
    Forgery(
        "unknown layout",
        "layout",
        made(
            lambda _: 0,
            clause=order(ours()).clause.model_copy(update={"template": "clause/9"}),
        ),
    ),
    Forgery("hidden field", "form", base(SEAL, b"/F 132", b"/F 134")),
    Forgery("field with a lock", "form", base(OFFICER, b"/Type", b"/Lock << >> /Type")),
    Forgery(
        "field with a look",
        "form",
        base(OFFICER, b"/Type", b"/AP << >> /Type"),
    ),
    Forgery(
        "appearances wanted",
        "active-content",
        base(FORM, b"/Fields", b"/NeedAppearances true /Fields"),
    ),
    Forgery(
        "form scripts", "active-content", base(FORM, b"/Fields", b"/XFA (x) /Fields")
    ),
    Forgery(
        "open action",
        "active-content",
        base(1, b"/Lang", b"/OpenAction << /S /JavaScript /JS (x) >> /Lang"),
    ),
    Forgery(
        "attachment",
        "active-content",
        base(1, b"/Lang", b"/Names << /EmbeddedFiles << >> >> /Lang"),
    ),
    Forgery("associated file", "active-content", base(1, b"/Lang", b"/AF [ ] /Lang")),
    Forgery(
        "layers", "active-content", base(1, b"/Lang", b"/OCProperties << >> /Lang")
    ),
    Forgery("page labels", "catalog", base(1, b"/Lang", b"/PageLabels << >> /Lang")),
    Forgery("other language", "catalog", base(1, b"(vi)", b"(en)")),
    Forgery("title hidden", "catalog", base(1, b"Title true", b"Title false")),
    Forgery("two intents", "output-intent", base(1, b"[ 8 0 R ]", b"[ 8 0 R 8 0 R ]")),
    Forgery(
        "intent's kind", "output-intent", base(INTENT, b"/GTS_PDFA1", b"/GTS_PDFX")
    ),
    Forgery(
        "other entry",
        "entry-not-as-ordered",
        base(XMP, b"/2026/1180<", b"/2026/1181<"),
    ),
    Forgery("PDF/A part", "metadata", base(XMP, b"part>2<", b"part>3<")),
    Forgery(
        "packet's date",
        "metadata",
        base(XMP, b"15:05:00+07:00</xmp:M", b"15:05:01+07:00</xmp:M"),
    ),
    Forgery(
        "packet's key",
        "metadata",
        base(XMP, b"/Type /Metadata", b"/Type /Metadata /N 1"),
    ),
    Forgery(
        "title's number",
        "info",
        made(
            lambda _: 0,
            clause=order(ours()).clause.model_copy(update={"number": "1181/2026"}),
        ),
    ),
    Forgery("author", "info", base(INFO, b"/Title", b"/Author (x) /Title")),
    Forgery("producer", "info", base(INFO, b"/Producer (ecopy)", b"/Producer (pikep)")),
    Forgery("two dates", "info", base(INFO, b"20261123150500", b"20261123150501")),
    Forgery("unreferenced object", "orphan-object", made(_hidden)),
    Forgery(
        "reference to nothing",
        "dangling-reference",
        base(18, b"/Contents 19", b"/Contents 99"),
    ),
    Forgery(
        "object stream",
        "object-stream",
        made(lambda b: _hidden(b, b"<< /Type /ObjStm >>")),
    ),
    Forgery("bytes in no table", "bytes-between-objects", made(_gap)),
    Forgery(
        "indirect length", "stream-length", base(21, b"/Length 3000", b"/Length 9 0 R")
    ),
    Forgery(
        "false length", "stream-length", base(21, b"/Length 3000", b"/Length 2999")
    ),
]
