"""A base revision in the dialect, object by object (docs/dialect.md §2)."""

import zlib

from ecopy.events import (
    CertificationOrdered,
    ManifestPage,
    PageImage,
)
from support.forging.order import noise, num
from support.profiles import SRGB

HEADER = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"

CATALOG, INFO, PAGES, FORM, OFFICER, SEAL, XMP, INTENT, ICC = range(1, 10)
CLAUSE, WORDS, FONT, BELOW, DESCRIPTOR, PROGRAM, UNICODE, SPACE = range(10, 18)
FIRST_PAGE = 18
"""Then page, contents, footer, images; page by page."""


PROFILE = zlib.compress(SRGB)

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


def shown(text: bytes = b"<0001>", *, setting: bytes = b"0 Tr/f0 8 Tf") -> bytes:
    """One line of a footer, as typst writes it."""
    return (
        b"q 1 0 0 -1 35.5 9.8 cm/c0 cs 0 0 0 scn\n"
        b"BT %b 1 0 0 -1 0 0 Tm[%b]TJ\nET\nQ" % (setting, text)
    )


def footer(width: float, words: bytes = b"") -> bytes:
    words = words or shown()
    head = (
        b"/BBox [ 0 0 %b 25.5 ] /Filter /FlateDecode /Resources << /ColorSpace << /c0 "
        b"[ /ICCBased 17 0 R ] >> /Font << /f0 12 0 R >> >> /Subtype /Form "
        b"/Type /XObject" % num(width).encode()
    )
    return stream(head, zlib.compress(words))


def image_object(ordered: PageImage, content: bytes) -> bytes:
    parms = " ".join(
        f"/{k} {'true' if k == 'BlackIs1' else v}"
        for k, v in sorted(ordered.decode_parms.items())
    )
    space = f"/{ordered.colour_space}"
    if ordered.palette:
        last = len(ordered.palette) // 6 - 1
        space = f"[ /Indexed /DeviceRGB {last} <{ordered.palette}> ]"
    head = f"/BitsPerComponent {ordered.bits} /ColorSpace {space} "
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
        objects[first + k] = image_object(one, content)
    return objects


def base_objects(ordered: CertificationOrdered) -> Objects:
    title = f"Bản sao chứng thực số {ordered.clause.number}"
    utf16 = (b"\xfe\xff" + title.encode("utf-16-be")).hex().encode()
    date = b"(D:20261123150500+07'00')"
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
        ICC: stream(b"/Filter /FlateDecode /N 3", PROFILE),
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
        PROGRAM: stream(
            b"/Filter /FlateDecode /Subtype /CIDFontType0C", zlib.compress(b"\1\0\4\1")
        ),
        UNICODE: stream(b"/Filter /FlateDecode", noise("u", 99)),
        SPACE: stream(b"/Filter /FlateDecode /N 3", PROFILE),
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


def assemble(objects: Objects, head: bytes = b"%d") -> bytes:
    """The base revision; objects in the order of the dictionary."""
    out, offsets = bytearray(HEADER), {}
    for n, text in objects.items():
        offsets[n] = len(out)
        out += b"%b 0 obj\n%b\nendobj\n" % (head % n, text)
    at = len(out)
    out += table(offsets, base=True)
    out += b"trailer << /Info 2 0 R /Root 1 0 R /Size %d /ID [%b%b] >>\n" % (
        max(objects) + 1,
        ID,
        ID,
    )
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)
