"""Is there, anywhere in these bytes, a signature under a certificate that we pinned?

A file may be cut, re-saved, wrapped or glued to another: no PDF library is asked.
Every place where a CMS can survive is searched: raw bytes, hexadecimal and literal
strings, and the same inside compressed streams. What counts is the signature over the
signed attributes (RFC 5652 §5.4); everything round them may be damaged, so the signer
is found by the attribute that names it (RFC 5035 §3), not by the frame.

Work and memory are bounded whatever the file holds.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ecopy.identifiers import Sha256
from storage.domain.gate import der
from storage.domain.gate.algorithms import SHA256, verify
from storage.domain.gate.frame import SIGNING_CERTIFICATE_V2
from storage.domain.gate.refusal import Refused, require
from storage.domain.gate.tokens import Buffer
from storage.domain.gate.trust import Trust

MAX_PLACES: Final = 2000
"""Attributes looked at in one file; a copy has two."""
MAX_VERIFICATIONS: Final = 200
MAX_STREAMS: Final = 5000
MAX_INFLATED_BYTES: Final = 64 << 20
"""Of all streams of a file together."""
MAX_STREAM_BYTES: Final = 8 << 20
MAX_STRING_BYTES: Final = 2 << 20
MAX_LITERALS: Final = 200
LITERAL_BYTES: Final = 1 << 16
"""Read of each, wherever it ends: a CMS of ours has some 20 KB."""
MAX_ATTEMPTS: Final = 20_000
"""Beginnings of a set that are tried."""
CHUNK_BYTES: Final = 1 << 16

_NAMED: Final = bytes([der.OID, len(SIGNING_CERTIFICATE_V2)]) + SIGNING_CERTIFICATE_V2
_REACH_BYTES: Final = 2048
"""How far before it the set of attributes may begin."""
_HEX: Final = re.compile(rb"<([0-9A-Fa-f\s]{400,%d}+)" % MAX_STRING_BYTES)
_LITERAL: Final = re.compile(rb"/Contents\s*\(")
_STREAM: Final = re.compile(rb"stream\r?\n(?=[\x08-\x78])")
_ESCAPED: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])")
_CONTROLS: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    **dict.fromkeys((b"\n", b"\r", b"\r\n"), b""),
}
_OBJECT_STREAM: Final = b"/ObjStm"
_DICTIONARY_BYTES: Final = 400
"""How far before ``stream`` its dictionary is looked for."""


@dataclass(slots=True)
class _Search:
    """What one search may still spend, and what it has found."""

    trust: Trust
    places: int = MAX_PLACES
    attempts: int = MAX_ATTEMPTS
    verifications: int = MAX_VERIFICATIONS
    inflated: int = MAX_INFLATED_BYTES
    found: dict[Sha256, None] = field(default_factory=dict)

    def can_go_on(self) -> bool:
        return self.places > 0 and self.attempts > 0 and self.verifications > 0


def surviving_signers(data: Buffer, trust: Trust) -> tuple[Sha256, ...]:
    """Pinned certificates under which a signature in this file verifies."""
    search = _Search(trust)
    _search(search, data)
    streams = _streams(data)
    for start in sorted(streams, key=lambda one: not _holds_objects(data, one)):
        if search.found:
            break
        _search(search, _inflate(search, data, start))
    return tuple(search.found)


def _search(search: _Search, data: Buffer) -> None:
    """Raw, then hexadecimal, then literal strings."""
    _search_plain(search, data)
    for found in _HEX.finditer(data):
        digits = b"".join(found[1].split())
        _search_plain(search, bytes.fromhex(digits[: len(digits) & ~1].decode()))
    for found in islice(_LITERAL.finditer(data), MAX_LITERALS):
        text = data[found.end() : found.end() + LITERAL_BYTES]
        _search_plain(search, _ESCAPED.sub(_unescape, text))


def _unescape(found: re.Match[bytes]) -> bytes:
    """ISO 32000-1 table 3."""
    code = found[1]
    if code[:1].isdigit() and code < b"8":
        return bytes([int(code, 8) & 0xFF])
    return _CONTROLS.get(code, code)


def _search_plain(search: _Search, data: Buffer) -> None:
    at = data.find(_NAMED)
    while at >= 0 and search.can_go_on():
        search.places -= 1
        for start in _sets_before(data, at):
            search.attempts -= 1
            signer = _signer(search, data, start, at)
            if signer:
                search.found[signer] = None
                break
        at = data.find(_NAMED, at + 1)


def _sets_before(data: Buffer, at: int) -> Iterator[int]:
    """Where the [0] of the signed attributes could stand, the nearest first."""
    low = max(0, at - _REACH_BYTES)
    before = data[low:at]
    start = before.rfind(bytes([der.CONTEXT_0]))
    while start >= 0:
        yield low + start
        start = before.rfind(bytes([der.CONTEXT_0]), 0, start)


def _signer(search: _Search, data: Buffer, start: int, at: int) -> Sha256 | None:
    """The pinned signer, if what begins here is a signed set that names it."""
    part = bytes(data[start : start + 2 * _REACH_BYTES])
    try:
        attributes = der.element(part, 0, len(part))
        require(attributes[3] > at - start, "cms-shape")
        algorithm = der.element(part, attributes[3], len(part))
        value = der.element(part, algorithm[3], len(part))
        tags = (algorithm[0], value[0])
        require(tags == (der.SEQUENCE, der.OCTETS), "cms-shape")
        named = _named(part, at - start + len(_NAMED), attributes[3])
        identity = search.trust.identities.get(named)
        if identity is None or not search.verifications:
            return None
        search.verifications -= 1
        message = bytes([der.SET]) + part[1 : attributes[3]]
        public = identity.certificate.public_key()
        verify(public, der.content(part, value), message, SHA256, "signature")
    except Refused:
        return None
    return named


def _named(part: bytes, at: int, end: int) -> Sha256:
    """The digest in SET { SigningCertificateV2 { { ESSCertIDv2 { … } } } }."""
    node = der.element(part, at, end)
    for _ in range(3):
        children = der.inside(part, node)
        require(children, "cms-shape")
        node = children[0]
    hashes = [n for n in der.inside(part, node) if n[0] == der.OCTETS]
    require(len(hashes) == 1, "cms-shape")
    return der.content(part, hashes[0]).hex()


def _streams(data: Buffer) -> list[int]:
    """Where streams begin that look like zlib's (RFC 1950 §2.2)."""
    found: list[int] = []
    for match in _STREAM.finditer(data):
        start = match.end()
        head = data[start : start + 2]
        if head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0:  # noqa: PLR2004
            found.append(start)
        if len(found) == MAX_STREAMS:
            break
    return found


def _holds_objects(data: Buffer, start: int) -> bool:
    """Object streams first: that is where a re-saved signature goes."""
    return _OBJECT_STREAM in data[max(0, start - _DICTIONARY_BYTES) : start]


def _inflate(search: _Search, data: Buffer, start: int) -> bytes:
    """As much of a stream as the budget lets; a broken one gives its beginning."""
    engine, out = zlib.decompressobj(), bytearray()
    room = min(MAX_STREAM_BYTES, search.inflated)
    try:
        while room > len(out) and not engine.eof and start < len(data):
            chunk = data[start : start + CHUNK_BYTES]
            out += engine.decompress(chunk, room - len(out))
            start += len(chunk)
    except zlib.error:
        pass
    search.inflated -= len(out)
    return bytes(out)
