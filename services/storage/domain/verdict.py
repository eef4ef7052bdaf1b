"""The verdict of an uploaded file (docs/decisions/0054, 0062).

Steps, so that the domain stays free of the catalogue:

1. ``prefixes(data)`` hashes the file once, the whole and each place where a copy
   could end;
2. the caller looks all these digests up in the catalogue, in one query;
3. ``recorded(prefixes, archived)`` decides by the digests alone;
4. for any other file ``search`` looks into it, within a budget, and may find a copy
   that holds by itself although no row has its digest;
5. for such a copy the caller collects what is recorded under its entry, and
   ``records.settle`` decides.

Nothing here raises for any bytes, fetches anything, or calls a PDF library.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Final

from ecopy.identifiers import EntryId, Sha256
from storage.domain.budget import SearchBudget, SpentError
from storage.domain.findings import UNREADABLE, WRAPPED, Finding
from storage.domain.gate import Alone, Refused, hold_alone
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.windows import windows
from storage.domain.kinds import kind_of
from storage.domain.traces import traces

MAX_BEGINNINGS: Final = 64
"""A copy stands at the front of its file and has four ends: more is for show."""

_END: Final = b"%%EOF\n"


class VerdictCode(StrEnum):
    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"
    UNRECORDED = "unrecorded"
    CHANGED = "changed"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


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
    """Known for genuine, withdrawn and unrecorded, and for a copy with trailing bytes
    or with another ending."""
    signers: tuple[Sha256, ...] = ()
    """Pinned certificates that a surviving signature verifies under."""
    alone: Alone | None = None
    """What the file says of its making, if it holds by itself: of *unrecorded*."""

    @property
    def type_its_code(self) -> bool:
        """A printed, photographed or damaged copy: offer the look-up by code."""
        return self.code in (VerdictCode.FOREIGN, VerdictCode.UNREADABLE)


def prefixes(data: Buffer) -> Prefixes:
    """One pass over the file; at most 64 beginnings."""
    begun = beginnings(data)
    whole = begun.pop(len(data))
    return Prefixes(whole, tuple(begun.values()))


def beginnings(data: Buffer) -> dict[int, Sha256]:
    """Length → SHA-256 of so many first bytes, for each place where a copy could end
    and for the whole file, which is the last.
    """
    running, at = sha256(), 0
    found: dict[int, Sha256] = {}
    with memoryview(data) as whole:
        for end in (*islice(_ends(data), MAX_BEGINNINGS), len(data)):
            running.update(whole[at:end])
            at = end
            found[end] = running.hexdigest()
    return found


def _ends(data: Buffer) -> Iterator[int]:
    """Where a copy could end, in order."""
    for start, window in windows(data, len(_END) - 1):
        at = window.find(_END)
        while at >= 0:
            yield start + at + len(_END)
            at = window.find(_END, at + 1)


def recorded(prefixes: Prefixes, archived: Mapping[Sha256, Archived]) -> Verdict | None:
    """The verdict that digests alone give; None says: look into the file."""
    known = archived.get(prefixes.whole)
    if known is not None:
        code = VerdictCode.WITHDRAWN if known.withdrawn else VerdictCode.GENUINE
        return Verdict(code, Finding.ARCHIVED, known.entry)
    begun = next((archived[p] for p in prefixes.beginnings if p in archived), None)
    if begun is None:
        return None
    return Verdict(VerdictCode.CHANGED, Finding.TRAILING_BYTES, begun.entry)


def search(
    data: Buffer, whole: Sha256, trust: Trust, budget: SearchBudget | None = None
) -> Verdict:
    """The verdict on a file whose digests nobody knows.

    CPU-bound and bounded by its budget. A stranger's file runs in a process that can be
    ended; whatever cannot be looked at in full is never called genuine or changed.
    """
    budget = budget or SearchBudget()
    try:
        alone = _alone(data, whole, trust, budget)
    except SpentError:  # it begins like a copy of ours: nothing more can be said
        return NOT_IN_FULL
    if alone is not None:
        code, finding = VerdictCode.UNRECORDED, Finding.NO_RECORD
        return Verdict(code, finding, alone.entry, alone=alone)
    # Before traces: in a package or a message a signature of ours may stand whole, and
    # "changed" would accuse a file that only has to be taken out.
    finding = kind_of(data, budget)
    if finding in WRAPPED:
        return Verdict(VerdictCode.UNREADABLE, finding)
    found = traces(data, trust, budget)
    if found.signers:
        why = Finding.OUR_SIGNATURE
        return Verdict(VerdictCode.CHANGED, why, signers=found.signers)
    if not found.complete:
        return NOT_IN_FULL
    unreadable = finding in UNREADABLE
    return Verdict(
        VerdictCode.UNREADABLE if unreadable else VerdictCode.FOREIGN, finding
    )


def _alone(
    data: Buffer, whole: Sha256, trust: Trust, budget: SearchBudget
) -> Alone | None:
    try:
        return hold_alone(data, trust, whole, budget)
    except Refused:
        return None


NOT_IN_FULL: Final = Verdict(VerdictCode.UNREADABLE, Finding.NOT_IN_FULL)
