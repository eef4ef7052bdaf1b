"""What the bytes of a signed PDF say by themselves: ranges, revisions, CMS, tokens.

No PDF and no ASN.1 library: the openssl judges rest on this reading alone. Source:
ISO 32000-1 7.5.6 and 12.8.1, X.690, RFC 5652, RFC 3161.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
LAST_TABLE = re.compile(rb"startxref\s+(\d+)\s+%%EOF\n?\Z")
END = b"%%EOF\n"
TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
"""id-aa-signatureTimeStampToken, with its tag and length."""
TOKEN = (1, 0, -1, 0, -1, 0, 1, 0)
"""Where the token lies: content, SignedData, signerInfos, the one SignerInfo,
its unsigned attributes, the one attribute, its values, the one value."""
SIGNER_INFO = TOKEN[:4]


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: the hole of /Contents is ``data[before:after]``, with its <>."""

    data: bytes
    start: int
    before: int
    after: int
    end: int

    @property
    def content(self) -> bytes:
        return self.data[self.start : self.before] + self.data[self.after : self.end]

    @property
    def cms(self) -> bytes:
        """The DER in the hole, without the padding behind it."""
        hole = self.data[self.before : self.after].strip(b"<>")
        return element(bytes.fromhex(hole.decode("ascii")))

    @property
    def token(self) -> bytes:
        attribute = at(self.cms, TOKEN[:6])
        if not contents(attribute).startswith(TIMESTAMP_TOKEN):
            raise ValueError("the unsigned attribute is not a timestamp token")
        return at(self.cms, TOKEN)

    @property
    def value(self) -> bytes:
        """The signature value: what the token must be over."""
        return contents(at(self.cms, (*SIGNER_INFO, -2)))


def signatures(data: bytes) -> list[Signed]:
    """In the order of the file."""
    found = [Signed(data, *_offsets(match)) for match in RANGE.finditer(data)]
    return sorted(found, key=lambda signed: signed.end)


def _offsets(match: re.Match[bytes]) -> tuple[int, int, int, int]:
    start, length, after, rest = map(int, match.groups())
    return start, start + length, after, after + rest


def revision_ends(data: bytes) -> list[int]:
    """Where each revision ends, by the chain of /Prev; empty when it is broken."""
    last = LAST_TABLE.search(data)
    table = int(last[1]) if last else None
    ends: list[int] = []
    while table is not None and len(ends) < 100:
        end = _end(data, table)
        if end is None:
            return []
        ends.insert(0, end)
        before = re.search(rb"/Prev\s+(\d+)", data[table:end])
        table = int(before[1]) if before else None
    return ends


def _end(data: bytes, table: int) -> int | None:
    pointer = re.compile(rb"startxref\s+%d\s+%%%%EOF\n" % table).search(data, table)
    return pointer.end() if pointer and data[table : table + 4] == b"xref" else None


# --- just enough DER: definite lengths, one-byte tags


def element(data: bytes, offset: int = 0) -> bytes:
    """The element that starts at *offset*."""
    head, length = _head(data, offset)
    return data[offset : offset + head + length]


def contents(der: bytes) -> bytes:
    head, length = _head(der, 0)
    return der[head : head + length]


def children(der: bytes) -> list[bytes]:
    inside, offset, found = contents(der), 0, []
    while offset < len(inside):
        found.append(element(inside, offset))
        offset += len(found[-1])
    return found


def at(der: bytes, path: Sequence[int]) -> bytes:
    for index in path:
        der = children(der)[index]
    return der


def replaced(der: bytes, path: Sequence[int], new: bytes) -> bytes:
    """The same tree with one element changed, and the lengths above it."""
    if not path:
        return new
    parts = children(der)
    parts[path[0]] = replaced(parts[path[0]], path[1:], new)
    inside = b"".join(parts)
    return der[:1] + _length(len(inside)) + inside


def _head(data: bytes, offset: int) -> tuple[int, int]:
    first = data[offset + 1]
    if first < 0x80:
        return 2, first
    size = first & 0x7F
    return 2 + size, int.from_bytes(data[offset + 2 : offset + 2 + size], "big")


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    return bytes([0x80 | size]) + length.to_bytes(size, "big")
