"""Incremental updates of a draft that our own composer wrote: exactly the objects
that a signature changes, nothing else.

ISO 32000-1 sections 7.5.6, 12.8.1 (/ByteRange), 12.8.2.2 (DocMDP); ISO 32000-2,
12.8.4.3 (DSS); EN 319 142-1 sections 5.3, 5.4, 6.3; docs/dialect.md sections 3–5.
What is read is our composer's own writing: draft_reader.py.
"""

import hashlib
import os
import re
from binascii import hexlify
from datetime import datetime
from typing import Final

from chassis.clock import LOCAL
from signing.adapters.pdf.draft_reader import Base, NotOurDraftError
from signing.adapters.pdf.groups import Group
from signing.adapters.pdf.metadata import pdf_date
from signing.domain.rope import Rope

CERTIFIES: Final = 2
"""DocMDP P: signing and form filling only (decision 0010, combination B)."""
RANGE_ROOM: Final = 43
_REFERRED: Final = re.compile(rb"(\d+) 0 R ")


class Document:
    """A growing file: its bytes, its catalog, and the SHA-256 of all bytes so far.

    The hash is never finalised: a copy of it is the midstate for the next /ByteRange,
    so the file is hashed once, however many signatures follow.
    """

    def __init__(self, content: Rope) -> None:
        self.content = content
        self.store = 0
        """Number of the security store, once it is written."""
        self._read(Base(content))
        self.sha256 = hashlib.sha256()
        for chunk in content.chunks():
            self.sha256.update(chunk)

    def _read(self, base: Base) -> None:
        catalog = base.dictionary(base.root)
        if any(k in catalog for k in (b"/Perms", b"/DSS", b"/Extensions")):
            raise NotOurDraftError("the catalog is not a draft's")
        number = base.reference(catalog, b"/AcroForm")
        form = base.dictionary(number)
        self.xref, self.size = base.xref, base.size
        self.root, self.info = base.root, base.info
        self.identifier = base.identifier
        self.catalog = catalog
        self.form = number, form
        self.fields = dict(base.fields(form))


class Increment:
    """One revision in the making: objects are added, then ``close`` ends it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.buffer = bytearray()
        self._offsets: dict[int, int] = {}

    def reserve(self) -> int:
        """The next free number."""
        self.document.size += 1
        return self.document.size - 1

    def put(self, number: int, *parts: bytes) -> None:
        self._offsets[number] = self.document.content.size + len(self.buffer)
        self.buffer += b"%d 0 obj\n%b\nendobj\n" % (number, b"".join(parts))

    def add(self, *parts: bytes) -> int:
        number = self.reserve()
        self.put(number, *parts)
        return number

    def add_group(self, group: Group) -> int:
        """The number of its entry; the others follow without a gap."""
        document, laid = self.document, group.laid(self.document.size)
        first, start = document.size, document.content.size + len(self.buffer)
        for number, offset in enumerate(laid.offsets, first):
            self._offsets[number] = start + offset
        self.buffer += laid.text
        document.size += len(laid.offsets)
        return first

    def close(self) -> None:
        """Table and trailer (7.5.4, 7.5.5); the second half of /ID changes (14.4)."""
        document = self.document
        start = document.content.size + len(self.buffer)
        self.buffer += b"".join(self._table())
        self.buffer += (
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/ID[<%b><%b>]>>\n"
            b"startxref\n%d\n%%%%EOF\n"
        ) % (
            document.size,
            document.root,
            document.info,
            document.xref,
            hexlify(document.identifier),
            hexlify(os.urandom(16)),
            start,
        )
        document.xref = start

    def commit(self) -> None:
        """Append; the document's bytes and hash move on."""
        document = self.document
        document.sha256.update(self.buffer)
        document.content = document.content.extended(self.buffer)

    def _table(self) -> list[bytes]:
        lines, run = [b"xref\n"], list[int]()
        for number in [*sorted(self._offsets), 0]:
            if run and number != run[-1] + 1:
                lines.append(b"%d %d\n" % (run[0], len(run)))
                lines += (b"%010d 00000 n \n" % self._offsets[n] for n in run)
                run = []
            run.append(number)
        return lines


class SignatureRevision:
    """Fills one field: ``digest`` is what its CMS signs, ``fill`` puts the CMS in."""

    def __init__(
        self,
        document: Document,
        field: str,
        look: Group,
        at: datetime,
        *,
        room: int,
        certifies: bool,
    ) -> None:
        self._increment = increment = Increment(document)
        number, text = document.fields.pop(field)
        value = increment.reserve()
        head = _signature_head(at, certifies=certifies)
        self._hole = Hole(increment, value, head, room)
        resources = increment.add_group(look)
        shown = increment.add(_appearance(resources, at))
        increment.put(number, text, b"/V %d 0 R/AP<</N %d 0 R>>>>" % (value, shown))
        if certifies:
            _certify(increment, value)
        increment.close()
        self._hole.write_range()
        self.digest = self._hole.covered()

    def fill(self, signed_data: bytes) -> None:
        """Raises OverflowError if the CMS is larger than its room."""
        self._hole.fill(signed_data)


class Hole:
    """The /Contents of an increment's first object, and the /ByteRange around it."""

    def __init__(
        self, increment: Increment, value: int, head: bytes, room: int
    ) -> None:
        self._increment = increment
        before = len(increment.buffer) + len(b"%d 0 obj\n" % value)
        self._start = before + len(head)
        self._end = self._start + 2 * room + 2
        increment.put(value, head, b"<", b"0" * (2 * room), b">>>")

    def write_range(self) -> None:
        """Into the placeholder; the increment must be closed."""
        increment, end = self._increment, self._start - len(_CONTENTS)
        offset, buffer = increment.document.content.size, increment.buffer
        a, b = offset + self._start, offset + self._end
        ranges = b"0 %d %d %d" % (a, b, offset + len(buffer) - b)
        buffer[end - RANGE_ROOM - 1 : end - 1] = ranges.ljust(RANGE_ROOM)

    def covered(self) -> bytes:
        sha256 = self._increment.document.sha256.copy()
        with memoryview(self._increment.buffer) as view:
            sha256.update(view[: self._start])
            sha256.update(view[self._end :])
        return sha256.digest()

    def fill(self, encoded: bytes) -> None:
        """Puts it in and appends the revision. Raises OverflowError."""
        start, buffer = self._start, self._increment.buffer
        if 2 * len(encoded) > self._end - start - 2:
            raise OverflowError(len(encoded))
        buffer[start + 1 : start + 1 + 2 * len(encoded)] = hexlify(encoded)
        self._increment.commit()


_CONTENTS: Final = b"/Contents"
_TIMESTAMP_HEAD: Final = (
    b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange["
    + b" " * RANGE_ROOM
    + b"]"
    + _CONTENTS
)


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
            b"/ByteRange[" + b" " * RANGE_ROOM + b"]",
            _CONTENTS,
        )
    )


def _appearance(resources: int, at: datetime) -> bytes:
    """The pinned drawing, and the one line that differs: the time, equal to /M."""
    shown = at.astimezone(LOCAL).isoformat(timespec="seconds").encode()
    drawing = b"q\n/S Do\nQ\nBT\n/T 7.5 Tf\n0 g\n62 4 Td\n(%b)Tj\nET\n" % shown
    return (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 220 170]/Resources %d 0 R/Length %d>>\n"
        b"stream\n%b\nendstream" % (resources, len(drawing), drawing)
    )


def _certify(increment: Increment, value: int) -> None:
    """SigFlags (12.7.2: SignaturesExist, AppendOnly), /Perms and the extension."""
    document = increment.document
    number, text = document.form
    increment.put(number, text, b"/SigFlags 3>>")
    document.catalog += (
        b"/Perms<</DocMDP %d 0 R>>"
        b"/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>" % value
    )
    increment.put(document.root, document.catalog, b">>")


def add_security_store(document: Document, store: Group) -> None:
    """The LT revision: /DSS, once for all signatures (EN 319 142-1 section 5.4)."""
    increment = Increment(document)
    document.store = increment.add_group(store)
    document.catalog += b"/DSS %d 0 R" % document.store
    increment.put(document.root, document.catalog, b">>")
    increment.close()
    increment.commit()


def widen_security_store(document: Document, store: Group, wider: Group) -> None:
    """The same lists, longer: what *wider* has and *store*, written before, has not.

    For the document timestamp's own authority, when it is none of the signatures'.
    """
    known = {body: document.store + at for at, body in enumerate(store.numbered(0))}
    fresh = [body for listed in _listed(wider) for body in listed if body not in known]
    places = known | {body: document.size + at for at, body in enumerate(fresh)}
    lists = [
        b"".join(b"%d 0 R " % places[body] for body in dict.fromkeys(old + new))
        for old, new in zip(_listed(store), _listed(wider), strict=True)
    ]
    increment = Increment(document)
    entry = b"<</Type/DSS/Certs[%b]/OCSPs[%b]/CRLs[%b]>>" % tuple(lists)
    increment.put(document.store, entry)
    for body in fresh:
        increment.add(body)
    increment.close()
    increment.commit()


def _listed(store: Group) -> list[list[bytes]]:
    """Bodies of the certificates, of the answers, of the lists."""
    entry, *bodies = store.numbered(0)
    return [
        [bodies[int(found) - 1] for found in _REFERRED.findall(part)]
        for part in entry.split(b"[")[1:]
    ]


class TimestampRevision:
    """The LTA revision: a document timestamp over all that stands before it.

    ISO 32000-2 section 12.8.5, EN 319 142-1 section 5.5; ``digest`` is what the token
    is over, ``fill`` puts the token in.
    """

    def __init__(self, document: Document, *, room: int) -> None:
        increment = Increment(document)
        number, text = document.fields.pop("Timestamp")
        value = increment.reserve()
        self._hole = Hole(increment, value, _TIMESTAMP_HEAD, room)
        increment.put(number, text, b"/V %d 0 R>>" % value)
        increment.close()
        self._hole.write_range()
        self.digest = self._hole.covered()

    def fill(self, token: bytes) -> None:
        """Raises OverflowError if the token is larger than its room."""
        self._hole.fill(token)
