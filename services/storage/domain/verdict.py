"""The verdict of an uploaded file (spec 9.5 of the copy's contract).

Three steps, so that the domain stays free of the catalogue:

1. ``prefixes(data)`` hashes the file once, the whole and each place where a copy
   could end;
2. the caller looks all these digests up in the catalogue, in one query;
3. ``judge(data, …, archived=…, trust=…)`` decides.

Nothing here raises for any bytes, fetches anything, or calls a PDF library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from mmap import mmap

from ecopy.identifiers import EntryId, Sha256
from storage.domain.gate.trust import Trust


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


def prefixes(data: bytes | mmap) -> Prefixes:
    """One pass over the file; at most 64 beginnings."""
    raise NotImplementedError


def judge(
    data: bytes | mmap,
    *,
    prefixes: Prefixes,
    archived: Mapping[Sha256, Archived],
    trust: Trust,
) -> Verdict:
    """CPU-bound with bounded work and memory: run it in a thread."""
    raise NotImplementedError
