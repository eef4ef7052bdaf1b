"""What an outsider can do without any key: bytes of a good copy, changed."""

import re
from collections.abc import Callable

from storage.domain.gate.cms.der import oid
from support.forging.base import CATALOG, ICC, INFO, PAGES, PROGRAM, WORDS, XMP, stream
from support.forging.case import Case, Forgery, case, ends, flip, holes, sound
from support.forging.copy import Bodies, append, good, grow
from support.forging.pki import ours


def swap(old: bytes, new: bytes, *, last: bool = False) -> Callable[[], Case]:
    """One place, the same length."""

    def make() -> Case:
        data = sound()
        at = data.rindex(old) if last else data.index(old)
        assert len(old) == len(new), (old, new)
        return case(data[:at] + new + data[at + len(old) :])

    return make


def rewrite(
    pattern: bytes, change: Callable[[re.Match[bytes]], bytes], nth: int = 0
) -> Callable[[], Case]:
    def make() -> Case:
        data = sound()
        found = list(re.finditer(pattern, data, re.DOTALL))[nth]
        new = change(found)
        assert len(new) == len(found[0]), (found[0], new)
        return case(data[: found.start()] + new + data[found.end() :])

    return make


def whole(change: Callable[[bytes], bytes]) -> Callable[[], Case]:
    return lambda: case(change(sound()))


def flip_in_object(number: int, inside: int) -> Callable[[], Case]:
    """One bit of a stream of the base."""

    def make() -> Case:
        data = sound()
        start = data.index(b"\n%d 0 obj\n" % number)
        return case(flip(data, data.index(b"stream\n", start) + 7 + inside))

    return make


def flip_in_cms(
    which: int, needle: Callable[[], bytes], past: int
) -> Callable[[], Case]:
    """One bit of a CMS, counted from the end of some bytes in it."""

    def make() -> Case:
        data = sound()
        start, end = holes(data)[which]
        at = data.index(needle().hex().encode(), start, end) + 2 * len(needle())
        digit = b"1" if data[at + 2 * past : at + 2 * past + 1] == b"0" else b"0"
        place = at + 2 * past
        return case(data[:place] + digit + data[place + 1 :])

    return make


def exchanged(data: bytes, *, both: bool) -> bytes:
    (a, b), (c, d) = holes(data)
    first, second = data[a:b], data[c:d]
    return data[:a] + second + data[b:c] + (first if both else second) + data[d:]


def grafted(data: bytes) -> bytes:
    """The officer's signature of another copy in this one's hole."""
    other = good(entry="H99.42.05.13/E/2026/1181").write()
    (a, b), (c, d) = holes(data)[0], holes(other)[0]
    return data[:a] + other[c:d] + data[b:]


def one_more(*bodies: tuple[int, bytes]) -> Callable[[], Case]:
    return whole(lambda data: append(data, list(bodies)))


def instead_of_store(*bodies: tuple[int, bytes]) -> Callable[[], Case]:
    return whole(lambda data: append(data[: ends(data)[2]], list(bodies)))


def stored(change: Callable[[Bodies], Bodies]) -> Callable[[], Case]:
    """A store whose objects an outsider has chosen."""

    def make() -> Case:
        made = good()
        assert made.storing is not None
        made.storing.bodies = change
        return case(made.write())

    return make


def store_text(old: bytes, new: bytes) -> Callable[[], Case]:
    def change(bodies: Bodies) -> Bodies:
        assert any(old in text for _, text in bodies)
        return [(n, text.replace(old, new, 1)) for n, text in bodies]

    return stored(change)


def in_catalog(addition: bytes) -> Callable[[], Case]:
    return stored(
        lambda bodies: [*bodies[:-1], (CATALOG, grow(bodies[-1][1], addition))]
    )


def _padded(data: bytes) -> bytes:
    end = holes(data)[0][1]
    return data[: end - 3] + b"1" + data[end - 2 :]


def _upper(data: bytes) -> bytes:
    start, end = holes(data)[1]
    return data[:start] + data[start:end].upper() + data[end:]


def _other(digit: bytes) -> bytes:
    return bytes([digit[0] ^ 1])


def _previous(data: bytes, which: int) -> bytes:
    """The last trailer's /Prev: the table of that revision."""
    tables = re.findall(rb"startxref\n(\d+)", data)
    at = data.rindex(b"/Prev %b/" % tables[2]) + len(b"/Prev ")
    return (
        data[:at]
        + tables[which].rjust(len(tables[2]), b"0")
        + data[at + len(tables[2]) :]
    )


TOKEN_ATTRIBUTE = oid("1.2.840.113549.1.9.16.2.14")
OVERLAY = b"<</Type/Annot/Subtype/Square/Rect[0 0 99 99]>>"
PAGE = b"<< /Annots [35 0 R] /Type /Page >>"

OUTSIDERS = [
    Forgery("markup behind", "trailing-bytes", whole(lambda d: d + b"<html></html>")),
    Forgery("newline behind", "trailing-bytes", whole(lambda d: d + b"\n")),
    Forgery("picture before", "header", whole(lambda d: b"GIF89a" + d)),
    Forgery("other version", "header", swap(b"%PDF-1.7", b"%PDF-1.4")),
    Forgery("cut short", "trailing-bytes", whole(lambda d: d[:-3])),
    Forgery("store cut off", "revision-count", whole(lambda d: d[: ends(d)[2]])),
    Forgery("seal cut off", "revision-count", whole(lambda d: d[: ends(d)[1]])),
    Forgery("both cut off", "revision-count", whole(lambda d: d[: ends(d)[0]])),
    Forgery("empty file", "header", whole(lambda _: b"")),
    Forgery("fifth revision", "revision-count", one_more((35, OVERLAY))),
    Forgery("page appended", "revision-count", one_more((99, PAGE), (PAGES, PAGE))),
    Forgery("image bit", "image-digest", flip_in_object(21, 1000)),
    Forgery("second strip's bit", "image-digest", flip_in_object(26, 7)),
    Forgery("clause bit", "message-digest", flip_in_object(WORDS, 50)),
    Forgery("font bit", "resources", flip_in_object(PROGRAM, 2)),
    Forgery("profile bit", "output-intent", flip_in_object(ICC, 20)),
    Forgery("appearance bit", "appearance-pin", flip_in_object(37, 20)),
    Forgery(
        "officer's signature bit",
        "signature",
        flip_in_cms(0, lambda: TOKEN_ATTRIBUTE, -60),
    ),
    Forgery(
        "seal's signature bit",
        "signature",
        flip_in_cms(1, lambda: TOKEN_ATTRIBUTE, -40),
    ),
    Forgery(
        "stamp's time",
        "message-digest",
        flip_in_cms(0, lambda: b"20261123081001", -3),
    ),
    Forgery(
        "embedded certificate",
        "signing-certificate",
        flip_in_cms(0, lambda: ours().officer.certificate.signature[:60], 9),
    ),
    Forgery(
        "authority's certificate",
        "cms-extra-certificate",
        flip_in_cms(1, lambda: ours().issuing.certificate.signature[:50], 3),
    ),
    Forgery("padding used", "contents-padding", lambda: case(_padded(sound()))),
    Forgery("upper-case digits", "signature-dictionary", lambda: case(_upper(sound()))),
    Forgery(
        "range one short",
        "byte-range",
        rewrite(rb"/ByteRange\[0 \d+ \d+ \d+", lambda m: m[0][:-1] + _other(m[0][-1:])),
    ),
    Forgery(
        "range from 1", "signature-dictionary", swap(b"/ByteRange[0", b"/ByteRange[1")
    ),
    Forgery(
        "range of another width",
        "signature-dictionary",
        rewrite(
            rb"(/ByteRange\[[0-9 ]+) \](/Contents)<0?",
            lambda m: m[1] + b"] " + m[2] + b"<",
        ),
    ),
    Forgery(
        "signatures exchanged",
        "message-digest",
        whole(lambda d: exchanged(d, both=True)),
    ),
    Forgery(
        "one signature twice",
        "message-digest",
        whole(lambda d: exchanged(d, both=False)),
    ),
    Forgery("another copy's signature", "message-digest", whole(grafted)),
    Forgery(
        "two entries exchanged",
        "object-not-at-its-offset",
        rewrite(rb"(\d{10} 00000 n \n)(\d{10} 00000 n \n)", lambda m: m[2] + m[1]),
    ),
    Forgery(
        "entry off by one",
        "bytes-between-objects",
        rewrite(
            rb"\n(\d{10}) 00000 n", lambda m: b"\n%010d 00000 n" % (int(m[1]) + 1), 5
        ),
    ),
    Forgery("entry freed", "xref", swap(b" 00000 n", b" 00000 f")),
    Forgery("generation 1", "xref", swap(b" 00000 n", b" 00001 n")),
    Forgery(
        "table elsewhere",
        "xref",
        rewrite(rb"startxref\n(\d+)", lambda m: b"startxref\n%d" % (int(m[1]) - 1), -1),
    ),
    Forgery("previous is itself", "xref-chain", lambda: case(_previous(sound(), 3))),
    Forgery(
        "previous skips the seal", "xref-chain", lambda: case(_previous(sound(), 1))
    ),
    Forgery(
        "hybrid table", "trailer", swap(b"/Info 2 0 R/P", b"/XRefStm 10/P", last=True)
    ),
    Forgery(
        "encrypted", "trailer", swap(b"/Info 2 0 R/P", b"/Encrypt 10/P", last=True)
    ),
    Forgery("permanent id", "trailer", swap(b"/ID[<ab", b"/ID[<aa", last=True)),
    Forgery(
        "second id in capitals",
        "trailer",
        rewrite(rb"<[0-9a-f]{32}>\]>>", lambda _: b"<" + b"A" * 32 + b">]>>", -1),
    ),
    Forgery("line ends", "trailing-bytes", swap(b"%%EOF\n", b"%%EOF\r", last=True)),
    Forgery(
        "name escaped", "syntax", swap(b"/DisplayDocTitle", b"/Displ#61yTitle!"[:16])
    ),
    Forgery("comment", "syntax", swap(b"/Lang (vi)", b"/Lang%(vi)")),
    Forgery(
        "comment in the store",
        "changed-object",
        swap(b"/Lang (vi)", b"/Lang%(vi)", last=True),
    ),
    Forgery("key twice", "duplicate-key", swap(b"/AcroForm", b"/Metadata")),
    Forgery(
        "annotation for a store",
        "changed-object",
        instead_of_store((62, OVERLAY), (18, PAGE)),
    ),
    Forgery(
        "swapped stamp for a store",
        "changed-object",
        instead_of_store((40, b"<</Type/XObject>>")),
    ),
    Forgery("image for a store", "changed-object", instead_of_store((21, b"<<>>"))),
    Forgery(
        "language in the store",
        "changed-object",
        store_text(b"/Lang (vi)", b"/Lang (en)"),
    ),
    Forgery("action in the store", "changed-object", in_catalog(b"/OpenAction 18 0 R")),
    Forgery("store and a page", "changed-object", stored(lambda b: [*b, (18, PAGE)])),
    Forgery(
        "store and metadata",
        "changed-object",
        stored(lambda b: [*b, (XMP, stream(b"/Subtype /XML", b"x"))]),
    ),
    Forgery(
        "store and information",
        "changed-object",
        stored(lambda b: [*b, (INFO, b"<< /Title (x) >>")]),
    ),
    Forgery("store without catalog", "changed-object", stored(lambda b: b[:-1])),
    Forgery(
        "store in disorder", "changed-object", stored(lambda b: [b[1], b[0], *b[2:]])
    ),
    Forgery(
        "store with an index", "security-store", store_text(b"/CRLs", b"/VRI<<>>/CRLs")
    ),
    Forgery("store without kind", "security-store", store_text(b"/Type/DSS", b"")),
    Forgery(
        "store with an orphan",
        "security-store",
        stored(lambda b: [*b[:-1], (b[-2][0] + 1, b"<<>>"), b[-1]]),
    ),
    Forgery(
        "store borrows a page",
        "security-store",
        store_text(b"/Certs[", b"/Certs[18 0 R "),
    ),
    Forgery(
        "item with a filter",
        "security-store",
        stored(
            lambda b: [b[0], (b[1][0], b[1][1].replace(b"<<", b"<</Type/X", 1)), *b[2:]]
        ),
    ),
    Forgery(
        "item without length",
        "stream-length",
        stored(
            lambda b: [b[0], (b[1][0], b[1][1].replace(b"/Length", b"/Lengte")), *b[2:]]
        ),
    ),
]
