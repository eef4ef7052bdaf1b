"""The information dictionary and the XMP packet, as they must read for the order.

docs/dialect.md §2 has both texts. Start at ``check_metadata``.
"""

import re
from datetime import datetime, timedelta
from html import escape
from typing import Final

from ecopy.events import CertificationOrdered
from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.pdf.tokens import Value
from storage.domain.gate.refusal import refuse, require

NEAR: Final = timedelta(hours=72)
"""Between the composing and the approval: the gate's longest way to the seal. Before it
too, because a copy that is judged alone knows its approval only by its signatures.
"""
_INFO_KEYS: Final = frozenset(
    {b"/CreationDate", b"/Creator", b"/ModDate", b"/Producer", b"/Title"}
)
_XMP: Final = {b"/Type": b"/Metadata", b"/Subtype": b"/XML"}
_DATE: Final = re.compile(rb"\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+07'00'\)")
_ESCAPED: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_CONTROLS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

_PACKET: Final = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"\
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"\
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:identifier>{entry}</dc:identifier>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>vi</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdf:Producer>ecopy</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def check_metadata(info: Obj, xmp: Obj, order: CertificationOrdered) -> None:
    """Both name this entry and this number, with one date, and nothing else."""
    fields = info.dictionary()
    require(fields.keys() == _INFO_KEYS, "info", "keys")
    title = f"Bản sao chứng thực số {order.clause.number}"
    require(text_string(fields[b"/Title"]) == title, "info", "title")
    creator = creator_of(order)
    require(text_string(fields[b"/Creator"]) == creator, "info", "Creator")
    require(text_string(fields[b"/Producer"]) == "ecopy", "info", "Producer")
    require(fields[b"/CreationDate"] == fields[b"/ModDate"], "info", "dates")
    _check_packet(
        xmp,
        _PACKET.format(
            entry=escape(order.entry, quote=False),
            title=escape(title, quote=False),
            creator=creator,
            date=_date(fields[b"/CreationDate"], order.approved_at),
        ),
    )


def creator_of(order: CertificationOrdered) -> str:
    """How the copy names its writer, and from dialect 2 on its dialect and layout."""
    if order.dialect == 1:
        return "ecopy"
    return f"ecopy {order.dialect} {order.clause.template}"


def _check_packet(xmp: Obj, expected: str) -> None:
    fields = xmp.dictionary()
    require(fields.keys() == {*_XMP, b"/Length"}, "metadata", "keys")
    require(fields.items() >= _XMP.items(), "metadata", "type")
    found = xmp.body()
    # Asked first and by itself, so that a copy of another entry is refused by that
    # name, and not as some packet that differs.
    named = f"<dc:identifier>{expected.partition('<dc:identifier>')[2]}"
    identifier = named.partition("\n")[0].encode()
    require(identifier in found, "entry-not-as-ordered")
    require(found == expected.encode(), "metadata", "packet")


def _date(value: Value, approved_at: datetime) -> str:
    """``(D:YYYYMMDDHHmmSS+07'00')`` as XMP writes it: a real hour near the approval."""
    found = _DATE.fullmatch(value) if type(value) is bytes else None
    if found is None:
        refuse("info", "date")
    year, month, day, hour, minute, second = (part.decode() for part in found.groups())
    text = f"{year}-{month}-{day}T{hour}:{minute}:{second}+07:00"
    try:
        composed_at = datetime.fromisoformat(text)
    except ValueError:
        refuse("info", "no such hour")
    require(abs(composed_at - approved_at) <= NEAR, "info", "far from the approval")
    return text


def text_string(value: Value) -> str:
    """A text string (ISO 32000-1 §7.9.2): UTF-16 with its mark, or ASCII."""
    if type(value) is not bytes or value[:1] not in (b"(", b"<"):
        refuse("info", "not a string")
    try:
        if value[:1] == b"(":
            return _decoded(_literal(value))
        return _decoded(bytes.fromhex(value[1:-1].decode()))
    except ValueError as error:  # half a letter, an odd digit, an octet above ASCII
        refuse("info", error)


def _decoded(raw: bytes) -> str:
    marked = raw[:2] == b"\xfe\xff"
    return raw[2:].decode("utf-16-be") if marked else raw.decode("ascii")


def _literal(value: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if len(code) > 1:
            return bytes([int(code, 8) & 0xFF])
        return _CONTROLS.get(code, code)

    return _ESCAPED.sub(plain, value[1:-1])
