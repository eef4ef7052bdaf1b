"""What follows the two signatures, by level: nothing, a store, a stamped store."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.domain.gate.cms.signed_data import unpad
from storage.domain.gate.pdf.archiving import timestamp_revision, widened_store
from storage.domain.gate.pdf.base_revision import Base
from storage.domain.gate.pdf.increments import (
    ContentsGap,
    Growing,
    Store,
    store_revision,
)
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pki.certificate_chains import Leaf
from storage.domain.gate.pki.revocation import judge_store
from storage.domain.gate.pki.timestamps import Stamp, judge_token
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.refusal import require


@dataclass(frozen=True, slots=True)
class Proofs:
    """Shapes seen, nothing of them judged yet."""

    store: Store | None = None
    """Level B-LT and above."""
    hole: ContentsGap | None = None
    """Of the document timestamp: level B-LTA."""
    more: Store | None = None
    """Only for an authority that the store before does not know."""

    @property
    def stamped(self) -> tuple[ContentsGap, ...]:
        return () if self.hole is None else (self.hole,)

    def judged_stamp(self, digests: Sequence[bytes], trust: Trust) -> Stamp | None:
        """*digests*: of the document timestamp's range, if there is one."""
        if self.hole is None:
            return None
        (digest,) = digests
        return judge_token(unpad(self.hole.hexadecimal), digest, trust.timestamps)

    def judge(self, used: tuple[Leaf, ...], stamp: Stamp | None) -> None:
        """Every certificate that was used is alive, none is foreign."""
        if self.store is None:
            return
        if stamp is None:
            judge_store(self.store, used)
            return
        known = stamp.authority.der in self.store.certificates
        require(known == (self.more is None), "revision-count", "store of the stamp")
        judge_store(_both(self.store, self.more), used)


def read_proofs(growing: Growing, revisions: list[Revision], base: Base) -> Proofs:
    if not revisions:
        return Proofs()
    first, *later = revisions
    growing, store = store_revision(growing, first)
    if not later:
        return Proofs(store)
    growing, hole = timestamp_revision(growing, later[0], base)
    if not later[1:]:
        return Proofs(store, hole)
    return Proofs(store, hole, widened_store(growing, first, later[1]))


def _both(store: Store, more: Store | None) -> Store:
    if more is None:
        return store
    return Store(
        store.certificates + more.certificates,
        store.answers + more.answers,
        store.lists + more.lists,
    )
