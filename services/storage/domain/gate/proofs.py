"""What follows the two signatures, by level: nothing, a store, a stamped store."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.domain.gate.cms.signed_data import unpad
from storage.domain.gate.pdf.archiving import timestamp_revision, widened_store
from storage.domain.gate.pdf.base_revision import BaseRevision
from storage.domain.gate.pdf.increments import ContentsGap, CopySoFar
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.stores import NOTHING, Store, store_revision
from storage.domain.gate.pki.certificate_chains import UsedCertificate
from storage.domain.gate.pki.revocation import (
    check_exact,
    check_widened,
    judge_store,
)
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
    more: Store = NOTHING
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
        self,
        used: tuple[UsedCertificate, ...],
        stamp: ProvenStamp | None,
        *,
        exact: bool,
    ) -> None:
        """Every certificate that was used is alive, none is foreign; where *exact*, as
        from dialect 2 on, the store has one way to be written.
        """
        if self.store is None:
            return
        every = used if stamp is None else (*used, stamp.authority)
        known = stamp is None or stamp.authority.der in self.store.certificates
        require(known == (self.more is NOTHING), "revision-count", "store of the stamp")
        judge_store(self.store.with_more(self.more), every)
        if exact:
            check_exact(self.store, every if known else used)
            check_widened(self.store, self.more, every)


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
