"""The story of a judgement: shape, order, revisions, signatures, revocation.

Each part has its own room: ``pdf``, ``cms`` and ``pki``. Start at ``gate``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from storage.domain.gate.pdf.base_revision import check_base
from storage.domain.gate.pdf.endings import check_endings
from storage.domain.gate.pdf.increments import (
    ContentsGap,
    begin,
    signed_revision,
)
from storage.domain.gate.pdf.shape import parse
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.certificate_chains import UsedCertificate
from storage.domain.gate.pki.trust import Trust, TrustedIdentity
from storage.domain.gate.proofs import LaterRevisions, read_proofs
from storage.domain.gate.refusal import Refused, require
from storage.domain.gate.signatures import (
    SKEW,
    check_in_force,
    check_times,
    digests,
    identity_of,
    judge_signature,
)

REVISIONS: Final = {"B-T": {3}, "B-LT": {4}, "B-LTA": {5, 6}}
"""Base, officer's signature, seal · security store · document timestamp, and the store
again if the timestamp's authority was not in it."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the gate has proven of a copy."""

    sha256: Sha256
    size: int
    pages: int
    """Those of the original, and the clause page."""
    officer_at: datetime
    """genTime of the token on the officer's signature."""
    seal_at: datetime
    """genTime of the token on the seal."""
    tsa_name: str
    """Who stamped the seal: the name in the certificate of the token's authority, which
    hangs from a pinned chain."""


def gate(
    data: Buffer, order: CertificationOrdered, trust: Trust, sealed_sha256: Sha256
) -> Passed:
    """Judge a sealed file against intake's order, which names versions of officer and
    agency that were in force at the approval.

    ``sealed_sha256`` is the digest in ``copy.sealed``: no signature covers a B-LT
    file's last revision. Raises Refused and nothing else. CPU-bound, some 10 ms for
    3.5 MB: run it in a thread.
    """
    check_in_force(order, trust)
    return judge(data, order, trust, sealed_sha256)


def judge(
    data: Buffer, order: CertificationOrdered, trust: Trust, sealed_sha256: Sha256
) -> Passed:
    """The same of terms that nobody ordered (``alone``): the moment of the approval is
    not among them, and so no version can be held against it.
    """
    try:
        return _judge(data, order, trust, sealed_sha256)
    except Refused:
        raise
    except Exception as error:  # the verifier's edge: unforeseen is refused
        raise Refused("unexpected", repr(error)[:200]) from error


def _judge(
    data: Buffer, order: CertificationOrdered, trust: Trust, sealed_sha256: Sha256
) -> Passed:
    """Cheap checks first; two passes over the bytes in all."""
    officer = identity_of(trust, order, officer=True)
    agency = identity_of(trust, order, officer=False)
    shape = _shape(data, order, (officer, agency))
    (first, second, *more), whole = digests(data, shape.gaps)
    # Before any signature: a B-LT file's last revision is under none, so this digest is
    # all that holds it.
    require(whole == sealed_sha256, "sealed-digest", whole)
    approved_at = order.approved_at
    signed = judge_signature(
        shape.officer, first, officer, trust, approved_at=approved_at
    )
    sealed = judge_signature(shape.seal, second, agency, trust, approved_at=approved_at)
    require(signed.at <= sealed.at + SKEW, "timestamp-time", "sealed before signed")
    used = (signed.signer, signed.authority, sealed.signer, sealed.authority)
    _check_proofs(shape, used, more, trust, order)
    return Passed(
        sha256=whole,
        size=len(data),
        pages=len(order.manifest) + 1,
        officer_at=signed.at,
        seal_at=sealed.at,
        tsa_name=sealed.authority.subject_name,
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """Every byte is where the dialect has it; no signature is judged yet."""

    officer: ContentsGap
    seal: ContentsGap
    proofs: LaterRevisions

    @property
    def gaps(self) -> tuple[ContentsGap, ...]:
        return (self.officer, self.seal, *self.proofs.stamped)


def _shape(
    data: Buffer,
    order: CertificationOrdered,
    identities: tuple[TrustedIdentity, TrustedIdentity],
) -> _Shape:
    officer, agency = identities
    revisions = parse(data)
    require(len(revisions) in REVISIONS[order.level], "revision-count", len(revisions))
    base = check_base(revisions[0], order)
    check_endings(data, revisions, order)
    so_far, first = signed_revision(
        begin(data, base),
        revisions[1],
        base,
        officer=True,
        pin=officer.pinned.appearance_sha256,
    )
    so_far, second = signed_revision(
        so_far,
        revisions[2],
        base,
        officer=False,
        pin=agency.pinned.appearance_sha256,
    )
    return _Shape(first, second, read_proofs(so_far, revisions[3:], base))


def _check_proofs(
    shape: _Shape,
    used: tuple[UsedCertificate, ...],
    digests_behind: list[bytes],
    trust: Trust,
    order: CertificationOrdered,
) -> None:
    """The document timestamp, if the level has one, and who was alive when."""
    stamp = shape.proofs.judged_stamp(digests_behind, trust)
    if stamp is not None:
        check_times(shape.seal.shown_at, stamp, order.approved_at)
    shape.proofs.check_revocation(used, stamp, exact=order.dialect > 1)
