"""The two halves of a copy's /ID, derived and not drawn: from dialect 3 on, the gate
knows each octet of them. A mirror of the gate's ``pdf/identifiers.py``.

ISO 32000-1 section 14.4 wants a first half that is the file's own and stays, and a
second one that changes with each revision; docs/dialect.md section 11.
"""

from datetime import datetime
from hashlib import sha256
from typing import Final

from signing.adapters.pdf.metadata import pdf_date

HALF_BYTES: Final = 16


def first_half(entry: str, at: datetime) -> bytes:
    """The name of the copy of *entry* that was composed at *at*, local time: 16 octets.
    An attempt that replaces another one was composed later, and so has another name.
    """
    return sha256(f"{entry} {pdf_date(at)}".encode()).digest()[:HALF_BYTES]


def second_half(first: bytes, before: int) -> bytes:
    """The name of the revision whose trailer has ``/Prev`` *before*: 16 octets."""
    return sha256(b"%b %d" % (first, before)).digest()[:HALF_BYTES]
