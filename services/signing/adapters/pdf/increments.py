"""Incremental updates of a draft, the mirror of the gate's ``pdf/increments.py``:
exactly the objects that a revision changes, nothing else.

ISO 32000-1 section 7.5.6; docs/dialect.md sections 3 to 5. What is read is our
composer's own writing (``draft_reader.py``), which is why no PDF library is used here:
decision 0011. The revisions themselves are in ``signature_revisions.py`` and
``store_revisions.py``. Start at ``GrowingPdf``.
"""

import hashlib
from binascii import hexlify

from signing.adapters.pdf.draft_reader import DraftReader, NotOurDraftError
from signing.adapters.pdf.groups import Group
from signing.adapters.pdf.identifiers import second_half
from signing.domain.rope import Rope


class GrowingPdf:
    """A draft and the revisions appended to it so far: its bytes, its catalog, and the
    SHA-256 of all bytes. Belongs to one thread.

    The hash is never finalised: a copy of it is the midstate for the next /ByteRange,
    so the file is hashed once, however many signatures follow.
    """

    def __init__(self, content: Rope) -> None:
        """Read the draft in *content*. Raises NotOurDraftError."""
        self.content = content
        self.store = 0
        """The number of the security store's object; 0 until it is written."""
        self._read(DraftReader(content))
        self.sha256 = hashlib.sha256()
        for chunk in content.chunks():
            self.sha256.update(chunk)

    def _read(self, draft: DraftReader) -> None:
        catalog = draft.dictionary(draft.root)
        if any(k in catalog for k in (b"/Perms", b"/DSS", b"/Extensions")):
            raise NotOurDraftError("the catalog is not a draft's")
        number = draft.reference(catalog, b"/AcroForm")
        form = draft.dictionary(number)
        self.xref, self.size = draft.xref, draft.size
        self.root, self.info = draft.root, draft.info
        self.identifier = draft.identifier
        self.catalog = catalog
        self.form = number, form
        self.fields = dict(draft.fields(form))


class Increment:
    """One revision in the making: objects are added, ``close`` writes its table and
    ``commit`` appends it.

    Offsets count from the file's end as it is now. So an increment MUST be committed
    before the next one of the same file is begun, or be thrown away with the file.
    """

    def __init__(self, pdf: GrowingPdf) -> None:
        self.pdf = pdf
        self.buffer = bytearray()
        self._offsets: dict[int, int] = {}

    def reserve_number(self) -> int:
        """Take the next free object number."""
        self.pdf.size += 1
        return self.pdf.size - 1

    def put(self, number: int, *parts: bytes) -> None:
        """Write the object *number*; *parts* are its text, one after the other."""
        self._offsets[number] = self.pdf.content.size + len(self.buffer)
        self.buffer += b"%d 0 obj\n%b\nendobj\n" % (number, b"".join(parts))

    def add(self, *parts: bytes) -> int:
        """Write an object under the next free number, which is returned."""
        number = self.reserve_number()
        self.put(number, *parts)
        return number

    def add_group(self, group: Group) -> int:
        """Write a group; its entry gets the number returned, the others follow it
        without a gap.
        """
        pdf, placed = self.pdf, group.placed(self.pdf.size)
        first, start = pdf.size, pdf.content.size + len(self.buffer)
        for number, offset in enumerate(placed.offsets, first):
            self._offsets[number] = start + offset
        self.buffer += placed.text
        pdf.size += len(placed.offsets)
        return first

    def close(self) -> None:
        """Write table and trailer (7.5.4, 7.5.5); the second half of /ID is this
        revision's own (14.4).
        """
        pdf = self.pdf
        start = pdf.content.size + len(self.buffer)
        self.buffer += b"".join(self._table())
        self.buffer += (
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/ID[<%b><%b>]>>\n"
            b"startxref\n%d\n%%%%EOF\n"
        ) % (
            pdf.size,
            pdf.root,
            pdf.info,
            pdf.xref,
            hexlify(pdf.identifier),
            hexlify(second_half(pdf.identifier, pdf.xref)),
            start,
        )
        pdf.xref = start

    def commit(self) -> None:
        """Append the revision: the file's bytes and hash move on."""
        pdf = self.pdf
        pdf.sha256.update(self.buffer)
        pdf.content = pdf.content.extended(self.buffer)

    def _table(self) -> list[bytes]:
        """The cross-reference section: a run of lines for each run of numbers."""
        lines, run = [b"xref\n"], list[int]()
        for number in [*sorted(self._offsets), 0]:  # 0 ends the last run
            if run and number != run[-1] + 1:
                lines.append(b"%d %d\n" % (run[0], len(run)))
                lines += (b"%010d 00000 n \n" % self._offsets[n] for n in run)
                run = []
            run.append(number)
        return lines
