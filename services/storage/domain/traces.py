"""Is there, anywhere in these bytes, a signature under a certificate that we pinned?

A file may be cut, re-saved, wrapped or glued to another: no PDF library is asked.
Every place where a CMS can survive is searched: raw bytes, hexadecimal and literal
strings, and the same inside compressed streams. What a signature looks like there is
``signed_sets``'s business. Start at ``traces``.

All of it is paid from one budget (``budget``), so a file that is made to be slow is
looked at in part, and the answer says so.
"""

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from ecopy.identifiers import Sha256
from storage.domain.budget import SearchBudget, SpentError
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.windows import windows
from storage.domain.signed_sets import signers_in

OVERLAP_BYTES: Final = 192 << 10
"""How much two windows share: a CMS of ours has some 20 KB, four times that in octal
escapes, so whichever window it begins in has it whole."""
MAX_INFLATED_BYTES: Final = 64 << 20
"""What all streams of a file may unpack to together: Flate makes a thousand bytes of
one, and this is memory of the process that looks."""
MAX_STREAM_BYTES: Final = 8 << 20
"""What one stream may unpack to: more than a CMS and the objects beside it need."""
LITERAL_BYTES: Final = 1 << 16
"""How much of each literal string is read, wherever it ends: three times a CMS."""
CHUNK_BYTES: Final = 1 << 16
"""Unpacked at once, and paid for before the next is: a stream that unpacks to a
thousand times its size is stopped in its middle."""

# Steps, measured on the machine that docs/decisions/0062 names.
_WINDOW_STEPS: Final = 500
_BYTES_A_STEP: Final = 8
"""All searches of a window together, where they find nothing."""
_OPENED_STEPS: Final = 10
"""A ``<`` that begins no string of ours."""
_HIT_STEPS: Final = 100
_ESCAPE_STEPS: Final = 60
_STREAM_STEPS: Final = 3_000

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
    budget: SearchBudget
    inflated: int = MAX_INFLATED_BYTES
    found: dict[Sha256, None] = field(default_factory=dict)


def traces(data: Buffer, trust: Trust, budget: SearchBudget) -> Traces:
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
    for signer in signers_in(data, search.trust, search.budget):
        search.found[signer] = None


def _streams(search: _Search, data: Buffer) -> set[int]:
    """Where streams begin that look like zlib's (RFC 1950 §2.2)."""
    found: set[int] = set()
    for at, window in windows(data, OVERLAP_BYTES):
        search.budget.spend(_WINDOW_STEPS + window.count(b"stream") * _HIT_STEPS)
        for match in _STREAM.finditer(window):
            head = window[match.end() : match.end() + 2]
            # RFC 1950 §2.2: CMF and FLG are a multiple of 31, and CM 8 is deflate. Most
            # of what follows the word "stream" by chance is not.
            checked = int.from_bytes(head, "big") % 31 == 0
            if checked and head[0] & 0x0F == 8:  # noqa: PLR2004
                found.add(at + match.end())
    return found


_RANKS: Final = {"objects": 0, "other": 1, "image": 2}


def _rank(data: Buffer, start: int) -> int:
    """How early to look into a stream, told by its dictionary, as far as that stands in
    the few bytes before it.
    """
    before = data[max(0, start - _DICTIONARY_BYTES) : start]
    own = before[before.rfind(b"endobj") + 1 :]
    if _OBJECT_STREAM in own:
        return _RANKS["objects"]
    return _RANKS["image" if _IMAGE.search(own) else "other"]


def _inflate(search: _Search, data: Buffer, start: int) -> bytes:
    """A stream unpacked as far as the budget lets; a broken one gives its beginning."""
    search.budget.spend(_STREAM_STEPS)
    engine, out = zlib.decompressobj(), bytearray()
    # Chunk by chunk in and out: ``unconsumed_tail`` bounds what one chunk of zeros may
    # unpack to before the next payment.
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
