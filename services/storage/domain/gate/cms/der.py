"""A reader of the DER that we accept (X.690 §10): definite and minimal lengths only.

No meaning is known here; signing has a reader of its own. Start at ``element``.
"""

from typing import Final, TypeAlias

from storage.domain.gate.refusal import refuse, require

Node: TypeAlias = tuple[int, int, int, int]
"""Tag, start of the element, start of its content, end."""

INTEGER: Final = 0x02
BITS: Final = 0x03
OCTETS: Final = 0x04
NULL: Final = b"\x05\x00"
OID: Final = 0x06
TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
CONTEXT_0: Final = 0xA0
CONTEXT_1: Final = 0xA1

_LONG: Final = 0x80
_MAX_LENGTH_OCTETS: Final = 3
_HIGH_TAG: Final = 0x1F


def oid(dotted: str) -> bytes:
    """The content octets of an object identifier (X.690 §8.19)."""
    first, second, *arcs = (int(part) for part in dotted.split("."))
    return bytes([first * 40 + second]) + b"".join(map(_arc, arcs))


def _arc(arc: int) -> bytes:
    out = bytes([arc & 0x7F])
    while arc := arc >> 7:
        out = bytes([arc & 0x7F | _LONG]) + out
    return out


def element(data: bytes, at: int, end: int) -> Node:
    """One element, inside its parent, low tag numbers only."""
    if at + 2 > end:
        refuse("cms-der", at)
    tag, length, start = data[at], data[at + 1], at + 2
    # X.690 §10.1: one encoding of each value. Where two were taken, the same
    # certificate could have two digests, and a pin would be missed.
    if length >= _LONG:
        size = length - _LONG
        if not 1 <= size <= _MAX_LENGTH_OCTETS or start + size > end:
            refuse("cms-der", at)
        length = int.from_bytes(data[start : start + size], "big")
        start += size
        if length < _LONG or length >> (8 * (size - 1)) == 0:
            refuse("cms-der", "length not minimal")
    if tag & _HIGH_TAG == _HIGH_TAG or start + length > end:
        refuse("cms-der", at)
    return tag, at, start, start + length


def whole(data: bytes) -> Node:
    """The one SEQUENCE that fills these bytes: everything that we read is one."""
    node = element(data, 0, len(data))
    require(node[0] == SEQUENCE, "cms-der", hex(node[0]))
    require(node[3] == len(data), "cms-der", "bytes behind the element")
    return node


def inside(
    data: bytes, node: Node, *tags: int, reason: str = "cms-shape"
) -> list[Node]:
    """The children of a constructed element; with tags given, exactly these."""
    at, found = node[2], []
    while at < node[3]:
        child = element(data, at, node[3])
        found.append(child)
        at = child[3]
    if tags and tuple(child[0] for child in found) != tags:
        refuse(reason, [hex(child[0]) for child in found])
    return found


def content(data: bytes, node: Node) -> bytes:
    return data[node[2] : node[3]]


def source(data: bytes, node: Node) -> bytes:
    """The element with its tag and length."""
    return data[node[1] : node[3]]


def number(data: bytes, node: Node) -> int:
    return int.from_bytes(content(data, node), "big", signed=True)


def octets_of_bits(data: bytes, node: Node, reason: str) -> bytes:
    """A BIT STRING of whole octets, as every signature is. X.690 §11.2 would let a
    last bit that is zero be called unused: another file, the same signature.
    """
    bits = content(data, node)
    require(node[0] == BITS and bits[:1] == b"\x00", reason, "unused bits")
    return bits[1:]


def algorithm(data: bytes, node: Node) -> bytes:
    """The identifier of an AlgorithmIdentifier whose parameters are absent or NULL."""
    require(node[0] == SEQUENCE, "cms-algorithm", "not a sequence")
    name, *parameters = inside(data, node) or refuse("cms-algorithm", "empty")
    require(name[0] == OID, "cms-algorithm", "no identifier")
    plain = [source(data, p) for p in parameters] in ([], [NULL])
    require(plain, "cms-algorithm", "parameters")
    return content(data, name)
