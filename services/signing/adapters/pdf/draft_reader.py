"""The few objects of a draft that signatures change, read as text where they lie.

A draft is our composer's writing (``base_revision.py``, docs/dialect.md sections 1 and
2), so it has one way to be written; anything else is refused. Opening it with qpdf to
read the same four dictionaries took 0.9 ms a copy, a fifth of sealing.
"""

import re
from collections.abc import Iterator
from typing import Final

from signing.domain.rope import Rope

_END: Final = re.compile(
    rb"trailer << /Info (\d{1,9}) 0 R /Root (\d{1,9}) 0 R /Size (\d{1,9})"
    rb" /ID \[<((?:[0-9a-f]{2})+)><[0-9a-f]+>\] >>\nstartxref\n(\d{1,10})\n%%EOF\n\Z"
)
_FIELDS: Final = re.compile(rb"<< /Fields \[ ((?:\d{1,9} 0 R )+)\] ")
_NAME: Final = re.compile(rb" /T \(([A-Za-z]+)\) ")
_TAIL_BYTES: Final = 512
"""What is read from the end: trailer and startxref take some 200 octets of it."""
_ENTRY_BYTES: Final = 20
"""One line of a cross-reference table (ISO 32000-1 section 7.5.4)."""
_LARGEST_OBJECT: Final = 8192
"""The catalog, the form and the fields have some hundred octets each."""
_SIGNED: Final = (b"/V ", b"/AP ", b"/Kids ", b"/Lock ", b"/SV ")
"""Keys that a field has only once it was signed, or that it never has from us."""


class NotOurDraftError(Exception):
    """The file is not a draft as the composer writes it: a fault of ours."""


class DraftReader:
    """Reads a draft's trailer, and its dictionaries by number. Everything here raises
    NotOurDraftError for what the composer would not have written.
    """

    def __init__(self, content: Rope) -> None:
        tail = min(_TAIL_BYTES, content.size)
        end = _END.search(content.read(content.size - tail, tail))
        if end is None:
            raise NotOurDraftError("no trailer of a draft at the end")
        self._content = content
        self.info, self.root, self.size = (int(end[at]) for at in (1, 2, 3))
        self.identifier, self.xref = bytes.fromhex(end[4].decode()), int(end[5])
        head = b"xref\n0 %d\n" % self.size
        self._table = self.xref + len(head)
        if content.read(self.xref, len(head)) != head:
            raise NotOurDraftError("no cross-reference table where it should be")

    def dictionary(self, number: int) -> bytes:
        """The source text of object *number* without ``>>``, so that keys can be
        added.
        """
        if not 0 < number < self.size:
            raise NotOurDraftError(f"object {number} is not there")
        entry = self._table + _ENTRY_BYTES * number
        place = bytes(self._content.read(entry, 10))
        start = int(place) if place.isdigit() else 0
        found = bytes(self._content.read(start, _LARGEST_OBJECT))
        text, ended, _ = found.partition(b"\nendobj\n")
        head = b"%d 0 obj\n" % number
        whole = ended and text.startswith(head + b"<< ") and text.endswith(b" >>")
        if not whole:
            raise NotOurDraftError(f"object {number} is no dictionary of ours")
        return text[len(head) : -2]

    def reference(self, text: bytes, key: bytes) -> int:
        """The number that *key* refers to in a dictionary's source text."""
        found = re.findall(key + rb" (\d{1,9}) 0 R", text)
        if len(found) != 1:
            raise NotOurDraftError(f"{key.decode()} is not one reference")
        return int(found[0])

    def fields(self, form: bytes) -> Iterator[tuple[str, tuple[int, bytes]]]:
        """Name, number and text of each field of *form*; none of them is signed."""
        listed = _FIELDS.fullmatch(form)
        if listed is None:
            raise NotOurDraftError("the form is not a draft's")
        for number in map(int, listed[1].split(b" 0 R ")[:-1]):
            text = self.dictionary(number)
            name = _NAME.search(text)
            if name is None or any(key in text for key in _SIGNED):
                raise NotOurDraftError(f"field {number} is not bare")
            yield name[1].decode(), (number, text)
