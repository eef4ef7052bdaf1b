"""The revisions that hold a signature or a document timestamp, as a mirror of what the
gate's ``pdf/increments.py`` expects.

ISO 32000-1 sections 12.8.1 (/ByteRange) and 12.8.2.2 (DocMDP); ISO 32000-2 section
12.8.5; EN 319 142-1 sections 5.3, 5.5 and 6.3; docs/dialect.md sections 3 to 5.

Each goes through three steps: *reserve* writes the objects with a gap for what is not
known yet, *close* fixes every other byte and gives the digest to sign, *fill* puts the
CMS or the token into the gap and appends the revision. Start at ``reserve_signature``.
"""

from binascii import hexlify
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.clock import LOCAL
from signing.adapters.pdf.groups import Group
from signing.adapters.pdf.increments import GrowingPdf, Increment
from signing.adapters.pdf.metadata import pdf_date

CERTIFIES: Final = 2
"""DocMDP's P: signing and form filling only (decision 0010, combination B)."""
# The dialect fixes 43 (section 3): zero, three numbers of at most ten digits (a table
# entry holds no more, 7.5.4) and three blanks take 34, what is left stays blank.
RANGE_ROOM: Final = 43
"""Octets kept for the four numbers of a /ByteRange."""
_CONTENTS: Final = b"/Contents"
_EMPTY_RANGE: Final = b"/ByteRange[" + b" " * RANGE_ROOM + b"]"
_TIMESTAMP_HEAD: Final = b"".join(
    (
        b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161",
        _EMPTY_RANGE,
        _CONTENTS,
    )
)


@dataclass(frozen=True, slots=True)
class ClosedRevision:
    """A revision whose bytes are final but for its gap.

    MUST be filled before the next revision of the same file is reserved. If it cannot
    be, the file is spoiled and MUST be thrown away: numbers were taken in it.
    """

    digest: bytes
    """SHA-256 of the whole file but the gap: what the CMS signs, or the token is over.
    """
    _gap: "ContentsGap"

    def fill(self, encoded: bytes) -> None:
        """Put the CMS or the token in and append the revision. Raises OverflowError if
        *encoded* is larger than the room that was reserved.
        """
        self._gap.fill(encoded)


def reserve_signature(
    pdf: GrowingPdf,
    field: str,
    appearance: Group,
    at: datetime,
    *,
    room: int,
    certifies: bool,
) -> ClosedRevision:
    """A revision that signs *field*, showing *appearance* and the time *at*, with
    *room* octets for the CMS. *certifies*: the officer's, which sets DocMDP.
    """
    increment = Increment(pdf)
    number, text = pdf.fields.pop(field)
    value = increment.reserve_number()
    gap = ContentsGap(increment, value, _signature_head(at, certifies=certifies), room)
    resources = increment.add_group(appearance)
    shown = increment.add(_shown(resources, at))
    increment.put(number, text, b"/V %d 0 R/AP<</N %d 0 R>>>>" % (value, shown))
    if certifies:
        _certify(increment, value)
    return gap.close()


def reserve_timestamp(pdf: GrowingPdf, *, room: int) -> ClosedRevision:
    """The revision of level B-LTA: a document timestamp over all that stands before it,
    with *room* octets for the token.
    """
    increment = Increment(pdf)
    number, text = pdf.fields.pop("Timestamp")
    value = increment.reserve_number()
    gap = ContentsGap(increment, value, _TIMESTAMP_HEAD, room)
    increment.put(number, text, b"/V %d 0 R>>" % value)
    return gap.close()


class ContentsGap:
    """The /Contents of an increment's first object, and the /ByteRange around it; the
    mirror of the gate's class of this name.
    """

    def __init__(
        self, increment: Increment, value: int, head: bytes, room: int
    ) -> None:
        """Write the object *value*: *head*, then a string of *room* octets in hex,
        all zero.
        """
        self._increment = increment
        before = len(increment.buffer) + len(b"%d 0 obj\n" % value)
        self._start = before + len(head)
        self._end = self._start + 2 * room + 2  # two hex digits an octet, and < >
        increment.put(value, head, b"<", b"0" * (2 * room), b">>>")

    def close(self) -> ClosedRevision:
        """End the increment and write the range, which counts its last byte too."""
        self._increment.close()
        self._write_range()
        return ClosedRevision(self._digest(), self)

    def fill(self, encoded: bytes) -> None:
        start, buffer = self._start, self._increment.buffer
        if 2 * len(encoded) > self._end - start - 2:
            raise OverflowError(len(encoded))
        buffer[start + 1 : start + 1 + 2 * len(encoded)] = hexlify(encoded)
        self._increment.commit()

    def _write_range(self) -> None:
        increment, end = self._increment, self._start - len(_CONTENTS)
        offset, buffer = increment.pdf.content.size, increment.buffer
        a, b = offset + self._start, offset + self._end
        ranges = b"0 %d %d %d" % (a, b, offset + len(buffer) - b)
        buffer[end - RANGE_ROOM - 1 : end - 1] = ranges.ljust(RANGE_ROOM)

    def _digest(self) -> bytes:
        sha256 = self._increment.pdf.sha256.copy()
        with memoryview(self._increment.buffer) as view:
            sha256.update(view[: self._start])
            sha256.update(view[self._end :])
        return sha256.digest()


def _signature_head(at: datetime, *, certifies: bool) -> bytes:
    reference = (
        b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
        b"<</Type/TransformParams/V/1.2/P %d>>>>]" % CERTIFIES
    )
    return b"".join(
        (
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(",
            pdf_date(at.astimezone(LOCAL)).encode(),
            b")",
            reference if certifies else b"",
            _EMPTY_RANGE,
            _CONTENTS,
        )
    )


def _shown(resources: int, at: datetime) -> bytes:
    """The pinned drawing, and the one line that differs: the time, equal to /M."""
    shown = at.astimezone(LOCAL).isoformat(timespec="seconds").encode()
    # 220 x 170 points is the field (domain/layout.py). The drawing ends with the words
    # "Thời gian ký:", from 9 4 on (appearance.typ); the time follows on their line, in
    # the size of digits.typ. The gate compares these very operators.
    drawing = b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown
    return (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R/Length %d>>\n"
        b"stream\n%b\nendstream" % (resources, len(drawing), drawing)
    )


def _certify(increment: Increment, value: int) -> None:
    """Write what the first signature adds beside itself: SigFlags (12.7.2:
    SignaturesExist, AppendOnly), /Perms and the extension.
    """
    pdf = increment.pdf
    number, text = pdf.form
    increment.put(number, text, b"/SigFlags 3>>")
    pdf.catalog += (
        b"/Perms<</DocMDP %d 0 R>>"
        b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>" % value
    )
    increment.put(pdf.root, pdf.catalog, b">>")
