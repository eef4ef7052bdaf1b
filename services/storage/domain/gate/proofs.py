"""What follows the two signatures, by level: nothing, a store, a stamped store."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.domain.gate.cms.signed_data import unpad
from storage.domain.gate.pdf.archiving import timestamp_revision, widened_store
from storage.domain.gate.pdf.base_revision import BaseRevision
from storage.domain.gate.pdf.increments import (
    ContentsGap,
    CopySoFar,
    Store,
    store_revision,
)
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pki.certificate_chains import UsedCertificate
from storage.domain.gate.pki.revocation import judge_store
from storage.domain.gate.pki.timestamps import ProvenStamp, judge_token
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.refusal import require


@dataclass(frozen=True, slots=True)
class LaterRevisions:
    """What stands behind the seal: shapes that were seen, none of them judged yet."""

    store: Store | None = None
    """Level B-LT and above."""
    gap: ContentsGap | None = None
    """The gap of the document timestamp, in level B-LTA only."""
    more: Store | None = None
    """Only for an authority that the store before does not know."""

    @property
    def stamped(self) -> tuple[ContentsGap, ...]:
        return () if self.gap is None else (self.gap,)

    def judged_stamp(
        self, digests: Sequence[bytes], trust: Trust
    ) -> ProvenStamp | None:
        """The document timestamp, if there is one; *digests* are those of its range."""
        if self.gap is None:
            return None
        (digest,) = digests
        return judge_token(unpad(self.gap.hexadecimal), digest, trust.timestamps)

    def check_revocation(
        self, used: tuple[UsedCertificate, ...], stamp: ProvenStamp | None
    ) -> None:
        """Every certificate that was used is alive, none is foreign."""
        if self.store is None:
            return
        if stamp is None:
            judge_store(self.store, used)
            return
        known = stamp.authority.der in self.store.certificates
        require(known == (self.more is None), "revision-count", "store of the stamp")
        judge_store(_both(self.store, self.more), used)


def read_proofs(
    so_far: CopySoFar, revisions: list[Revision], base: BaseRevision
) -> LaterRevisions:
    if not revisions:
        return LaterRevisions()
    first, *later = revisions
    so_far, store = store_revision(so_far, first)
    if not later:
        return LaterRevisions(store)
    so_far, gap = timestamp_revision(so_far, later[0], base)
    if not later[1:]:
        return LaterRevisions(store, gap)
    return LaterRevisions(store, gap, widened_store(so_far, first, later[1]))


def _both(store: Store, more: Store | None) -> Store:
    if more is None:
        return store
    return Store(
        store.certificates + more.certificates,
        store.answers + more.answers,
        store.lists + more.lists,
    )
