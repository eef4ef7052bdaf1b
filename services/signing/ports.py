"""What making a copy needs from the world: contracts that every adapter MUST keep.

Start at ``Sealer`` and ``SealJournal``; the use case that calls them in order is in
``usecases``.
"""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from ecopy.events import CertificationOrdered, CopySealed, EntryEvent, Level
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from signing.domain.attempts import Attempt, AttemptOutcome, EntryHistory, Fate
from signing.domain.copies import Draft, OrderedOriginal, SealedCopy
from signing.domain.signatories import Signatories


class Originals(Protocol):
    """The normalised originals in intake's bucket; signing only reads them."""

    def open(self, ref: ObjectRef) -> AbstractAsyncContextManager[OrderedOriginal]:
        """MUST give exactly the bytes that *ref* promises, while the context lasts.
        Raises Refusal(ORIGINAL_MISSING or ORIGINAL_MISMATCH).
        """
        ...


class Composer(Protocol):
    """Makes the draft of a copy."""

    async def compose(
        self, original: OrderedOriginal, order: CertificationOrdered, at: datetime
    ) -> Draft:
        """MUST refuse an original whose images are not the manifest's, and words that
        do not fit. MUST NOT touch a key. *at* becomes the file's date.
        """
        ...


class Sealer(Protocol):
    """Signs and seals drafts with the keys it has."""

    def signatories(self, order: CertificationOrdered, at: datetime) -> Signatories:
        """MUST refuse a key that is not there, not the ordered one, not pinned, not
        valid at *at*, or not made for signing. MUST NOT use a key.
        """
        ...

    async def prepare(self, signatories: Signatories, level: Level) -> None:
        """MUST raise Refusal(CERTIFICATE_REVOKED, KEY_MISSING or KEY_LOCKED), or
        Trouble(KEYS, TSA or REVOCATION) when a key, the *level*'s timestamps or a
        proof cannot be had now. MUST NOT use a key.
        """
        ...

    async def seal(self, draft: Draft, signatories: Signatories) -> SealedCopy:
        """MUST add the officer's signature, then the seal, each with a timestamp, then
        what the draft's level asks for (PAdES B-LT: the security store), and MUST NOT
        return anything less. Raises Refusal or Trouble; a key may have been used then.
        """
        ...


class Copies(Protocol):
    """The bucket of sealed copies."""

    def ref(self, entry: EntryId, copy: SealedCopy) -> ObjectRef:
        """The place where the copy will be stored."""
        ...

    async def write(self, ref: ObjectRef, copy: SealedCopy) -> None:
        """MUST be durable before it returns, and safe to repeat. Raises Trouble(STORE)
        if the object is not whole.
        """
        ...

    async def holds(self, ref: ObjectRef) -> bool:
        """Whether the copy's bytes are stored. MUST compare their digest, not their
        name.
        """
        ...

    async def destroy(self, ref: ObjectRef) -> None:
        """MUST delete the bytes, and do nothing if they are not there."""
        ...


class SealJournal(Protocol):
    """The append-only record of every use of a key, the intent before it and the
    outcome after. Its rows are chained by their digests. Every method raises
    Trouble(DATABASE) while the database does not answer.
    """

    async def history(self, entry: EntryId) -> EntryHistory:
        """What was recorded of *entry*; empty if it was never ordered."""
        ...

    async def note_order(self, entry: EntryId, revision: int) -> None:
        """Record that the entry's order has this *revision*: none before it holds."""
        ...

    async def record_intent(self, attempt: Attempt) -> None:
        """MUST be durable before it returns: a key is used next."""
        ...

    async def record_failure(self, attempt: Attempt, why: str) -> None:
        """Record that no copy came of the attempt, although keys may have been used."""
        ...

    async def record_outcome(self, outcome: AttemptOutcome) -> None:
        """Record that the signatures exist. MUST be durable before it returns: their
        bytes are stored next, and only this row says where.
        """
        ...

    async def conclude(self, outcome: AttemptOutcome, event: CopySealed) -> Fate:
        """Make *outcome* the entry's copy and publish *event*, in one transaction.

        MUST return COPY again, without a second event, when it is the copy already, and
        LOST for an outcome that was written off or withdrawn, or whose order was
        renewed or number closed since.
        """
        ...

    async def write_off(self, outcome: AttemptOutcome) -> Fate:
        """Decide that *outcome* will never be the copy. MUST NOT be undone by a later
        ``conclude``. Returns COPY and writes nothing if it became the copy meanwhile:
        its bytes MUST NOT be destroyed then.
        """
        ...

    async def announce(self, event: EntryEvent, revision: int) -> None:
        """Publish *event*, and record that the entry's order has this *revision*. MUST
        drop a repeat of the same event.
        """
        ...

    async def announce_copy(self, copy: AttemptOutcome, event: CopySealed) -> bool:
        """Announce the event if *copy* is the entry's copy still; False, and nothing is
        published, if it was withdrawn meanwhile.
        """
        ...

    async def withdraw(
        self, entry: EntryId, copy: Sha256, reason: str
    ) -> tuple[AttemptOutcome, ...]:
        """Decide that the bytes *copy* are never the entry's copy, also if they are it
        now; then it has none. Returns every outcome with these bytes, which MUST be
        destroyed, the same ones at each repeat; none for a copy that was archived.
        """
        ...

    async def note_archived(self, entry: EntryId, copy: Sha256) -> None:
        """Write down that storage has archived *copy*. Safe to repeat."""
        ...

    async def close(self, entry: EntryId, revision: int) -> tuple[AttemptOutcome, ...]:
        """Decide that the entry never has a copy, and that *revision* was its last.
        Returns every outcome that was ever made for it: their bytes MUST be destroyed.
        """
        ...
