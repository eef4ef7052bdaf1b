"""The verdict of an uploaded file (spec 9.5 of the copy's contract).

Three steps, so that the domain stays free of the catalogue:

1. ``prefixes(data)`` hashes the file once, the whole and each place where a copy
   could end;
2. the caller looks all these digests up in the catalogue, in one query;
3. ``judge(data, …, archived=…, trust=…)`` decides.

Nothing here raises for any bytes, fetches anything, or calls a PDF library.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Final

from ecopy.identifiers import EntryId, Sha256
from storage.domain.gate.tokens import Buffer
from storage.domain.gate.trust import Trust
from storage.domain.traces import surviving_signers

MAX_BEGINNINGS: Final = 64
"""A copy stands at the front of its file and has four ends: more is for show."""

_ENDS: Final = re.compile(rb"%%EOF\n")
_HEAD_BYTES: Final = 1024
_TAIL_BYTES: Final = 2048
_PICTURE: Final = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|II\*\x00|MM\x00\*|RIFF....WEBP"
    rb"|....ftyp(?:hei[cfmsx]|hev[cmsx]|mif1|msf1|avif)",
    re.DOTALL,
)
_OFFICE: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
"""Word and its kin: packaged, compound, rich text."""
_ENCRYPTED: Final = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


class VerdictCode(StrEnum):
    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


class Finding(StrEnum):
    """Why: the sentence that the page chooses under the verdict."""

    ARCHIVED = "archived"
    """Bit by bit an archived copy."""
    TRAILING_BYTES = "trailing-bytes"
    """An archived copy with something behind it."""
    OUR_SIGNATURE = "our-signature"
    """Not an archived copy, but a signature under a pinned certificate is in it."""
    SIGNED_BY_OTHERS = "signed-by-others"
    """A signed PDF, nothing of ours in it."""
    UNSIGNED_PDF = "unsigned-pdf"
    """A scan, a print or a draft: a printed copy is checked by its code."""
    PICTURE = "picture"
    """JPEG, PNG and the like: a photographed copy is checked by its code."""
    OFFICE_FILE = "office-file"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    """A PDF under a password."""
    CUT_SHORT = "cut-short"
    """A PDF without its end."""
    UNKNOWN_FORMAT = "unknown-format"


_UNREADABLE: Final = frozenset(
    {Finding.EMPTY, Finding.ENCRYPTED, Finding.CUT_SHORT, Finding.UNKNOWN_FORMAT}
)


@dataclass(frozen=True, slots=True)
class Archived:
    """What the catalogue says of one archived copy."""

    entry: EntryId
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Prefixes:
    """SHA-256 of the whole file and of its beginnings that end like a copy."""

    whole: Sha256
    beginnings: tuple[Sha256, ...]

    @property
    def all(self) -> tuple[Sha256, ...]:
        """To look up in the catalogue, the whole file first."""
        return (self.whole, *self.beginnings)


@dataclass(frozen=True, slots=True)
class Verdict:
    code: VerdictCode
    finding: Finding
    entry: EntryId | None = None
    """Known for genuine and withdrawn, and for a copy with trailing bytes."""
    signers: tuple[Sha256, ...] = ()
    """Pinned certificates that a surviving signature verifies under."""

    @property
    def type_its_code(self) -> bool:
        """A printed, photographed or damaged copy: offer the look-up by code."""
        return self.code in (VerdictCode.FOREIGN, VerdictCode.UNREADABLE)


def prefixes(data: Buffer) -> Prefixes:
    """One pass over the file; at most 64 beginnings."""
    running, at = sha256(), 0
    beginnings: list[Sha256] = []
    with memoryview(data) as whole:
        for end in islice(_ENDS.finditer(data), MAX_BEGINNINGS):
            running.update(whole[at : end.end()])
            at = end.end()
            beginnings.append(running.hexdigest())
        running.update(whole[at:])
    if at == len(data):
        beginnings = beginnings[:-1]
    return Prefixes(running.hexdigest(), tuple(beginnings))


def judge(
    data: Buffer,
    *,
    prefixes: Prefixes,
    archived: Mapping[Sha256, Archived],
    trust: Trust,
) -> Verdict:
    """CPU-bound with bounded work and memory: run it in a thread."""
    known = archived.get(prefixes.whole)
    if known is not None:
        code = VerdictCode.WITHDRAWN if known.withdrawn else VerdictCode.GENUINE
        return Verdict(code, Finding.ARCHIVED, known.entry)
    begun = next((archived[p] for p in prefixes.beginnings if p in archived), None)
    if begun is not None:
        return Verdict(VerdictCode.CHANGED, Finding.TRAILING_BYTES, begun.entry)
    signers = surviving_signers(data, trust)
    if signers:
        finding = Finding.OUR_SIGNATURE
        return Verdict(VerdictCode.CHANGED, finding, signers=signers)
    finding = _kind(data)
    unreadable = finding in _UNREADABLE
    return Verdict(
        VerdictCode.UNREADABLE if unreadable else VerdictCode.FOREIGN, finding
    )


def _kind(data: Buffer) -> Finding:
    """What a file without anything of ours is, by its first and last bytes."""
    if not len(data):
        return Finding.EMPTY
    head = data[:_HEAD_BYTES]
    if b"%PDF-" in head:
        return _kind_of_pdf(data)
    if _PICTURE.match(head):
        return Finding.PICTURE
    if head.startswith(_OFFICE):
        return Finding.OFFICE_FILE
    return Finding.UNKNOWN_FORMAT


def _kind_of_pdf(data: Buffer) -> Finding:
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        return Finding.CUT_SHORT
    if _ENCRYPTED.search(data):
        return Finding.ENCRYPTED
    if data.find(b"/ByteRange") >= 0:
        return Finding.SIGNED_BY_OTHERS
    return Finding.UNSIGNED_PDF
