"""XMP and the information dictionary: the same facts written twice, and never touched
again. A mirror of the gate's ``pdf/metadata.py``, which compares them.

ISO 19005-2 section 6.6; ISO 32000-1 section 14.3; docs/dialect.md section 2.
"""

from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

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
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def packet(*, entry: str, title: str, creator: str, at: datetime) -> bytes:
    """The XMP packet; *at* is local time, in whole seconds."""
    return _PACKET.format(
        entry=escape(entry),
        title=escape(title),
        at=at.isoformat(timespec="seconds"),
        creator=escape(creator),
        producer=PRODUCER,
    ).encode()


def info(*, title: str, creator: str, at: datetime) -> bytes:
    """The information dictionary; its title is UTF-16 with its mark (7.9.2.2)."""
    date, text = pdf_date(at).encode(), title.encode("utf-16-be").hex().encode()
    return (
        b"<< /CreationDate (%b) /Creator (%b) /ModDate (%b) /Producer (ecopy)"
        b" /Title <feff%b> >>" % (date, creator.encode(), date, text)
    )


def pdf_date(at: datetime) -> str:
    """A date as ISO 32000-1 section 7.9.4 writes it: ``D:20261123154002+07'00'``."""
    zone = at.strftime("%z")
    return f"D:{at:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"
