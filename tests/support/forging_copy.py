"""Copies in the dialect, written from its page alone: good, or wrong in one chosen way.

Every step can be bent by a forger: the base's objects, each signature's dictionary,
appearance, CMS and token, the store, the tables. The bytes of images and fonts mean
nothing; nobody looks at them here.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from ecopy.events import (
    Agency,
    CertificationOrdered,
    Clause,
    Document,
    ManifestPage,
    Officer,
    PageImage,
)
from ecopy.identifiers import ObjectRef
from storage.domain.gate.der import oid
from support.forging_pki import (
    APPROVED,
    HASHES,
    NAMES,
    Entity,
    Pki,
    Stamping,
    algorithm,
    answer,
    attribute,
    integer,
    ours,
    revocation_list,
    tlv,
)

HEADER = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
ENTRY = "H99.42.05.13/E/2026/1180"
SIGNED_AT = APPROVED + timedelta(minutes=10)
ROOM = 6000
KEEP = slice(None)

CATALOG, INFO, PAGES, FORM, OFFICER, SEAL, XMP, INTENT, ICC = range(1, 10)
CLAUSE, WORDS, FONT, BELOW, DESCRIPTOR, PROGRAM, UNICODE, SPACE = range(10, 18)
FIRST_PAGE = 18
"""Then page, contents, footer, images; page by page."""


def noise(seed: str, size: int) -> bytes:
    """The same bytes each time; no ``%%EOF`` in them."""
    out = b"".join(
        sha256(f"{seed}/{i}".encode()).digest() for i in range(size // 32 + 1)
    )
    return out[:size]


def num(value: float) -> str:
    text = format(value, ".5f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


# --- the order ----------------------------------------------------------------------


def image(seed: str, size: int = 3000, **changes: object) -> PageImage:
    content = noise(seed, size)
    kind: dict[str, object] = {
        "sha256": sha256(content).hexdigest(),
        "size": size,
        "filter": "DCTDecode",
        "width": 1240,
        "height": 1754,
        "bits": 8,
        "colour_space": "DeviceRGB",
        "placement": (595.2, 0, 0, 841.92, 0, 0),
    }
    return PageImage.model_validate(kind | changes)


FAX = {
    "filter": "CCITTFaxDecode",
    "bits": 1,
    "colour_space": "DeviceGray",
    "decode_parms": {"K": -1, "Columns": 1240, "Rows": 877, "BlackIs1": 1},
    "height": 877,
    "inverted": True,
}


@cache
def manifest() -> tuple[ManifestPage, ...]:
    """One photo; two strips on a page turned by 90; a grey one by 180; one by 270."""
    strips = (
        image("1", placement=(595.2, 0, 0, 420.96, 0, 420.96), **FAX),
        image("2", placement=(595.2, 0, 0, 420.96, 0, 0), **FAX),
    )
    grey = {"filter": "FlateDecode", "colour_space": "DeviceGray", "bits": 4}
    sizes = {"width": 595.2, "height": 841.92}
    return (
        ManifestPage(images=(image("0"),), **sizes),
        ManifestPage(images=strips, rotation=90, **sizes),
        ManifestPage(images=(image("3", **grey),), rotation=180, **sizes),
        ManifestPage(images=(image("4"),), rotation=270, **sizes),
    )


def order(pki: Pki, **changes: object) -> CertificationOrdered:
    facts: dict[str, object] = {
        "at": APPROVED,
        "entry": ENTRY,
        "approved_at": APPROVED,
        "original": ObjectRef(
            bucket="scans",
            key="originals/x.pdf",
            sha256="0" * 64,
            size=1,
            media_type="application/pdf",
        ),
        "manifest": manifest(),
        "document": Document(
            kind="birth-certificate", kind_name="Giấy khai sinh", title="x", pages=4
        ),
        "clause": Clause(
            template="clause/1",
            statement="Chứng thực bản sao đúng với bản chính",
            number="1180/2026",
            book="02/2026-SCTĐT/BS",
            date=APPROVED.date(),
        ),
        "officer": Officer(
            id=NAMES["officer"][0],
            version="1",
            name="Nguyễn Thị Ánh Nguyệt",
            title_lines=("PHÓ CHỦ TỊCH",),
            key="key-officer",
            certificate_sha256=pki.officer.sha256,
        ),
        "agency": Agency(
            code=NAMES["seal"][0],
            version="1",
            name_lines=("UBND PHƯỜNG HOA BAN",),
            place="Hoa Ban",
            key="key-seal",
            certificate_sha256=pki.seal.sha256,
        ),
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": "1" * 64,
        "demo": True,
    }
    return CertificationOrdered.model_validate(facts | changes)


# --- the base -----------------------------------------------------------------------

Objects = dict[int, bytes]


def stream(head: bytes, body: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (head, len(body), body)


def packet(entry: str, title: str, date: str) -> bytes:
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" \
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:identifier>{entry}</dc:identifier>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>vi</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:CreatorTool>ecopy</xmp:CreatorTool>
<pdf:Producer>ecopy</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


def footer(width: float, text: bytes = b"<0001> Tj") -> bytes:
    words = b"q 1 0 0 1 0 0 cm/c0 cs 0 0 0 scn\nBT 0 Tr /f0 8 Tf %b ET\nQ\n" % text
    head = (
        b"/BBox [ 0 0 %b 25.5 ] /Filter /FlateDecode /Resources << /ColorSpace << /c0 "
        b"[ /ICCBased 17 0 R ] >> /Font << /f0 12 0 R >> >> /Subtype /Form "
        b"/Type /XObject" % num(width).encode()
    )
    return stream(head, zlib.compress(words))


def _image_object(ordered: PageImage, content: bytes) -> bytes:
    parms = " ".join(
        f"/{k} {'true' if k == 'BlackIs1' else v}"
        for k, v in sorted(ordered.decode_parms.items())
    )
    head = f"/BitsPerComponent {ordered.bits} /ColorSpace /{ordered.colour_space} "
    head += "/Decode [ 1 0 ] " if ordered.inverted else ""
    head += f"/DecodeParms << {parms} >> " if parms else ""
    head += f"/Filter /{ordered.filter} /Height {ordered.height} /Subtype /Image "
    head += f"/Type /XObject /Width {ordered.width}"
    return stream(head.encode(), content)


def _page_objects(number: int, page: ManifestPage, images: int) -> Objects:
    """``images``: how many stand on earlier pages: they seed the bytes."""
    w, h = page.width, page.height
    box, matrix, width = {
        0: ((0, -25.5, w, h), (1, 0, 0, 1, 0, -25.5), w),
        90: ((0, 0, w + 25.5, h), (0, 1, -1, 0, w + 25.5, 0), h),
        180: ((0, 0, w, h + 25.5), (-1, 0, 0, -1, w, h + 25.5), w),
        270: ((-25.5, 0, w, h), (0, -1, 1, 0, -25.5, h), h),
    }[page.rotation]
    first = number + 3
    names = "".join(f" /Im{k} {first + k} 0 R" for k in range(len(page.images)))
    turned = f"/Rotate {page.rotation} " if page.rotation else ""
    draw = "".join(
        f"q\n{' '.join(map(num, one.placement))} cm\n/Im{k} Do\nQ\n"
        for k, one in enumerate(page.images)
    )
    draw += f"q\n{' '.join(map(num, matrix))} cm\n/F Do\nQ\n"
    text = (
        f"<< /Annots [ ] /Contents {number + 1} 0 R /MediaBox [ "
        f"{' '.join(map(num, box))} ] /Parent 3 0 R /Resources << /XObject << "
        f"/F {number + 2} 0 R{names} >> >> {turned}/Type /Page >>"
    )
    body = draw.encode()
    objects = {
        number: text.encode(),
        number + 1: b"<< /Length %d >>\nstream\n%b\nendstream" % (len(body), body),
        number + 2: footer(width),
    }
    for k, one in enumerate(page.images):
        content = noise(str(images + k), one.size)
        objects[first + k] = _image_object(one, content)
    return objects


def base_objects(ordered: CertificationOrdered) -> Objects:
    title = f"Bản sao chứng thực số {ordered.clause.number}"
    utf16 = (b"\xfe\xff" + title.encode("utf-16-be")).hex().encode()
    date = b"(D:20261123150500+07'00')"
    profile = noise("icc", 300)
    pages: Objects = {}
    kids, number, images = [], FIRST_PAGE, 0
    for page in ordered.manifest:
        kids.append(number)
        pages |= _page_objects(number, page, images)
        number, images = number + 3 + len(page.images), images + len(page.images)
    listed = " ".join(f"{n} 0 R" for n in [*kids, CLAUSE]).encode()
    return {
        CATALOG: b"<< /AcroForm 4 0 R /Lang (vi) /Metadata 7 0 R /OutputIntents [ 8 0 R"
        b" ] /Pages 3 0 R /Type /Catalog /ViewerPreferences << /DisplayDocTitle true >>"
        b" >>",
        INFO: b"<< /CreationDate %b /Creator (ecopy) /ModDate %b /Producer (ecopy) "
        b"/Title <%b> >>" % (date, date, utf16),
        PAGES: b"<< /Count %d /Kids [ %b ] /Type /Pages >>" % (len(kids) + 1, listed),
        FORM: b"<< /Fields [ 5 0 R 6 0 R ] >>",
        OFFICER: b"<< /F 132 /FT /Sig /P 10 0 R /Rect [ 80 324 300 494 ] /Subtype "
        b"/Widget /T (Officer) /Type /Annot >>",
        SEAL: b"<< /F 132 /FT /Sig /P 10 0 R /Rect [ 318 324 538 494 ] /Subtype "
        b"/Widget /T (Seal) /Type /Annot >>",
        XMP: stream(
            b"/Subtype /XML /Type /Metadata",
            packet(ordered.entry, title, "2026-11-23T15:05:00+07:00"),
        ),
        INTENT: b"<< /DestOutputProfile 9 0 R /Info (sRGB) /OutputCondition (sRGB) "
        b"/OutputConditionIdentifier (Custom) /RegistryName () /S /GTS_PDFA1 /Type "
        b"/OutputIntent >>",
        ICC: stream(b"/Filter /FlateDecode /N 3", profile),
        CLAUSE: b"<< /Annots [ 5 0 R 6 0 R ] /Contents 11 0 R /MediaBox [ 0 0 595.2756 "
        b"867.40155 ] /Parent 3 0 R /Resources << /ColorSpace << /c0 [ /ICCBased 17 0 R"
        b" ] >> /Font << /f0 12 0 R >> /ProcSet [ /PDF /Text ] >> /Type /Page >>",
        WORDS: stream(b"/Filter /FlateDecode", zlib.compress(noise("words", 2000))),
        FONT: b"<< /BaseFont /AAAAAA+Serif /DescendantFonts [ 13 0 R ] /Encoding "
        b"/Identity-H /Subtype /Type0 /ToUnicode 16 0 R /Type /Font >>",
        BELOW: b"<< /BaseFont /AAAAAA+Serif /CIDSystemInfo << /Ordering (Identity) "
        b"/Registry (Adobe) /Supplement 0 >> /DW 0 /FontDescriptor 14 0 R /Subtype "
        b"/CIDFontType0 /Type /Font /W [ 0 0 500 1 [ 250 ] ] >>",
        DESCRIPTOR: b"<< /Ascent 800 /CapHeight 700 /Descent -200 /Flags 4 /FontBBox "
        b"[ 0 -200 1000 800 ] /FontFile3 15 0 R /FontName /AAAAAA+Serif /ItalicAngle 0 "
        b"/StemV 80 /Type /FontDescriptor >>",
        PROGRAM: stream(b"/Filter /FlateDecode /Subtype /CIDFontType0C", b"font"),
        UNICODE: stream(b"/Filter /FlateDecode", noise("u", 99)),
        SPACE: stream(b"/Filter /FlateDecode /N 3", noise("c", 99)),
    } | pages


def table(offsets: dict[int, int], *, base: bool) -> bytes:
    lines = {n: b"%010d 00000 n \n" % at for n, at in offsets.items()}
    if base:
        lines[0] = b"0000000000 65535 f \n"
    out, run = [b"xref\n"], list[int]()
    for n in [*sorted(lines), -1]:
        if run and n != run[-1] + 1:
            out.append(b"%d %d\n" % (run[0], len(run)))
            out += (lines[r] for r in run)
            run = []
        run.append(n)
    return b"".join(out)


ID = b"<" + b"ab" * 16 + b">"


def assemble(objects: Objects) -> bytes:
    """The base revision; objects in the order of the dictionary."""
    out, offsets = bytearray(HEADER), {}
    for n, text in objects.items():
        offsets[n] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (n, text)
    at = len(out)
    out += table(offsets, base=True)
    out += b"trailer << /Info 2 0 R /Root 1 0 R /Size %d /ID [%b%b] >>\n" % (
        max(objects) + 1,
        ID,
        ID,
    )
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


# --- the later revisions ------------------------------------------------------------


def look(seed: str) -> list[bytes]:
    """A pinned group: resources, drawing, font, encoding; {k} are its own objects."""
    drawing = noise(seed, 200)
    return [
        b"<</XObject<</S {1}>>/Font<</T {2}>>>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Length %d>>\nstream\n%b\n"
        b"endstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+D/Encoding {3}>>",
        b"<</Type/CMap/Length 4>>\nstream\nCMap\nendstream",
    ]


def placed(group: Sequence[bytes], first: int) -> list[bytes]:
    """The bodies with their references; streams stay as they are."""

    def put(found: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % (first + int(found[1]))

    out = []
    for body in group:
        head, word, rest = body.partition(b"stream\n")
        out.append(re.sub(rb"\{(\d)\}", put, head) + word + rest)
    return out


def pin(group: Sequence[bytes]) -> str:
    bodies = enumerate(placed(group, 0))
    return sha256(
        b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in bodies)
    ).hexdigest()


DOCMDP = (
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
    b"<</Type/TransformParams/V/1.2/P %d>>>>]"
)
Bodies = list[tuple[int, bytes]]


@dataclass
class Signing:
    """One signature revision, as it should be; a forger changes a field."""

    role: str
    signer: Entity
    chain: Sequence[Entity]
    stamping: Stamping | None
    at: datetime = SIGNED_AT
    shown: str = ""
    """The line of time; empty: as /M."""
    docmdp: int = 0
    group: list[bytes] = field(default_factory=list)
    entries: bytes = b""
    """More of the signature dictionary, before /ByteRange."""
    subfilter: bytes = b"ETSI.CAdES.detached"
    digest: str = "sha256"
    drop: frozenset[str] = frozenset()
    more_attributes: tuple[bytes, ...] = ()
    essential: Entity | None = None
    version: int = 1
    twice: bool = False
    content: bytes = b""
    """Encapsulated, where nothing should be."""
    signature: Callable[[bytes], bytes] = bytes
    unsigned: Callable[[bytes], bytes] = bytes
    der: Callable[[bytes], bytes] = bytes
    padding: bytes = b"0"
    upper: bool = False
    bodies: Callable[[Bodies], Bodies] = list
    range: Callable[[int, int, int], tuple[int, int, int]] = lambda a, b, c: (a, b, c)

    @property
    def local(self) -> datetime:
        return self.at + timedelta(hours=7)

    def dictionary(self) -> bytes:
        shown = f"{self.local:%Y%m%d%H%M%S}".encode()
        return (
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%b/M(D:%b+07'00')%b%b"
            b"/ByteRange[%b]/Contents<%b>>>"
            % (
                self.subfilter,
                shown,
                DOCMDP % self.docmdp if self.docmdp else b"",
                self.entries,
                b" " * 43,
                b"0" * ROOM * 2,
            )
        )

    def appearance(self, group: int) -> bytes:
        shown = self.shown or f"{self.local:%Y-%m-%dT%H:%M:%S}+07:00"
        body = (
            b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown.encode()
        )
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R"
        return (head + b"/Length %d>>\nstream\n%b\nendstream") % (
            group,
            len(body),
            body,
        )

    def signed_data(self, digest: bytes) -> bytes:
        """ContentInfo over a range with that digest (docs/dialect.md §3)."""
        named = algorithm(HASHES[self.digest][0])
        how = self.signer.algorithm(self.digest)
        whose = sha256((self.essential or self.signer).der).digest()
        known = {
            "content-type": attribute(
                oid("1.2.840.113549.1.9.3"), tlv(6, oid("1.2.840.113549.1.7.1"))
            ),
            "message-digest": attribute(oid("1.2.840.113549.1.9.4"), tlv(4, digest)),
            "signing-certificate": attribute(
                oid("1.2.840.113549.1.9.16.2.47"),
                tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, whose)))),
            ),
            "protection": attribute(
                oid("1.2.840.113549.1.9.52"), tlv(0x30, named, b"\xa1" + how[1:])
            ),
        }
        kept = [value for name, value in known.items() if name not in self.drop]
        attributes = sorted((*kept, *self.more_attributes))
        value = self.signature(self.signer.sign(tlv(0x31, *attributes), self.digest))
        token = b""
        if self.stamping is not None:
            stamp = self.stamping.token(value)
            kind = oid("1.2.840.113549.1.9.16.2.14")
            token = tlv(0xA1, attribute(kind, stamp))
        signer = tlv(
            0x30,
            integer(1),
            self.signer.identifier,
            named,
            tlv(0xA0, *attributes),
            how,
            tlv(4, value),
            self.unsigned(token),
        )
        body = tlv(
            0x30,
            integer(self.version),
            tlv(0x31, named),
            tlv(0x30, tlv(6, oid("1.2.840.113549.1.7.1")), self.content),
            tlv(0xA0, *sorted(e.der for e in (self.signer, *self.chain))),
            tlv(0x31, signer, signer if self.twice else b""),
        )
        made = tlv(0x30, tlv(6, oid("1.2.840.113549.1.7.2")), tlv(0xA0, body))
        return self.der(made)


@dataclass
class Storing:
    """The security store's revision."""

    certificates: list[bytes]
    answers: list[bytes]
    lists: list[bytes]
    entries: bytes = b""
    bodies: Callable[[Bodies], Bodies] = list


@dataclass
class Copy:
    """A copy in the making; ``write`` gives its bytes."""

    pki: Pki
    order: CertificationOrdered
    objects: Objects
    officer: Signing
    seal: Signing
    storing: Storing | None
    identifier: bytes = ID
    base: bytes = b""
    """Instead of the objects."""
    between: Callable[[bytes], bytes] = bytes
    """Done to the file before the store is added."""

    def write(self) -> bytes:
        data = self.base or assemble(self.objects)
        catalog = self.objects[CATALOG]
        for signing in (self.officer, self.seal):
            data, catalog = self._sign(data, catalog, signing)
        data = self.between(data)
        return data if self.storing is None else self._store(data, catalog)

    def _sign(
        self, data: bytes, catalog: bytes, signing: Signing
    ) -> tuple[bytes, bytes]:
        number = next_number(data)
        group = placed(signing.group, number + 1)
        last = number + 1 + len(group)
        field_number = OFFICER if signing.role == "officer" else SEAL
        field_text = grow(
            self.objects[field_number], b"/V %d 0 R/AP<</N %d 0 R>>" % (number, last)
        )
        bodies: Bodies = [
            (number, signing.dictionary()),
            *enumerate(group, number + 1),
            (last, signing.appearance(number + 1)),
            (field_number, field_text),
        ]
        if signing.docmdp:
            catalog = grow(
                catalog,
                b"/Perms<</DocMDP %d 0 R>>/Extensions<</ESIC<</BaseVersion/1.7"
                b"/ExtensionLevel 1>>>>" % number,
            )
            bodies.append((FORM, grow(self.objects[FORM], b"/SigFlags 3")))
            bodies.append((CATALOG, catalog))
        out = append(data, signing.bodies(bodies), self.identifier)
        return _filled(out, len(data), signing), catalog

    def _store(self, data: bytes, catalog: bytes) -> bytes:
        storing, number = self.storing, next_number(data)
        assert storing is not None
        at, text, bodies = number + 1, b"<</Type/DSS", []
        for key, items in (
            (b"Certs", storing.certificates),
            (b"OCSPs", storing.answers),
            (b"CRLs", storing.lists),
        ):
            listed = b"".join(b"%d 0 R " % n for n in range(at, at + len(items)))
            text += b"/%b[%b]" % (key, listed)
            for n, item in enumerate(items, at):
                body = b"<</Length %d>>\nstream\n%b\nendstream" % (len(item), item)
                bodies.append((n, body))
            at += len(items)
        all_bodies: Bodies = [
            (number, text + storing.entries + b">>"),
            *bodies,
            (CATALOG, grow(catalog, b"/DSS %d 0 R" % number)),
        ]
        return append(data, storing.bodies(all_bodies), self.identifier)


def grow(text: bytes, addition: bytes) -> bytes:
    return text.removesuffix(b">>") + addition + b">>"


def next_number(data: bytes) -> int:
    return int(re.findall(rb"/Size (\d+)", data)[-1])


def append(data: bytes, bodies: Bodies, identifier: bytes = ID) -> bytes:
    """One more revision as the dialect has it."""
    out, offsets = bytearray(data), {}
    for n, text in bodies:
        offsets[n] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (n, text)
    at, previous = len(out), int(re.findall(rb"startxref\n(\d+)", data)[-1])
    out += table(offsets, base=False)
    out += b"trailer\n<</Size %d/Root 1 0 R/Info 2 0 R/Prev %d/ID[%b%b]>>\n" % (
        max(next_number(data), max(offsets) + 1),
        previous,
        identifier,
        b"<" + noise(str(at), 16).hex().encode() + b">",
    )
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


def _filled(data: bytes, start: int, signing: Signing) -> bytes:
    """/ByteRange and /Contents of the revision that begins at ``start``."""
    hole = re.compile(rb"/Contents<(0{%d})>" % (ROOM * 2)).search(data, start)
    if hole is None:
        return data
    a, b = hole.start(1) - 1, hole.end(1) + 1
    ranges = b"0 %d %d %d" % signing.range(a, b, len(data) - b)
    at = data.index(b"/ByteRange[", start) + len(b"/ByteRange[")
    data = data[:at] + ranges.ljust(43) + data[at + 43 :]
    digest = sha256(data[:a] + data[b:]).digest()
    text = signing.signed_data(digest).hex()
    text = text.upper() if signing.upper else text
    padded = text.encode().ljust(ROOM * 2, signing.padding)
    return data[: a + 1] + padded + data[b - 1 :]


def good(pki: Pki | None = None, **changes: object) -> Copy:
    """A copy as it should be; changes are of the order."""
    pki = pki or ours()
    ordered = order(pki, **changes)
    stamp = Stamping(pki.tsa, SIGNED_AT + timedelta(seconds=1))
    officer = Signing(
        "officer", pki.officer, [pki.issuing], stamp, docmdp=2, group=look("officer")
    )
    seal = Signing("seal", pki.seal, [pki.issuing], stamp, group=look("seal"))
    members = (
        pki.officer,
        *pki.chain,
        pki.tsa,
        pki.tsa_root,
        pki.seal,
        pki.responder,
        pki.tsa_responder,
    )
    answers = [answers_of(pki)[who] for who in ("officer", "tsa", "seal")]
    storing = Storing([e.der for e in members], answers, [list_of(pki)])
    return Copy(pki, ordered, base_objects(ordered), officer, seal, storing)


@cache
def answers_of(pki: Pki) -> dict[str, bytes]:
    return {
        "officer": answer(pki.officer, responder=pki.responder),
        "seal": answer(pki.seal, responder=pki.responder),
        "tsa": answer(pki.tsa, responder=pki.tsa_responder),
    }


@cache
def list_of(pki: Pki) -> bytes:
    return revocation_list(pki.root)


PINS = {"officer": pin(look("officer")), "seal": pin(look("seal"))}
