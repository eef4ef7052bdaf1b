"""How each revision ends: table, trailer and /ID, written anew and compared.

ISO 32000-1 §7.5.4, §7.5.5, §14.4; docs/dialect.md §1 and §11. Start at
``check_endings``.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Final

from ecopy.events import CertificationOrdered
from storage.domain.gate.pdf.base_revision import CATALOG, INFO
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.refusal import refuse, require

DERIVED_FROM: Final = 3
"""The first dialect in which no octet of /ID is the signer's to choose."""
_HALF_BYTES: Final = 16
_ANY_HALF: Final = re.compile(rb"<[0-9a-f]{32}>")


def check_endings(
    data: Buffer, revisions: list[Revision], order: CertificationOrdered
) -> None:
    """Tables and trailers are as the dialect writes them, and from dialect 3 on both
    halves of each /ID follow from the entry, the composing and the place in the file.
    """
    derived = order.dialect >= DERIVED_FROM
    first = _first_half(revisions[0], order.entry if derived else None)
    for revision, opening, second in _expected(revisions, first):
        known = second if derived else None
        _check_ending(data, revision, opening + first, known)


def _first_half(base: Revision, entry: str | None) -> bytes:
    """The half that never changes, as the base's trailer has it: ``<…>``."""
    pair = base.trailer[b"/ID"]
    if not isinstance(pair, list) or type(pair[0]) is not bytes:
        refuse("trailer", "ID")
    first = pair[0]
    if entry is not None:
        # A string in brackets, and a date: ``check_metadata`` has read it.
        composed = base.objects[INFO].dictionary()[b"/CreationDate"]
        if type(composed) is not bytes:
            refuse("info", "date")
        named = _half(entry.encode() + b" " + composed[1:-1])
        require(first == named, "trailer", "first half of /ID")
    return first


def _expected(
    revisions: list[Revision], first: bytes
) -> Iterator[tuple[Revision, bytes, bytes]]:
    """Each revision, its trailer up to /ID, and the second half that is derived."""
    base = revisions[0]
    size = max(base.objects) + 1
    opening = b"trailer << /Info %d 0 R /Root %d 0 R /Size %d /ID ["
    yield base, opening % (INFO, CATALOG, size), first
    name = bytes.fromhex(first[1:-1].decode()) if _ANY_HALF.fullmatch(first) else b""
    opening = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/ID["
    for before, revision in pairwise(revisions):
        size = max(size, max(revision.objects) + 1)
        second = _half(b"%b %d" % (name, before.table))
        yield revision, opening % (size, CATALOG, INFO, before.table), second


def _half(of: bytes) -> bytes:
    """What stands in /ID for the octets that a half is derived from."""
    return b"<%b>" % sha256(of).digest()[:_HALF_BYTES].hex().encode()


def _check_ending(
    data: Buffer, revision: Revision, opening: bytes, second: bytes | None
) -> None:
    """*second* is the half that must stand there; None where any may."""
    ending = data[revision.table : revision.end]
    before = _table(revision) + opening
    closing = b"]>>" if b"/Prev" in revision.trailer else b"] >>"
    behind = closing + b"\nstartxref\n%d\n%%%%EOF\n" % revision.table
    found = ending[len(before) : len(ending) - len(behind)]
    same = ending.startswith(before) and ending.endswith(behind)
    require(same and _ANY_HALF.fullmatch(found), "trailer", revision.table)
    require(second in (None, found), "trailer", "second half of /ID")


def _table(revision: Revision) -> bytes:
    """Entries in runs, ascending; the base's begins with the free list's head."""
    offsets = {n: b"%010d 00000 n \n" % o.start for n, o in revision.objects.items()}
    if b"/Prev" not in revision.trailer:
        offsets[0] = b"0000000000 65535 f \n"
    lines = [b"xref\n"]
    numbers = sorted(offsets)
    starts = [n for n in numbers if n - 1 not in offsets]
    for start in starts:
        stop = next(n for n in range(start, numbers[-1] + 2) if n not in offsets)
        lines.append(b"%d %d\n" % (start, stop - start))
        lines += (offsets[n] for n in range(start, stop))
    return b"".join(lines)
