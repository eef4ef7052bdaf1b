"""Forged copies, each wrong in one way, with the reason that must refuse it.

``OUTSIDERS`` need no key: bytes of a good copy, changed. ``SIGNERS`` can only be made
by who holds the keys: a faulty, misled or stolen signing service. The digest given to
the gate is the forged file's own: what refuses is the defect, never the digest.
"""

import copy
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ecopy.events import CertificationOrdered
from ecopy.trust import TrustDocument
from storage.domain.gate.der import oid
from support import forging_copy as fc
from support.forging_copy import SIGNED_AT, Bodies, Copy, good, grow, look, noise
from support.forging_pki import (
    APPROVED,
    DAY,
    Entity,
    Pki,
    Stamping,
    answer,
    attribute,
    ours,
    revocation_list,
    strangers,
    tlv,
    trust_document,
)

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """What the gate is given."""

    data: bytes
    order: CertificationOrdered
    trust: TrustDocument


@dataclass(frozen=True)
class Forgery:
    name: str
    reason: str
    make: Callable[[], Case]

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


@cache
def sound() -> bytes:
    return good().write()


def case(data: bytes, pki: Pki | None = None, **changes: object) -> Case:
    pki = pki or ours()
    document = trust_document(pki, fc.PINS)
    return Case(data, fc.order(pki, **changes), document)


# --- what an outsider can do: bytes of a good copy ----------------------------------


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


def ends(data: bytes) -> list[int]:
    return [found.end() for found in re.finditer(rb"%%EOF\n", data)]


def holes(data: bytes) -> list[tuple[int, int]]:
    """The hexadecimal of each CMS."""
    return [m.span(1) for m in re.finditer(rb"/Contents<([0-9a-f]{900,})>", data)]


def flip(data: bytes, at: int, mask: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


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
    return whole(lambda data: fc.append(data, list(bodies)))


def instead_of_store(*bodies: tuple[int, bytes]) -> Callable[[], Case]:
    return whole(lambda data: fc.append(data[: ends(data)[2]], list(bodies)))


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
        lambda bodies: [*bodies[:-1], (fc.CATALOG, grow(bodies[-1][1], addition))]
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
    Forgery("page appended", "revision-count", one_more((99, PAGE), (fc.PAGES, PAGE))),
    Forgery("image bit", "image-digest", flip_in_object(21, 1000)),
    Forgery("second strip's bit", "image-digest", flip_in_object(26, 7)),
    Forgery("clause bit", "message-digest", flip_in_object(fc.WORDS, 50)),
    Forgery("font bit", "message-digest", flip_in_object(fc.PROGRAM, 2)),
    Forgery("profile bit", "message-digest", flip_in_object(fc.ICC, 20)),
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
    Forgery("comment", "syntax", swap(b"/Lang (vi)", b"/Lang%(vi)", last=True)),
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
        stored(lambda b: [*b, (fc.XMP, fc.stream(b"/Subtype /XML", b"x"))]),
    ),
    Forgery(
        "store and information",
        "changed-object",
        stored(lambda b: [*b, (fc.INFO, b"<< /Title (x) >>")]),
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


# --- what only a signer can do --------------------------------------------------------


def made(
    change: Callable[[Copy], object], pki: Pki | None = None, **changes: object
) -> Callable[[], Case]:
    """Wrong before it was signed; ``changes`` are of the order it is judged by."""

    def make() -> Case:
        bent = good(pki)
        change(bent)
        return case(bent.write(), pki, **changes)

    return make


def base(number: int, old: bytes, new: bytes) -> Callable[[], Case]:
    """Other source text of one object of the base."""

    def change(bent: Copy) -> None:
        assert old in bent.objects[number], bent.objects[number][:300]
        bent.objects[number] = bent.objects[number].replace(old, new, 1)

    return made(change)


def content(number: int, old: bytes, new: bytes) -> Callable[[], Case]:
    """Another content stream, its /Length true."""

    def change(bent: Copy) -> None:
        _, _, rest = bent.objects[number].partition(b"stream\n")
        body = rest.removesuffix(b"\nendstream")
        assert old in body
        text = body.replace(old, new, 1)
        bent.objects[number] = b"<< /Length %d >>\nstream\n%b\nendstream" % (
            len(text),
            text,
        )

    return made(change)


def footer(text: bytes) -> Callable[[], Case]:
    return made(lambda bent: bent.objects.update({20: fc.footer(595.2, text)}))


def officer(**changes: object) -> Callable[[], Case]:
    return made(lambda bent: _bend(bent.officer, changes))


def seal(**changes: object) -> Callable[[], Case]:
    return made(lambda bent: _bend(bent.seal, changes))


def _bend(signing: object, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        setattr(signing, name, value)


def stamped(**changes: object) -> Callable[[], Case]:
    """The officer's token, stamped in another way."""

    def change(bent: Copy) -> None:
        assert bent.officer.stamping is not None
        bent.officer.stamping = replace(bent.officer.stamping, **changes)

    return made(change)


def both_at(moment: timedelta) -> Callable[[], Case]:
    """Signed, stamped and answered so long after the approval."""

    def change(bent: Copy) -> None:
        at = APPROVED + moment
        for signing in (bent.officer, bent.seal):
            signing.at, signing.stamping = at, Stamping(bent.pki.tsa, at)

    return made(change)


def members(**changes: Entity) -> Pki:
    """Our authorities, with another somebody."""
    pki = copy.copy(ours())
    for name, entity in changes.items():
        setattr(pki, name, entity)
    return pki


def signed_by(role: str, **facts: object) -> Callable[[], Case]:
    """Pinned, ordered and answered for, but a certificate that will not do."""

    def make() -> Case:
        issuer = ours().tsa_root if role == "tsa" else ours().issuing
        entity = Entity(role, **{"issuer": issuer, **facts})
        pki = members(**{role: entity})
        return case(good(pki).write(), pki)

    return make


def keeping(change: Callable[[fc.Storing, Pki], object]) -> Callable[[], Case]:
    def bend(bent: Copy) -> None:
        assert bent.storing is not None
        change(bent.storing, bent.pki)

    return made(bend)


def officers_answer(**facts: object) -> Callable[[], Case]:
    def change(storing: fc.Storing, pki: Pki) -> None:
        storing.answers[0] = answer(
            pki.officer, **{"responder": pki.responder, **facts}
        )

    return keeping(change)


def listing(**facts: object) -> Callable[[], Case]:
    """Another list of the root."""

    def change(storing: fc.Storing, pki: Pki) -> None:
        storing.lists[:] = [revocation_list(pki.root, **facts)]

    return keeping(change)


def _pages(bent: Copy, kids: bytes, count: int) -> None:
    bent.objects[fc.PAGES] = b"<< /Count %d /Kids [ %b ] /Type /Pages >>" % (
        count,
        kids,
    )


def _hidden(bent: Copy, text: bytes = b"<< /Title (hidden) >>") -> None:
    bent.objects[35] = text


def _gap(bent: Copy) -> None:
    """An object that no table names."""
    data = fc.assemble(bent.objects)
    at = int(data[data.rindex(b"startxref\n") + 10 :].split()[0])
    extra = b"99 0 obj\n<< /Title (hidden) >>\nendobj\n"
    tail = data[at:].replace(
        b"startxref\n%d" % at, b"startxref\n%d" % (at + len(extra))
    )
    bent.base = data[:at] + extra + tail


def _no_certification(bent: Copy) -> None:
    bent.officer.docmdp = 0


def _swap_pages(bent: Copy) -> None:
    _pages(bent, b"27 0 R 22 0 R 18 0 R 31 0 R 10 0 R", 5)


def _group(bent: Copy, *bodies: bytes) -> None:
    bent.officer.group = list(bodies)


def _other_serial(encoded: bytes) -> bytes:
    """In the SignerInfo, where no signature covers it."""
    sid = ours().officer.identifier
    at = encoded.rindex(sid) + len(sid) - 1
    return encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]


OTHER_PROTECTION = attribute(
    oid("1.2.840.113549.1.9.52"),
    tlv(0x30, tlv(0x30, tlv(6, oid("1.3.14.3.2.26"))), b"\xa1\x00"),
)
SIGNING_TIME = attribute(oid("1.2.840.113549.1.9.5"), tlv(0x17, b"261123081000Z"))
NO_CRITICAL = {"usage": [ExtendedKeyUsageOID.TIME_STAMPING], "critical": False}
TWO_USES = [ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING]
FOREIGN_TSA = Stamping(strangers().tsa, SIGNED_AT)
PARTIAL = x509.IssuingDistributionPoint(
    full_name=None,
    relative_name=None,
    only_contains_user_certs=True,
    only_contains_ca_certs=False,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)
PATH_DRAWN = zlib.compress(b"q 0 0 595 25 re f Q")


def _path_footer() -> Callable[[], Case]:
    def change(bent: Copy) -> None:
        head, _, _ = bent.objects[20].partition(b" /Length")
        bent.objects[20] = fc.stream(head.removeprefix(b"<< "), PATH_DRAWN)

    return made(change)


SIGNERS = [
    # the base: not what was ordered
    Forgery(
        "page too many",
        "page-count",
        made(lambda b: _pages(b, b"18 0 R 22 0 R 27 0 R 31 0 R 35 0 R 10 0 R", 6)),
    ),
    Forgery(
        "page too few", "page-count", made(lambda b: _pages(b, b"18 0 R 10 0 R", 2))
    ),
    Forgery("wrong count", "page-count", base(fc.PAGES, b"/Count 5", b"/Count 4")),
    Forgery(
        "page twice",
        "page-tree",
        made(lambda b: _pages(b, b"18 0 R 18 0 R 27 0 R 31 0 R 10 0 R", 5)),
    ),
    Forgery(
        "nested tree", "page-tree", base(fc.PAGES, b"/Count", b"/Parent 3 0 R /Count")
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
                {21: fc._image_object(fc.manifest()[0].images[0], noise("0", 2000))}
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
    Forgery("footer invisible", "footer", footer(b"3 Tr <0001> Tj")),
    Forgery("footer shows an image", "footer", footer(b"/Im0 Do")),
    Forgery("footer has a state", "footer", footer(b"/g0 gs <0001> Tj")),
    Forgery("footer inline image", "footer", footer(b"BI /W 1 ID x EI")),
    Forgery(
        "footer resources",
        "resources",
        base(20, b"<< /ColorSpace", b"<< /XObject << >> /ColorSpace"),
    ),
    Forgery(
        "footer group", "active-content", base(20, b"/Filter", b"/Group << >> /Filter")
    ),
    Forgery("glyphs by procedures", "resources", base(fc.FONT, b"/Type0", b"/Type3")),
    Forgery(
        "descendant of type 3", "resources", base(fc.BELOW, b"/CIDFontType0", b"/Type3")
    ),
    Forgery(
        "unknown font key",
        "unknown-key",
        base(fc.FONT, b"/BaseFont", b"/CharProcs << >> /BaseFont"),
    ),
    Forgery("pattern space", "resources", base(fc.CLAUSE, b"/ICCBased", b"/Pattern")),
    Forgery(
        "clause state",
        "resources",
        base(fc.CLAUSE, b"/ProcSet", b"/ExtGState << >> /ProcSet"),
    ),
    Forgery(
        "clause image",
        "resources",
        base(fc.CLAUSE, b"/ProcSet", b"/XObject << /X 21 0 R >> /ProcSet"),
    ),
    Forgery("clause box", "clause-page", base(fc.CLAUSE, b"595.2756", b"595.2")),
    Forgery(
        "clause in parts",
        "clause-page",
        base(fc.CLAUSE, b"/Contents 11 0 R", b"/Contents [ 11 0 R ]"),
    ),
    Forgery(
        "clause turned", "clause-page", base(fc.CLAUSE, b"/Type", b"/Rotate 90 /Type")
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
    Forgery(
        "third widget", "annotation", base(fc.CLAUSE, b"6 0 R ]", b"6 0 R 12 0 R ]")
    ),
    Forgery("third field", "form", base(fc.FORM, b"6 0 R ]", b"6 0 R 12 0 R ]")),
    Forgery(
        "fields exchanged", "annotation", base(fc.FORM, b"5 0 R 6 0 R", b"6 0 R 5 0 R")
    ),
    Forgery("field elsewhere", "form", base(fc.SEAL, b"318 324", b"8 324")),
    Forgery("hidden field", "form", base(fc.SEAL, b"/F 132", b"/F 134")),
    Forgery(
        "field with a lock", "form", base(fc.OFFICER, b"/Type", b"/Lock << >> /Type")
    ),
    Forgery(
        "field with a look",
        "duplicate-key",
        base(fc.OFFICER, b"/Type", b"/AP << >> /Type"),
    ),
    Forgery(
        "appearances wanted",
        "active-content",
        base(fc.FORM, b"/Fields", b"/NeedAppearances true /Fields"),
    ),
    Forgery(
        "form scripts", "active-content", base(fc.FORM, b"/Fields", b"/XFA (x) /Fields")
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
        "intent's kind", "output-intent", base(fc.INTENT, b"/GTS_PDFA1", b"/GTS_PDFX")
    ),
    Forgery(
        "other entry",
        "entry-not-as-ordered",
        base(fc.XMP, b"/2026/1180<", b"/2026/1181<"),
    ),
    Forgery("PDF/A part", "metadata", base(fc.XMP, b"part>2<", b"part>3<")),
    Forgery(
        "packet's date",
        "metadata",
        base(fc.XMP, b"15:05:00+07:00</xmp:M", b"15:05:01+07:00</xmp:M"),
    ),
    Forgery(
        "packet's key",
        "metadata",
        base(fc.XMP, b"/Type /Metadata", b"/Type /Metadata /N 1"),
    ),
    Forgery(
        "title's number",
        "info",
        made(
            lambda _: 0,
            clause=fc.order(ours()).clause.model_copy(update={"number": "1181/2026"}),
        ),
    ),
    Forgery("author", "info", base(fc.INFO, b"/Title", b"/Author (x) /Title")),
    Forgery(
        "producer", "info", base(fc.INFO, b"/Producer (ecopy)", b"/Producer (pikep)")
    ),
    Forgery("two dates", "info", base(fc.INFO, b"20261123150500", b"20261123150501")),
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
    # the signatures
    Forgery("not certified", "docmdp", made(_no_certification)),
    Forgery("no changes permitted", "signature-dictionary", officer(docmdp=1)),
    Forgery("annotations permitted", "signature-dictionary", officer(docmdp=3)),
    Forgery("a reason given", "signature-dictionary", officer(entries=b"/Reason(x)")),
    Forgery(
        "other format",
        "signature-dictionary",
        officer(subfilter=b"adbe.pkcs7.detached"),
    ),
    Forgery(
        "range left short", "byte-range", seal(range=lambda a, b, c: (a, b, c - 1))
    ),
    Forgery("hole widened", "byte-range", seal(range=lambda a, b, c: (a - 9, b, c))),
    Forgery(
        "page in a signature", "changed-object", seal(bodies=lambda b: [*b, (18, PAGE)])
    ),
    Forgery(
        "field moved in signing",
        "changed-object",
        seal(
            bodies=lambda b: [
                *b[:-1],
                (fc.SEAL, b[-1][1].replace(b"318 324", b"8 324")),
            ]
        ),
    ),
    Forgery("no field", "changed-object", seal(bodies=lambda b: b[:-1])),
    Forgery(
        "catalog in signing",
        "changed-object",
        officer(bodies=lambda b: [*b[:-1], (1, b[-1][1].replace(b"(vi)", b"(en)"))]),
    ),
    Forgery("other drawing", "appearance-pin", officer(group=look("other"))),
    Forgery("seal's drawing", "appearance-pin", officer(group=look("seal"))),
    Forgery(
        "one object more", "appearance-pin", officer(group=[*look("officer"), b"<<>>"])
    ),
    Forgery(
        "drawing borrows",
        "borrowed-object",
        officer(
            group=[look("officer")[0].replace(b"{1}", b"21 0 R"), *look("officer")[1:]]
        ),
    ),
    Forgery("no drawing", "appearance-pin", officer(group=[])),
    Forgery(
        "another time shown", "appearance", officer(shown="2026-11-23T15:10:01+07:00")
    ),
    Forgery("words for a time", "appearance", officer(shown="a notary")),
    Forgery(
        "signed by the seal",
        "signer-not-as-ordered",
        made(lambda b: _bend(b.officer, {"signer": b.pki.seal})),
    ),
    Forgery(
        "sealed by the officer",
        "signer-not-as-ordered",
        made(lambda b: _bend(b.seal, {"signer": b.pki.officer})),
    ),
    Forgery(
        "sealed by a stranger", "signer-not-as-ordered", seal(signer=strangers().seal)
    ),
    Forgery("SHA-512", "cms-algorithm", officer(digest="sha512")),
    Forgery("signing time", "cms-attributes", officer(more_attributes=(SIGNING_TIME,))),
    Forgery(
        "no certificate named",
        "cms-attributes",
        officer(drop=frozenset({"signing-certificate"})),
    ),
    Forgery("no digest", "cms-attributes", officer(drop=frozenset({"message-digest"}))),
    Forgery("no protection", "cms-attributes", officer(drop=frozenset({"protection"}))),
    Forgery(
        "another certificate named",
        "signing-certificate",
        officer(essential=strangers().officer),
    ),
    Forgery("CMS version 3", "cms-shape", officer(version=3)),
    Forgery("two signers", "cms-signer-count", officer(twice=True)),
    Forgery("loose length", "cms-der", officer(der=lambda d: b"\x30\x83\x00" + d[2:])),
    Forgery("bytes in a CMS", "contents-padding", officer(der=lambda d: d + b"\x01")),
    Forgery("signature flipped", "signature", officer(signature=lambda v: flip(v, 40))),
    Forgery(
        "root embedded",
        "cms-extra-certificate",
        made(lambda b: _bend(b.officer, {"chain": b.pki.chain})),
    ),
    Forgery("chain left out", "cms-certificates", officer(chain=[])),
    Forgery(
        "stranger embedded",
        "cms-extra-certificate",
        made(lambda b: _bend(b.officer, {"chain": [b.pki.issuing, strangers().seal]})),
    ),
    Forgery(
        "more unsigned",
        "unsigned-attributes",
        officer(
            unsigned=lambda t: tlv(0xA1, t[4:] if t[1] == 0x82 else t[3:], SIGNING_TIME)
        ),
    ),
    Forgery(
        "other unsigned",
        "unsigned-attributes",
        officer(unsigned=lambda _: tlv(0xA1, SIGNING_TIME)),
    ),
    Forgery("weak key", "cms-algorithm", signed_by("officer", rsa_bits=1024)),
    Forgery(
        "officer expired",
        "certificate-expired",
        signed_by("officer", end=APPROVED - DAY),
    ),
    Forgery(
        "officer not yet",
        "certificate-expired",
        signed_by("officer", start=APPROVED + DAY),
    ),
    Forgery("officer may not sign", "key-usage", signed_by("officer", signs=False)),
    Forgery(
        "officer under another",
        "chain",
        signed_by("officer", issuer=strangers().issuing),
    ),
    Forgery("officer is an authority", "key-usage", signed_by("officer", ca=True)),
    Forgery(
        "weaker protection",
        "algorithm-protection",
        officer(drop=frozenset({"protection"}), more_attributes=(OTHER_PROTECTION,)),
    ),
    Forgery(
        "content inside", "cms-not-detached", officer(content=tlv(0xA0, tlv(4, b"x")))
    ),
    Forgery("another serial", "signer-identifier", officer(der=_other_serial)),
    Forgery("no signature", "signature-missing", officer(bodies=lambda b: b[1:])),
    Forgery(
        "tree of another kind",
        "not-a-dictionary",
        made(lambda b: b.objects.update({fc.PAGES: b"[ 1 ]"})),
    ),
    Forgery(
        "image without a stream",
        "not-a-stream",
        made(lambda b: b.objects.update({21: b.objects[21].partition(b"\nst")[0]})),
    ),
    # the timestamps
    Forgery("no timestamp", "timestamp-missing", officer(stamping=None)),
    Forgery("seal not stamped", "timestamp-missing", seal(stamping=None)),
    Forgery("stranger's stamp", "chain", officer(stamping=FOREIGN_TSA)),
    Forgery("usage not critical", "key-usage", signed_by("tsa", **NO_CRITICAL)),
    Forgery("usage not alone", "key-usage", signed_by("tsa", usage=TWO_USES)),
    Forgery("officer stamps", "chain", stamped(tsa=ours().officer)),
    Forgery("stamp on other bytes", "timestamp-imprint", stamped(imprint=b"\x01" * 32)),
    Forgery("stamp with junk", "timestamp-shape", stamped(tail=b"\x04\x00")),
    Forgery(
        "stamp fields twice",
        "timestamp-shape",
        stamped(tail=b"\x02\x01\x01\x02\x01\x01"),
    ),
    Forgery(
        "critical extension",
        "timestamp-shape",
        stamped(tail=tlv(0xA1, tlv(0x30, tlv(6, b"\x2a"), b"\x01\x01\xff", tlv(4)))),
    ),
    Forgery(
        "stamp with unsigned",
        "unsigned-attributes",
        stamped(unsigned=tlv(0xA1, SIGNING_TIME)),
    ),
    Forgery(
        "stamp far from the time", "timestamp-time", stamped(at=SIGNED_AT + 6 * MINUTE)
    ),
    Forgery(
        "stamp before the time", "timestamp-time", stamped(at=SIGNED_AT - 6 * MINUTE)
    ),
    Forgery("before the approval", "timestamp-time", both_at(-6 * MINUTE)),
    Forgery("too late", "timestamp-time", both_at(72 * HOUR + SECOND)),
    Forgery(
        "sealed before signed",
        "timestamp-time",
        made(
            lambda b: _bend(
                b.seal,
                {
                    "at": SIGNED_AT - 6 * MINUTE,
                    "stamping": Stamping(b.pki.tsa, SIGNED_AT - 6 * MINUTE),
                },
            )
        ),
    ),
    Forgery(
        "stamper expired",
        "certificate-expired",
        signed_by("tsa", usage=[ExtendedKeyUsageOID.TIME_STAMPING], end=APPROVED),
    ),
    # the security store
    Forgery("officer revoked", "revoked", officers_answer(status="REVOKED")),
    Forgery("officer unknown", "revoked", officers_answer(status="UNKNOWN")),
    Forgery(
        "no answer for the seal",
        "revocation-missing",
        keeping(lambda s, _: s.answers.pop()),
    ),
    Forgery(
        "no answer for the stamp",
        "revocation-missing",
        keeping(lambda s, _: s.answers.pop(1)),
    ),
    Forgery("answer ended", "revocation-missing", officers_answer(until=APPROVED)),
    Forgery(
        "answer old", "revocation-missing", officers_answer(this=APPROVED - 2 * DAY)
    ),
    Forgery(
        "answer of tomorrow",
        "revocation-missing",
        officers_answer(this=APPROVED + 2 * DAY),
    ),
    Forgery(
        "stranger answers",
        "revocation-signature",
        officers_answer(responder=strangers().responder),
    ),
    Forgery("signer answers", "key-usage", officers_answer(responder=ours().seal)),
    Forgery(
        "answer for another issuer",
        "revocation-issuer",
        keeping(
            lambda s, _: s.answers.append(
                answer(strangers().officer, responder=strangers().responder)
            )
        ),
    ),
    Forgery(
        "answer for a stranger",
        "revocation-foreign",
        keeping(
            lambda s, p: s.answers.append(answer(p.responder, responder=p.responder))
        ),
    ),
    Forgery(
        "no answer at all",
        "revocation-shape",
        keeping(lambda s, _: s.answers.append(b"\x30\x03\x0a\x01\x06")),
    ),
    Forgery("no list", "revocation-missing", keeping(lambda s, _: s.lists.clear())),
    Forgery(
        "empty store",
        "revocation-missing",
        keeping(
            lambda s, _: (s.answers.clear(), s.lists.clear(), s.certificates.clear())
        ),
    ),
    Forgery("list forged", "revocation-signature", listing(key=strangers().root)),
    Forgery("list names the authority", "revoked", listing(listed=[ours().issuing])),
    Forgery("list ended", "revocation-missing", listing(until=APPROVED)),
    Forgery("list for others", "revocation-missing", listing(extra=PARTIAL)),
    Forgery("delta list", "revocation-shape", listing(extra=x509.DeltaCRLIndicator(3))),
    Forgery(
        "stranger's list",
        "revocation-signature",
        keeping(lambda s, _: s.lists.append(revocation_list(strangers().root))),
    ),
    Forgery(
        "stranger in the store",
        "store-certificates",
        keeping(lambda s, _: s.certificates.append(strangers().officer.der)),
    ),
    Forgery(
        "certificate twice",
        "store-certificates",
        keeping(lambda s, _: s.certificates.append(s.certificates[0])),
    ),
    Forgery(
        "store incomplete",
        "store-certificates",
        keeping(lambda s, _: s.certificates.pop(0)),
    ),
    # the order says otherwise
    Forgery(
        "another officer ordered",
        "identity-not-pinned",
        made(lambda _: 0, officer=fc.order(strangers()).officer),
    ),
    Forgery(
        "another version ordered",
        "identity-not-pinned",
        made(
            lambda _: 0,
            agency=fc.order(ours()).agency.model_copy(update={"version": "2"}),
        ),
    ),
    Forgery(
        "another page ordered",
        "page-count",
        made(lambda _: 0, manifest=fc.manifest()[:3]),
    ),
    Forgery(
        "approved later",
        "timestamp-time",
        made(lambda _: 0, approved_at=APPROVED + HOUR),
    ),
]


FORGERIES = (*OUTSIDERS, *SIGNERS)
