"""Copies: taken into custody, kept, found again, and judged for strangers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ecopy.events import (
    CertificationOrdered,
    CopyArchived,
    Event,
    FiguresReported,
)
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from storage.domain.copies import ArchivedCopy, FoundLink, Link
from storage.domain.gate import Passed
from storage.domain.ratings import DatedRating, Rating
from storage.domain.records import Stored
from storage.domain.rulings import EntryStanding, Ruling
from storage.domain.verdict import Verdict
from strangers.facts import Findings


class SealedFile(Protocol):
    """A sealed copy in hand, its bytes at rest: a local file, mapped."""

    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A stranger's file, received whole: its digest is known, its bytes at rest."""

    handle: str
    """Where the receiving adapter keeps it; means nothing to anybody else."""
    sha256: Sha256
    size: int


class OfficeFigures(Protocol):
    """What the desk has reported of each agency and month."""

    async def record(self, report: FiguresReported) -> None:
        """MUST keep the later of two reports of one month, whichever comes first."""
        ...


class ReportedFigures(Protocol):
    async def all(self) -> tuple[FiguresReported, ...]: ...


class GivenRatings(Protocol):
    async def all(self) -> tuple[DatedRating, ...]: ...


class Ratings(Protocol):
    """What citizens say of the office."""

    async def give(self, token_sha256: Sha256, agency: str, rating: Rating) -> bool:
        """MUST count one rating of a link and no second; whether this was the one.
        Nothing MUST lead from what was said to the link.
        """
        ...


class Custody(Protocol):
    """How a sealed copy passes from signing's bucket into the archive."""

    def open_sealed(
        self, ref: ObjectRef, entry: EntryId
    ) -> AbstractAsyncContextManager[SealedFile]:
        """Fetch from signing's bucket; Trouble(STORE) while it is not to be had. MUST
        raise LostCopyError only where the bucket is really there and answers, and has
        no such object; Refusal(COPY_REFUSED) for a length that differs.
        """
        ...

    async def check_copy(
        self, sealed: SealedFile, order: CertificationOrdered, digest: Sha256
    ) -> Passed:
        """MUST raise Refusal(COPY_REFUSED) for whatever the gate does not accept."""
        ...

    async def store(
        self, sealed: SealedFile, passed: Passed, entry: EntryId
    ) -> ObjectRef:
        """Put the copy under its entry's one key and compare what lies there, bit by
        bit.

        The first writer wins: OtherBytesError if other bytes lay there before. MUST
        return only when the bytes are durable.
        """
        ...

    async def put_aside(self, order: CertificationOrdered) -> None:
        """Free the entry's one key from what lies there and is no copy of *order*, kept
        under a key of its own. MUST raise Refusal(OTHER_COPY_ARCHIVED), and leave it
        where it is, if it is one.
        """
        ...

    async def discard(self, entry: EntryId, barred: frozenset[Sha256]) -> None:
        """Delete what lies under the entry's one key if its digest is among *barred*:
        bytes of which the catalogue has decided that they are never archived. MUST
        delete nothing else, whoever stores another copy there meanwhile.
        """
        ...


class CopyCatalogue(Protocol):
    async def standing(self, entry: EntryId) -> EntryStanding:
        """All that is recorded of the number, as of one moment."""
        ...

    async def settle(
        self, entry: EntryId, rule: Callable[[EntryStanding], Ruling]
    ) -> Ruling:
        """Write what *rule* makes of the number's standing, and announce its events, in
        one transaction. MUST let no other ``settle`` or ``enter`` come in between, and
        keep the highest revision of an order; an event that was announced before is
        not announced again.
        """
        ...

    async def order(self, entry: EntryId) -> CertificationOrdered | None: ...
    async def copy(self, entry: EntryId) -> ArchivedCopy | None: ...
    async def erased(self, entry: EntryId, beginning: int) -> Stored | None:
        """What the archive had of a copy whose file has had its time; *beginning* is
        how many first bytes are compared. None while there is a file, or nothing was
        noted of it.
        """
        ...

    async def copy_by_code(self, code: str) -> ArchivedCopy | None: ...

    async def copies_by_digest(
        self, digests: tuple[Sha256, ...]
    ) -> dict[Sha256, ArchivedCopy]: ...

    async def copy_by_token(self, token_sha256: Sha256) -> FoundLink | None: ...

    async def enter(self, copy: ArchivedCopy, link: Link, event: CopyArchived) -> bool:
        """Copy, link and event in one transaction.

        MUST raise Refusal(OTHER_COPY_ARCHIVED) if the entry has another copy, and MUST
        write nothing and return False if these bytes were rejected or the number closed
        meanwhile. The same copy again is harmless and announces nothing.
        """
        ...

    async def announce(self, event: Event) -> None:
        """Through the outbox; the same event id again is harmless."""
        ...

    async def log_access(self, link: Link, what: str, address: str) -> None:
        """Who came, as a keyed digest of the address; append only. MUST count the use
        of the link in the same transaction, and report the first one of its kind.
        """
        ...


class Archive(Protocol):
    async def stored(self, entry: EntryId, beginning: int) -> Stored | None:
        """What lies under this number, hashed: all of it, and its first *beginning*
        bytes; None if nothing lies there. Trouble(STORE) if it cannot be read.
        """
        ...


class Strangers(Protocol):
    """Files that anybody brings to be checked: held for one answer, then gone."""

    def receive(
        self, chunks: AsyncIterator[bytes], *, most: int, sender: str
    ) -> AbstractAsyncContextManager[ReceivedFile]:
        """MUST NOT keep the whole in memory, nor count a file among those that are
        judged before all of it is there. Raises TooLargeError beyond *most* bytes, and
        BusyError; *sender* is whose turn it is. Removes the file on leaving.
        """
        ...

    async def verdict_on(
        self, file: ReceivedFile, catalogue: CopyCatalogue, archive: Archive
    ) -> tuple[Verdict, ArchivedCopy | None]:
        """MUST answer with a verdict whatever the bytes are, and the archived copy
        that the file once was, if that can be told.
        """
        ...

    async def signatures(self, file: ReceivedFile) -> Findings | None:
        """Who signed it, as the file states; None if it shows no signature.

        MUST NOT raise for any bytes, nor take more than a few seconds.
        """
        ...


class LostCopyError(Exception):
    """Signing's bucket is there and answers, and the sealed copy is not in it."""


class OtherBytesError(Exception):
    """Other bytes than the judged ones lie under the entry's one key of the archive."""


class NotWholeError(Exception):
    """The archive's object is not the copy that was archived, and no second place has
    its bytes.
    """

    def __init__(self, number: str) -> None:
        """*number* is the copy's number, as people read it."""
        super().__init__(f"the archived copy {number} is not whole")
        self.number = number


class TooLargeError(Exception):
    """More bytes than allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class BusyError(Exception):
    """No place is free among the files that this machine judges at once: try again."""
