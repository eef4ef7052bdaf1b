"""Is there, anywhere in these bytes, a signature under a certificate that we pinned?

A file may be cut, re-saved, wrapped or glued to another: no PDF library is asked.
Every place where a CMS can survive is searched: raw bytes, hexadecimal and literal
strings, and the same inside compressed streams. What counts is the signature over the
signed attributes (RFC 5652 §5.4); everything round them may be damaged, so the signer
is found by the attribute that names it (RFC 5035 §3), not by the frame.

All of it is paid from one budget (``budget``), so a file that is made to be slow is
looked at in part, and the answer says so.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ecopy.identifiers import Sha256
from storage.domain.budget import Budget, SpentError
from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import SHA256, verify
from storage.domain.gate.cms.frame import SIGNING_CERTIFICATE_V2
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.trust import Identity, Trust
from storage.domain.gate.refusal import Refused, require
from storage.domain.gate.windows import windows

OVERLAP_BYTES: Final = 192 << 10
"""Of two windows: a CMS of ours has some 20 KB, four times that in octal escapes."""
MAX_INFLATED_BYTES: Final = 64 << 20
"""Of all streams of a file together."""
MAX_STREAM_BYTES: Final = 8 << 20
LITERAL_BYTES: Final = 1 << 16
"""Read of each literal string, wherever it ends."""
CHUNK_BYTES: Final = 1 << 16

# Steps, measured on the machine that docs/decisions/0062 names.
_WINDOW_STEPS: Final = 500
_BYTES_A_STEP: Final = 8
"""All searches of a window together, where they find nothing."""
_OPENED_STEPS: Final = 10
"""A ``<`` that begins no string of ours."""
_HIT_STEPS: Final = 100
_ATTEMPT_STEPS: Final = 300
_VERIFICATION_STEPS: Final = 20_000
_ESCAPE_STEPS: Final = 60
_STREAM_STEPS: Final = 3_000

_NAMED: Final = bytes([der.OID, len(SIGNING_CERTIFICATE_V2)]) + SIGNING_CERTIFICATE_V2
_REACH_BYTES: Final = 2048
"""How far before it the set of attributes may begin."""
_HEX: Final = re.compile(rb"<([0-9A-Fa-f\s]{400,}+)")
_LITERAL: Final = re.compile(rb"/Contents[ \t\r\n\f\0]{0,99}+\(")
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
_BLANKS: Final = b" \t\n\r\f\v"
_OBJECT_STREAM: Final = b"/ObjStm"
_IMAGE: Final = re.compile(rb"/Subtype\s?/Image")
_DICTIONARY_BYTES: Final = 400
"""How far before ``stream`` its dictionary is looked for."""
_CERT_ID_FIELDS: Final = 3
"""Of ESSCertIDv2: an algorithm, the digest, the issuer's serial."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What of ours was found in a file."""

    signers: tuple[Sha256, ...]
    """Pinned certificates under which a signature in this file verifies."""
    complete: bool
    """Whether each place was looked at in which a signature can survive."""


@dataclass(slots=True)
class _Search:
    """What one search may still spend, and what it has found."""

    trust: Trust
    budget: Budget
    inflated: int = MAX_INFLATED_BYTES
    found: dict[Sha256, None] = field(default_factory=dict)


def traces(data: Buffer, trust: Trust, budget: Budget) -> Traces:
    """Never raises; a file that costs too much is not looked at to its end."""
    search = _Search(trust, budget)
    try:
        _search_all(search, data)
    except SpentError:
        return Traces(tuple(search.found), complete=False)
    return Traces(tuple(search.found), complete=True)


def _search_all(search: _Search, data: Buffer) -> None:
    """The bytes as they are, then what is compressed, until something is found.

    Object streams come first: that is where a re-saved signature goes. An image comes
    last and only while the budget lasts: nobody keeps a signature in one.
    """
    _search(search, data)
    ranked = sorted((_rank(data, start), start) for start in _streams(search, data))
    for rank, start in ranked:
        if search.found:
            return
        try:
            _search(search, _inflate(search, data, start))
        except SpentError:
            if rank == _RANKS["image"]:
                return
            raise


def _search(search: _Search, data: Buffer) -> None:
    for _, window in windows(data, OVERLAP_BYTES):
        steps = len(window) // _BYTES_A_STEP + window.count(b"<") * _OPENED_STEPS
        search.budget.spend(_WINDOW_STEPS + steps)
        _search_plain(search, window)
        _search_hexadecimal(search, window)
        _search_literals(search, window)


def _search_hexadecimal(search: _Search, window: bytes) -> None:
    for found in _HEX.finditer(window):
        search.budget.spend(_HIT_STEPS + (found.end() - found.start()) // 2)
        digits = found[1].translate(None, _BLANKS)
        _search_plain(search, bytes.fromhex(digits[: len(digits) & ~1].decode()))


def _search_literals(search: _Search, window: bytes) -> None:
    """Each literal string once, however many of them begin within one another.

    What an escape means does not depend on where the reading began, as long as that
    was not inside of it: strings that overlap are read as one.
    """
    search.budget.spend(window.count(b"/Contents") * _HIT_STEPS)
    start = end = 0
    for found in _LITERAL.finditer(window):
        if found.end() > end:
            _search_escaped(search, window[start:end])
            start = found.end()
        end = found.end() + LITERAL_BYTES
    _search_escaped(search, window[start:end])


def _search_escaped(search: _Search, text: bytes) -> None:
    if not text:
        return
    search.budget.spend(_HIT_STEPS + text.count(b"\\") * _ESCAPE_STEPS + len(text) // 8)
    _search_plain(search, _ESCAPED.sub(_unescape, text))


def _unescape(found: re.Match[bytes]) -> bytes:
    """ISO 32000-1 table 3."""
    code = found[1]
    if code[:1].isdigit() and code < b"8":
        return bytes([int(code, 8) & 0xFF])
    return _CONTROLS.get(code, code)


def _search_plain(search: _Search, data: bytes) -> None:
    at = data.find(_NAMED)
    while at >= 0:
        search.budget.spend(_HIT_STEPS * 5)
        identity = _identity(search, data, at + len(_NAMED))
        if identity is not None:
            _search_before(search, data, at, identity)
        at = data.find(_NAMED, at + 1)


def _search_before(search: _Search, data: bytes, at: int, identity: Identity) -> None:
    """The set of attributes in which a pinned signer is named, the nearest first."""
    for start in _sets_before(data, at):
        search.budget.spend(_ATTEMPT_STEPS)
        if _signed(search, data, start, at, identity):
            search.found[identity.pinned.certificate_sha256] = None
            return


def _sets_before(data: bytes, at: int) -> Iterator[int]:
    """Where the [0] of the signed attributes could stand, the nearest first."""
    low = max(0, at - _REACH_BYTES)
    before = data[low:at]
    start = before.rfind(bytes([der.CONTEXT_0]))
    while start >= 0:
        yield low + start
        start = before.rfind(bytes([der.CONTEXT_0]), 0, start)


def _signed(
    search: _Search, data: bytes, start: int, at: int, identity: Identity
) -> bool:
    """Whether what begins here is a set that is signed by this identity."""
    part = data[start : start + 2 * _REACH_BYTES]
    try:
        attributes = der.element(part, 0, len(part))
        require(attributes[3] > at - start, "cms-shape")
        algorithm = der.element(part, attributes[3], len(part))
        value = der.element(part, algorithm[3], len(part))
        tags = (algorithm[0], value[0])
        require(tags == (der.SEQUENCE, der.OCTETS), "cms-shape")
        search.budget.spend(_VERIFICATION_STEPS)
        message = bytes([der.SET]) + part[1 : attributes[3]]
        public = identity.certificate.public_key()
        verify(public, der.content(part, value), message, SHA256, "signature")
    except Refused:
        return False
    return True


def _identity(search: _Search, data: bytes, at: int) -> Identity | None:
    """The pinned one whose digest stands in
    SET { SigningCertificateV2 { { ESSCertIDv2 { … } } } }.
    """
    part = data[at : at + _REACH_BYTES]
    try:
        node = der.element(part, 0, len(part))
        for _ in range(3):
            node = der.element(part, node[2], node[3])
        named = [n for n in _first(part, node) if n[0] == der.OCTETS]
    except Refused:
        return None
    if len(named) != 1:
        return None
    return search.trust.identities.get(der.content(part, named[0]).hex())


def _first(part: bytes, node: der.Node) -> Iterator[der.Node]:
    """The few children that an ESSCertIDv2 has."""
    at = node[2]
    for _ in range(_CERT_ID_FIELDS):
        if at >= node[3]:
            return
        child = der.element(part, at, node[3])
        yield child
        at = child[3]


def _streams(search: _Search, data: Buffer) -> set[int]:
    """Where streams begin that look like zlib's (RFC 1950 §2.2)."""
    found: set[int] = set()
    for at, window in windows(data, OVERLAP_BYTES):
        search.budget.spend(_WINDOW_STEPS + window.count(b"stream") * _HIT_STEPS)
        for match in _STREAM.finditer(window):
            head = window[match.end() : match.end() + 2]
            checked = int.from_bytes(head, "big") % 31 == 0
            if checked and head[0] & 0x0F == 8:  # noqa: PLR2004
                found.add(at + match.end())
    return found


_RANKS: Final = {"objects": 0, "other": 1, "image": 2}


def _rank(data: Buffer, start: int) -> int:
    """By its dictionary, as far as that stands in the few bytes before it."""
    before = data[max(0, start - _DICTIONARY_BYTES) : start]
    own = before[before.rfind(b"endobj") + 1 :]
    if _OBJECT_STREAM in own:
        return _RANKS["objects"]
    return _RANKS["image" if _IMAGE.search(own) else "other"]


def _inflate(search: _Search, data: Buffer, start: int) -> bytes:
    """As much of a stream as the budget lets; a broken one gives its beginning."""
    search.budget.spend(_STREAM_STEPS)
    engine, out = zlib.decompressobj(), bytearray()
    packed = b""
    try:
        while not engine.eof and len(out) < MAX_STREAM_BYTES:
            if not packed:
                packed = data[start : start + CHUNK_BYTES]
                start += CHUNK_BYTES
                search.budget.spend(len(packed) // 2)
            if not packed:
                break
            out += engine.decompress(packed, CHUNK_BYTES)
            packed = engine.unconsumed_tail
            if len(out) > search.inflated:
                raise SpentError
    except zlib.error:
        pass
    search.inflated -= len(out)
    search.budget.spend(len(out) // 4)
    return bytes(out)
