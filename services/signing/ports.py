"""What making a copy needs from the world."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from ecopy.events import CertificationOrdered, CopySealed, Event, Level
from ecopy.identifiers import EntryId, ObjectRef
from signing.domain.attempts import Attempt, AttemptOutcome, EntryHistory, Fate
from signing.domain.copies import Draft, OrderedOriginal, SealedCopy
from signing.domain.signatories import Signatories


class Originals(Protocol):
    def opened(self, ref: ObjectRef) -> AbstractAsyncContextManager[OrderedOriginal]:
        """MUST give exactly the bytes that *ref* promises, while the context lasts.
        Raises Refusal(ORIGINAL_MISSING or ORIGINAL_MISMATCH).
        """
        ...


class Composer(Protocol):
    async def compose(
        self, original: OrderedOriginal, order: CertificationOrdered, at: datetime
    ) -> Draft:
        """MUST refuse an original whose images are not the manifest's, and words that
        do not fit. MUST NOT touch a key.
        """
        ...


class Sealer(Protocol):
    def signatories(self, order: CertificationOrdered, at: datetime) -> Signatories:
        """MUST refuse a key that is not there, not the ordered one, not pinned, not
        valid at *at*, or not made for signing. MUST NOT use a key.
        """
        ...

    async def prepare(self, signatories: Signatories, level: Level) -> None:
        """MUST raise Refusal(CERTIFICATE_REVOKED, KEY_MISSING or KEY_LOCKED), or
        Trouble(KEYS, TSA or REVOCATION) when a key, the *level*'s timestamps or a
        proof can not be had now. MUST NOT use a key.
        """
        ...

    async def seal(self, draft: Draft, signatories: Signatories) -> SealedCopy:
        """Officer's signature, then the seal, each with a timestamp, then what the
        draft's level asks for (PAdES B-LT: the security store). MUST NOT return
        anything less.
        """
        ...


class Copies(Protocol):
    def ref(self, entry: EntryId, copy: SealedCopy) -> ObjectRef:
        """Where the copy will lie."""
        ...

    async def write(self, ref: ObjectRef, copy: SealedCopy) -> None: ...

    async def holds(self, ref: ObjectRef) -> bool:
        """MUST compare the bytes' digest, not their name."""
        ...

    async def destroy(self, ref: ObjectRef) -> None:
        """A loser's bytes; harmless if they are not there."""
        ...


class SealJournal(Protocol):
    """Append-only, hash-chained: every use of a key, intent before, outcome after."""

    async def standing(self, entry: EntryId) -> EntryHistory: ...

    async def intend(self, attempt: Attempt) -> None:
        """MUST be durable before it returns: a key is used next."""
        ...

    async def failed(self, attempt: Attempt, why: str) -> None:
        """The keys may have been used; no copy came of it."""
        ...

    async def record(self, outcome: AttemptOutcome) -> None:
        """The signatures exist; their bytes are not stored yet."""
        ...

    async def conclude(self, outcome: AttemptOutcome, event: CopySealed) -> Fate:
        """Make this the entry's copy and publish *event*, in one transaction.

        MUST be COPY again, without a second event, when it is the copy already; and
        LOST for one that was written off, or was made for a revision since renewed.
        """
        ...

    async def write_off(self, outcome: AttemptOutcome) -> Fate:
        """MUST NOT be undone by a later ``conclude``. COPY, and nothing is written,
        if it became the copy meanwhile: its bytes MUST NOT be destroyed.
        """
        ...

    async def announce(self, event: Event, revision: int) -> None: ...
