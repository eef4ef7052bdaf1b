"""The story of a judgement: shape, order, revisions, signatures, revocation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from storage.domain.gate.pdf.base_revision import check_base
from storage.domain.gate.pdf.increments import begin, check_endings, signed_revision
from storage.domain.gate.pdf.shape import parse
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.certificate_chains import Leaf
from storage.domain.gate.pki.trust import Trust
from storage.domain.gate.proofs import read_proofs
from storage.domain.gate.refusal import Refused, require
from storage.domain.gate.signatures import (
    SKEW,
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
    """Of the copy: those of the original and the clause page."""
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
    """Judge a sealed file against intake's order.

    ``sealed_sha256`` is the digest in ``copy.sealed``: no signature covers a B-LT
    file's last revision. Raises Refused and nothing else. CPU-bound, some 10 ms for
    3.5 MB: run it in a thread.
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
    revisions = parse(data)
    require(len(revisions) in REVISIONS[order.level], "revision-count", len(revisions))
    base = check_base(data, revisions[0], order)
    check_endings(data, revisions)
    growing, first = signed_revision(
        begin(data, base),
        revisions[1],
        base,
        officer=True,
        pin=officer.pinned.appearance_sha256,
    )
    growing, second = signed_revision(
        growing,
        revisions[2],
        base,
        officer=False,
        pin=agency.pinned.appearance_sha256,
    )
    proofs = read_proofs(growing, revisions[3:], base)
    holes = (first, second, *proofs.stamped)
    (first_digest, second_digest, *more), whole = digests(data, holes)
    require(whole == sealed_sha256, "sealed-digest", whole)
    approved_at = order.approved_at
    signed = judge_signature(
        first, first_digest, officer, trust, approved_at=approved_at
    )
    sealed = judge_signature(
        second, second_digest, agency, trust, approved_at=approved_at
    )
    require(signed.at <= sealed.at + SKEW, "timestamp-time", "sealed before signed")
    used: tuple[Leaf, ...] = (
        signed.signer,
        signed.authority,
        sealed.signer,
        sealed.authority,
    )
    stamp = proofs.judged_stamp(more, trust)
    if stamp is not None:
        check_times(second.shown_at, stamp, approved_at)
        used = (*used, stamp.authority)
    proofs.judge(used, stamp)
    return Passed(
        sha256=whole,
        size=len(data),
        pages=len(order.manifest) + 1,
        officer_at=signed.at,
        seal_at=sealed.at,
        tsa_name=sealed.authority.subject_name,
    )
