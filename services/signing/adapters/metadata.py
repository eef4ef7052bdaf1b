"""XMP and Info: one truth written twice, and never touched again.

ISO 19005-2 section 6.6; docs/dialect.md section 2.
"""

from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Dictionary, Name, String

PRODUCER: Final = "ecopy"
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
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
<xmp:CreateDate>{at}</xmp:CreateDate>
<xmp:ModifyDate>{at}</xmp:ModifyDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def describe(pdf: pikepdf.Pdf, *, entry: str, title: str, at: datetime) -> None:
    """Replace whatever the typesetter wrote; *at* is local time, whole seconds."""
    packet = _PACKET.format(
        entry=escape(entry),
        title=escape(title),
        at=at.isoformat(timespec="seconds"),
        producer=PRODUCER,
    )
    pdf.Root.Metadata = pdf.make_stream(
        packet.encode(), Type=Name.Metadata, Subtype=Name.XML
    )
    date = String(pdf_date(at))
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(
            Title=String(title),
            Creator=String(PRODUCER),
            Producer=String(PRODUCER),
            CreationDate=date,
            ModDate=date,
        )
    )


def pdf_date(at: datetime) -> str:
    """ISO 32000-1 section 7.9.4: ``D:20261123154002+07'00'``."""
    zone = at.strftime("%z")
    return f"D:{at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"
