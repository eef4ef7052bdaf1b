"""Files whose structure is not of the dialect: tables, trailers, tokens, and objects of
another type than the place that names them wants.
"""

import re
import zlib
from collections.abc import Callable

from support.forgeries.outsiders import rewrite, swap, whole
from support.forging.base import (
    BELOW,
    CLAUSE,
    DESCRIPTOR,
    FONT,
    FORM,
    HEADER,
    ID,
    INFO,
    INTENT,
    PAGES,
    PROFILE,
    SEAL,
    SPACE,
    UNICODE,
    WORDS,
    XMP,
    assemble,
    stream,
)
from support.forging.case import Case, Forgery
from support.forging.copy import ROOM, Bodies, Copy, append, look
from support.forging.hands import base, made, officer

ENTRY = rb"(\d{10}) 00000 n \n"
DEEP = 25
MANY = 240


def _everywhere(old: bytes, new: bytes) -> Callable[[], Case]:
    assert len(old) == len(new)
    return whole(lambda data: data.replace(old, new))


def _object(number: int, body: bytes) -> Callable[[], Case]:
    """Another object of the base."""
    return made(lambda bent: bent.objects.update({number: body}))


def _shifted(bent: Copy) -> None:
    """Bytes between the header and the first object; every offset is true."""
    data, more = assemble(bent.objects), b"%x\n"
    table = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    tail = re.sub(
        ENTRY, lambda m: b"%010d 00000 n \n" % (int(m[1]) + len(more)), data[table:]
    )
    tail = re.sub(rb"startxref\n\d+", b"startxref\n%d" % (table + len(more)), tail)
    start = len(HEADER)
    bent.base = data[:start] + more + data[start:table] + tail


def _odd(bent: Copy) -> None:
    """A /Contents of half an octet, its range as it should be."""

    def shorter(bodies: Bodies) -> Bodies:
        (number, text), *others = bodies
        return [(number, text.replace(b"0" * ROOM * 2, b"0" * (ROOM * 2 - 1))), *others]

    bent.seal.bodies = shorter


def _moment(old: bytes, new: bytes) -> Callable[[], Case]:
    """Another hour in /M and in the line of time."""

    def change(bodies: Bodies) -> Bodies:
        (number, text), *others = bodies
        assert old in text
        return [(number, text.replace(old, new, 1)), *others]

    iso = b"%b-%b-%bT%b:%b:%b+07:00" % (
        new[:4],
        *(new[at : at + 2] for at in range(4, 14, 2)),
    )
    return officer(bodies=change, shown=iso.decode())


def _fonts(bent: Copy) -> None:
    """A font with more objects than all resources of a page have."""
    first = max(bent.objects) + 1
    listed = b"".join(b"%d 0 R " % n for n in range(first, first + MANY))
    bent.objects[BELOW] = bent.objects[BELOW].replace(
        b"/W [ 0 0 500 1 [ 250 ] ]", b"/W [ %b]" % listed
    )
    bent.objects |= dict(
        zip(range(first, first + MANY), [b"[ 1 ]"] * MANY, strict=True)
    )


def _seven(data: bytes) -> bytes:
    for number in (90, 91, 92):
        data = append(data, [(number, b"<<>>")])
    return data


def _nothing(data: bytes) -> bytes:
    """One more revision that has no object."""
    found = re.findall(rb"trailer\n<<.*?>>\n", data, re.DOTALL)[-1]
    return b"%bxref\n0 1\n0000000000 65535 f \n%bstartxref\n%d\n%%%%EOF\n" % (
        data,
        found,
        len(data),
    )


def _trailer_of_a_list(data: bytes) -> bytes:
    at = data.rindex(b"trailer\n<<")
    head = data[at:].replace(b"trailer\n<<", b"trailer\n[ ", 1)
    return data[:at] + head.replace(b">>\nstartxref", b" ]\nstartxref", 1)


def _last_id(old: bytes, new: bytes) -> Callable[[], Case]:
    """The last trailer's /ID, the same length."""

    def change(data: bytes) -> bytes:
        at = data.rindex(b"/ID[")
        assert old in data[at:]
        assert len(old) == len(new)
        return data[:at] + data[at:].replace(old, new, 1)

    return whole(change)


def _packed(body: bytes) -> bytes:
    return stream(b"/Filter /FlateDecode", body)


def _profile(entries: bytes, body: bytes = PROFILE) -> bytes:
    return stream(b"/Filter /FlateDecode " + entries, body)


def _in_page(number: int, key: bytes, value: bytes) -> Callable[[], Case]:
    """Another value of a page's key."""

    def change(bent: Copy) -> None:
        text, found = re.subn(
            key + rb" (\[[^\]]*\]|\d+ 0 R|/\w+)",
            key + b" " + value,
            bent.objects[number],
        )
        assert found
        bent.objects[number] = text

    return made(change)


SHAPES = [
    # tables and trailers
    Forgery("bytes behind the header", "bytes-between-objects", made(_shifted)),
    Forgery(
        "one offset twice",
        "bytes-between-objects",
        rewrite(ENTRY + ENTRY, lambda m: m[0][:20] + m[0][:20]),
    ),
    Forgery(
        "more entries than there are",
        "xref",
        rewrite(rb"xref\n0 \d\d\n", lambda _: b"xref\n0 99\n"),
    ),
    Forgery(
        "sections in disorder",
        "xref",
        rewrite(rb"xref\n1 1\n.{20}\d\d ", lambda m: m[0][:-3] + b"01 ", -1),
    ),
    Forgery(
        "table of nothing",
        "xref",
        rewrite(rb"xref\n\d \d\n", lambda _: b"xref\n1 0\n", -1),
    ),
    Forgery(
        "free entry of another kind",
        "xref",
        swap(b"0000000000 65535 f \n", b"0000000000 00000 f \n"),
    ),
    Forgery("revision of nothing", "xref", whole(_nothing)),
    Forgery(
        "table behind its trailer",
        "xref-chain",
        rewrite(rb"startxref\n\d+", lambda m: m[0][:10] + b"9" * (len(m[0]) - 10), -1),
    ),
    Forgery(
        "trailer without its line",
        "trailer",
        swap(b">>\nstartxref", b">> startxref", last=True),
    ),
    Forgery("seven revisions", "revision-count", whole(_seven)),
    Forgery("trailer of a list", "trailer", whole(_trailer_of_a_list)),
    Forgery(
        "trailer elsewhere", "trailer", swap(b"\ntrailer\n", b"\ntrailes\n", last=True)
    ),
    Forgery("root of a number", "trailer", _everywhere(b"/Root 1 0 R", b"/Root 1    ")),
    Forgery("root elsewhere", "catalog", _everywhere(b"/Root 1 0 R", b"/Root 3 0 R")),
    Forgery(
        "information of a number",
        "trailer",
        _everywhere(b"/Info 2 0 R", b"/Info 2    "),
    ),
    Forgery(
        "information elsewhere", "info", _everywhere(b"/Info 2 0 R", b"/Info 3 0 R")
    ),
    Forgery("root changes", "trailer", swap(b"/Root 1 0 R", b"/Root 3 0 R", last=True)),
    Forgery(
        "information changes",
        "trailer",
        swap(b"/Info 2 0 R/P", b"/Info 3 0 R/P", last=True),
    ),
    Forgery("id of one half", "trailer", _last_id(b"><", b"00")),
    Forgery("id of words", "trailer", _last_id(ID, b"(" + ID[1:-1] + b")")),
    Forgery(
        "second id of words",
        "trailer",
        rewrite(rb"<([0-9a-f]{32})>\]>>", lambda m: b"(" + m[1] + b")]>>", -1),
    ),
    Forgery(
        "size of another file",
        "trailer",
        rewrite(rb"/Size \d\d/", lambda _: b"/Size 99/", -1),
    ),
    # tokens
    Forgery(
        "nested too deep",
        "syntax",
        _in_page(18, b"/Annots", b"[" * DEEP + b"]" * DEEP),
    ),
    Forgery(
        "dictionary of odd length", "syntax", base(SEAL, b"/Type /Annot", b"/Type")
    ),
    Forgery(
        "array closed as a dictionary",
        "syntax",
        base(PAGES, b" ] /Type", b" >> /Type"),
    ),
    Forgery(
        "dictionary closed as an array",
        "syntax",
        base(SEAL, b"/Annot >>", b"/Annot ]"),
    ),
    Forgery("a key that is no name", "syntax", base(SEAL, b"/F 132", b"(F) 132")),
    Forgery("a tab", "syntax", base(SEAL, b"/F 132", b"/F\t132")),
    Forgery("a carriage return", "syntax", base(SEAL, b"/F 132", b"/F\r132")),
    Forgery(
        "reference of another generation",
        "syntax",
        base(PAGES, b"22 0 R", b"22 1 R"),
    ),
    Forgery("string left open", "syntax", base(INFO, b"(ecopy) /M", b"(ecopy /M")),
    # signatures
    Forgery("contents of half an octet", "signature-dictionary", made(_odd)),
    Forgery(
        "signed in no such month",
        "signature-dictionary",
        _moment(b"20261123151000", b"20261323151000"),
    ),
    Forgery(
        "drawing borrows the next",
        "borrowed-object",
        officer(
            group=[
                look("officer")[0].replace(b"{1}", b"{4}"),
                *look("officer")[1:],
            ]
        ),
    ),
    # objects of the base
    Forgery(
        "clause of another tree",
        "clause-page",
        base(CLAUSE, b"/Parent 3", b"/Parent 1"),
    ),
    Forgery(
        "clause of another type",
        "clause-page",
        base(CLAUSE, b"/Type /Page", b"/Type /Pages"),
    ),
    Forgery("page of another tree", "page", base(18, b"/Parent 3", b"/Parent 1")),
    Forgery("page of another type", "page", base(18, b"/Type /Page", b"/Type /Pages")),
    Forgery(
        "clause in another filter",
        "clause-page",
        base(WORDS, b"/FlateDecode", b"/LZWDecode"),
    ),
    Forgery(
        "clause by parameters",
        "clause-page",
        base(WORDS, b"/Filter", b"/DecodeParms << >> /Filter"),
    ),
    Forgery("form with a word more", "form", base(FORM, b"/Fields", b"/Q 1 /Fields")),
    Forgery("form of no fields", "form", base(FORM, b"[ 5 0 R 6 0 R ]", b"(x)")),
    Forgery("intent of words", "output-intent", base(1, b"[ 8 0 R ]", b"[ (x) ]")),
    Forgery("intents of words", "output-intent", base(1, b"[ 8 0 R ]", b"(x)")),
    Forgery(
        "intent with a word more",
        "output-intent",
        base(INTENT, b"/S ", b"/Ref (x) /S "),
    ),
    Forgery(
        "intent of another type",
        "output-intent",
        base(INTENT, b"/OutputIntent", b"/Intent"),
    ),
    Forgery(
        "tree of words",
        "page-tree",
        _object(PAGES, b"<< /Count 5 /Kids (x) /Type /Pages >>"),
    ),
    Forgery(
        "tree of another type",
        "page-tree",
        base(PAGES, b"/Type /Pages", b"/Type /Page"),
    ),
    Forgery("kid of a number", "page-tree", base(PAGES, b"22 0 R", b"/X")),
    Forgery(
        "metadata without a stream",
        "not-a-stream",
        _object(XMP, b"<< /Length 0 /Subtype /XML /Type /Metadata >>"),
    ),
    Forgery(
        "metadata of another type",
        "metadata",
        base(XMP, b"/Subtype /XML", b"/Subtype /XMP"),
    ),
    Forgery(
        "date of another zone",
        "info",
        made(
            lambda b: b.objects.update(
                {INFO: b.objects[INFO].replace(b"+07'00'", b"+08'00'")}
            )
        ),
    ),
    Forgery(
        "date of a number",
        "info",
        made(
            lambda b: b.objects.update(
                {INFO: re.sub(rb"Date \([^)]*\)", b"Date 5", b.objects[INFO])}
            )
        ),
    ),
    Forgery(
        "title of a number", "info", base(INFO, b"/Title <", b"/Title 5 /Author <")
    ),
    Forgery(
        "creator of a number", "info", base(INFO, b"/Creator (ecopy)", b"/Creator 5")
    ),
    Forgery(
        "other creator", "info", base(INFO, b"/Creator (ecopy)", b"/Creator (ecopz)")
    ),
    Forgery("page's box of words", "page-box", _in_page(18, b"/MediaBox", b"/X")),
    Forgery(
        "page's images of words",
        "page-content",
        base(18, b"<< /XObject <<", b"<< /XObject (x) /Y <<"),
    ),
    Forgery(
        "page's contents of words", "page-content", _in_page(18, b"/Contents", b"/X")
    ),
    Forgery(
        "page's content in a filter",
        "page-content",
        made(lambda b: b.objects.update({19: _packed(zlib.compress(b"q Q"))})),
    ),
    Forgery(
        "footer of another kind",
        "footer",
        base(20, b"/Subtype /Form", b"/Subtype /Image"),
    ),
    Forgery(
        "footer in another filter", "footer", base(20, b"/FlateDecode", b"/LZWDecode")
    ),
    Forgery(
        "footer that is not packed",
        "footer",
        made(
            lambda b: b.objects.update(
                {
                    20: re.sub(
                        rb"stream\n.*\nendstream",
                        lambda m: (
                            b"stream\n" + b"x" * (len(m[0]) - 17) + b"\nendstream"
                        ),
                        b.objects[20],
                        flags=re.DOTALL,
                    )
                }
            )
        ),
    ),
    # resources
    Forgery("text of glyphs without a stream", "resources", _object(UNICODE, b"<< >>")),
    Forgery(
        "fonts of words",
        "resources",
        base(CLAUSE, b"/Font << /f0 12 0 R >>", b"/Font (x)"),
    ),
    Forgery("font by a long name", "resources", base(CLAUSE, b"/f0 12", b"/font0 12")),
    Forgery(
        "procedures of words", "resources", base(CLAUSE, b"[ /PDF /Text ]", b"(x)")
    ),
    Forgery(
        "procedures of numbers",
        "resources",
        base(CLAUSE, b"[ /PDF /Text ]", b"[ /PDF (x) ]"),
    ),
    Forgery(
        "font of two descendants",
        "resources",
        base(FONT, b"[ 13 0 R ]", b"[ 13 0 R 13 0 R ]"),
    ),
    Forgery("font without descendants", "resources", base(FONT, b"[ 13 0 R ]", b"(x)")),
    Forgery(
        "font with a word more",
        "resources",
        base(FONT, b"/Subtype", b"/Name /F /Subtype"),
    ),
    Forgery(
        "two font programs",
        "resources",
        base(DESCRIPTOR, b"/FontFile3", b"/FontFile2 15 0 R /FontFile3"),
    ),
    Forgery("font of too many objects", "resources", made(_fonts)),
    Forgery(
        "space of three parts", "resources", base(CLAUSE, b"17 0 R ]", b"17 0 R 1 ]")
    ),
    Forgery(
        "space of a name",
        "resources",
        base(CLAUSE, b"[ /ICCBased 17 0 R ]", b"/DeviceRGB"),
    ),
    Forgery(
        "space of a dictionary",
        "resources",
        base(CLAUSE, b"[ /ICCBased 17 0 R ]", b"<< /N 3 >>"),
    ),
    Forgery(
        "profile of another range",
        "resources",
        _object(SPACE, _profile(b"/N 3 /Range [ 0 2 0 1 0 1 ]")),
    ),
    Forgery("profile of four colours", "resources", _object(SPACE, _profile(b"/N 4"))),
    Forgery(
        "profile with a word more",
        "resources",
        _object(SPACE, _profile(b"/Alternate /DeviceRGB /N 3")),
    ),
    Forgery(
        "profile in two filters",
        "resources",
        _object(SPACE, stream(b"/Filter [ /FlateDecode ] /N 3", PROFILE)),
    ),
    Forgery(
        "profile with bytes behind",
        "resources",
        _object(SPACE, _profile(b"/N 3", PROFILE + b"x")),
    ),
    Forgery(
        "profile cut short",
        "resources",
        _object(SPACE, _profile(b"/N 3", PROFILE[:-3])),
    ),
]
