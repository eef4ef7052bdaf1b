"""Bytes to revisions of objects: the tiling (ISO 32000-1 §7.5, a small subset).

Every byte of the file belongs to exactly one token of the dialect: header, objects that
touch one another, a classic cross-reference table that names each of them, trailer,
startxref, ``%%EOF``. So nothing hides between, before or behind objects, and every PDF
reader sees the same ones: no object streams, no hybrid tables, no free entries. Start
at ``parse``.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from storage.domain.budget import SearchBudget
from storage.domain.gate.pdf.objects import END, MAX_VALUE_BYTES, Obj
from storage.domain.gate.pdf.tokens import (
    Buffer,
    Dictionary,
    Ref,
    Value,
    integer,
    parse_value,
)
from storage.domain.gate.refusal import refuse, require

HEADER: Final = b"%PDF-1.7\n%\xbf\xf7\xa2\xfe\n"
"""The first bytes of a copy: qpdf's version line and its four high bytes."""
MAX_REVISIONS: Final = 6
MAX_OBJECTS: Final = 100_000
ENTRY_BYTES: Final = 20
_OBJECT_STEPS: Final = 1000
_VALUE_STEPS: Final = 16
"""The cost of each byte outside of streams, since a token may have but two."""

_HEAD: Final = re.compile(rb"([1-9]\d{0,5}) 0 obj\n")
_TAIL: Final = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\n\Z")
_TAIL_BYTES: Final = 40
_SECTION: Final = re.compile(rb"(\d{1,6}) (\d{1,6})\n")
_TRAILER_KEYS: Final = frozenset({b"/Info", b"/Root", b"/Size", b"/ID", b"/Prev"})


@dataclass(slots=True)
class Revision:
    """The bytes ``start:end``; its objects in the order of the file, then its table."""

    start: int
    table: int
    end: int
    trailer: Dictionary
    objects: dict[int, Obj]


@dataclass(slots=True)
class _Ending:
    """The last lines of a revision: where its table is, and what the trailer says."""

    table: int
    offsets: dict[int, int]
    trailer: Dictionary


def parse(data: Buffer, budget: SearchBudget | None = None) -> list[Revision]:
    """The revisions of a file, oldest first, each tiled without a gap.

    Raises SpentError if a *budget* is given and the file would cost more.
    """
    require(data[: len(HEADER)] == HEADER, "header")
    # From the last revision back, as every reader does: the end of the file says where
    # its table is, and each trailer where the one before it ends.
    found: list[Revision] = []
    end, expected = len(data), -1
    while True:
        require(len(found) < MAX_REVISIONS, "revision-count", "too many")
        ending = _ending(data, end, "revision-end" if found else "trailing-bytes")
        require(expected in (-1, ending.table), "xref-chain", ending.table)
        revision = _tile(data, ending, end, budget)
        found.append(revision)
        if b"/Prev" not in ending.trailer:
            break
        expected = integer(ending.trailer[b"/Prev"], "xref-chain")
        require(expected < revision.start < end, "xref-chain", "goes forward")
        end = revision.start
    found.reverse()
    _check_trailers(found)
    return found


def _ending(data: Buffer, end: int, reason: str) -> _Ending:
    tail = _TAIL.search(data, max(0, end - _TAIL_BYTES), end)
    if tail is None:
        refuse(reason, end)
    table = int(tail[1])
    require(table < tail.start(), "xref-chain", table)
    offsets, at = _table(data, table, end)
    require(data[at : at + 7] == b"trailer", "trailer", at)
    trailer, at = parse_value(data, at + 7, min(end, at + MAX_VALUE_BYTES))
    if not isinstance(trailer, dict):
        refuse("trailer", "not a dictionary")
    require(data[at : at + 1] == b"\n" and at + 1 == tail.start(), "trailer", at)
    require(trailer.keys() <= _TRAILER_KEYS, "trailer", "hybrid or encrypted")
    return _Ending(table, offsets, trailer)


def _table(data: Buffer, at: int, end: int) -> tuple[dict[int, int], int]:
    """Object number to offset (§7.5.4): all in use, generation 0."""
    require(data[at : at + 5] == b"xref\n", "xref", at)
    at, last = at + 5, -1
    offsets: dict[int, int] = {}
    while section := _SECTION.match(data, at, end):
        first, count = int(section[1]), int(section[2])
        at = section.end()
        require(first > last and 0 < count <= MAX_OBJECTS, "xref", "sections")
        require(at + ENTRY_BYTES * count <= end, "xref", "sections")
        for number in range(first, first + count):
            _enter(offsets, number, data[at : at + ENTRY_BYTES])
            at += ENTRY_BYTES
        last = first + count - 1
    require(offsets, "xref", "empty")
    return offsets, at


def _enter(offsets: dict[int, int], number: int, entry: bytes) -> None:
    """Entry 0 heads the free list, which is empty."""
    if number == 0:
        require(entry == b"0000000000 65535 f \n", "xref", "entry 0")
        return
    used = entry[10:] == b" 00000 n \n" and entry[:10].isdigit()
    require(used, "xref", number)
    offsets[number] = int(entry[:10])


def _tile(
    data: Buffer, ending: _Ending, end: int, budget: SearchBudget | None
) -> Revision:
    """The objects of one revision, sorted by offset, fill it up to its table."""
    # Sorted, each object must end where the next begins, and the last at the table. So
    # there is no place for a byte that no object owns: no shadow of another document.
    order = sorted((offset, number) for number, offset in ending.offsets.items())
    edges = [offset for offset, _ in order] + [ending.table]
    start = edges[0] if b"/Prev" in ending.trailer else len(HEADER)
    require(edges[0] == start, "bytes-between-objects", start)
    require(all(a < b for a, b in pairwise(edges)), "bytes-between-objects", "order")
    objects: dict[int, Obj] = {}
    for (_, number), (at, behind) in zip(order, pairwise(edges), strict=True):
        obj = objects[number] = _object(data, number, at, behind)
        if budget is not None:
            first, last = obj.stream or (at, at)
            written = behind - at - (last - first)
            budget.spend(_OBJECT_STEPS + written * _VALUE_STEPS)
    return Revision(start, ending.table, end, ending.trailer, objects)


def _object(data: Buffer, number: int, start: int, end: int) -> Obj:
    """One object from its number to its ``endobj``, not read yet."""
    head = _HEAD.match(data, start, end)
    if head is None or int(head[1]) != number:
        refuse("object-not-at-its-offset", number)
    ended = data[end - len(END) : end] == END and head.end() <= end - len(END)
    require(ended, "bytes-between-objects", number)
    return Obj(number, start, end, data)


def _check_trailers(revisions: list[Revision]) -> None:
    """§7.5.5, §14.4: one root, one information dictionary, one permanent identifier."""
    first = revisions[0].trailer
    require(type(first.get(b"/Root")) is Ref, "trailer", "Root")
    require(type(first.get(b"/Info")) is Ref, "trailer", "Info")
    size = 0
    for revision in revisions:
        trailer = revision.trailer
        size = max(size, *revision.objects)
        for key in (b"/Root", b"/Info"):
            require(trailer.get(key) == first[key], "trailer", key)
        require(_permanent_id(trailer) == _permanent_id(first), "trailer", "ID")
        require(trailer.get(b"/Size") == b"%d" % (size + 1), "trailer", "Size")


def _permanent_id(trailer: Dictionary) -> Value:
    pair = trailer.get(b"/ID")
    if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - a pair
        refuse("trailer", "ID")
    for half in pair:
        require(type(half) is bytes and half[:1] == b"<", "trailer", "ID")
    return pair[0]
