"""The two signatures: made by whom the order names, stamped in time, alive then.

EN 319 142-1 §6.3; docs/dialect.md §3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from ecopy.events import Agency, CertificationOrdered, Officer
from ecopy.identifiers import Sha256
from storage.domain.gate.cms.algorithms import SHA256
from storage.domain.gate.cms.signed_data import Signed, our_signature, unpad
from storage.domain.gate.pdf.increments import ContentsGap
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.certificate_chains import Leaf, leaf_under
from storage.domain.gate.pki.timestamps import Stamp, judge_token
from storage.domain.gate.pki.trust import Identity, Trust
from storage.domain.gate.refusal import refuse, require

SKEW: Final = timedelta(minutes=5)
"""Between the signing clock and a time-stamp authority's."""
LONGEST: Final = timedelta(hours=72)
"""From the approval to the seal."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A signature that holds."""

    at: datetime
    signer: Leaf
    authority: Leaf


def identity_of(
    trust: Trust, order: CertificationOrdered, *, officer: bool
) -> Identity:
    """The pinned identity that the order names, in every word of it."""
    named: Officer | Agency = order.officer if officer else order.agency
    found = trust.identities.get(named.certificate_sha256)
    if found is None:
        refuse("identity-not-pinned", named.certificate_sha256)
    pinned = found.pinned
    own = named.id if isinstance(named, Officer) else named.code
    expected = ("officer" if officer else "seal", own, named.version, named.key)
    same = (pinned.role, pinned.id, pinned.version, pinned.key) == expected
    require(same, "identity-not-pinned", "role, id, version or key")
    return found


def digests(data: Buffer, holes: Sequence[ContentsGap]) -> tuple[list[bytes], Sha256]:
    """SHA-256 of each range and of the file, in one pass.

    A later range begins with an earlier one's first part, so the running hash forks
    at each hole instead of starting again.
    """
    running, at, found = sha256(), 0, []
    with memoryview(data) as whole:
        for hole in holes:
            running.update(whole[at : hole.start])
            at, fork = hole.start, running.copy()
            fork.update(whole[hole.end : hole.revision_end])
            found.append(fork.digest())
        running.update(whole[at:])
    return found, running.hexdigest()


def judge_signature(
    hole: ContentsGap,
    digest: bytes,
    identity: Identity,
    trust: Trust,
    *,
    approved_at: datetime,
) -> Judged:
    signed = our_signature(unpad(hole.hexadecimal), digest)
    require(signed.signer == identity.der, "signer-not-as-ordered")
    if signed.token is None:
        refuse("timestamp-missing")
    stamp = judge_token(signed.token, SHA256.of(signed.value), trust.timestamps)
    check_times(hole.shown_at, stamp, approved_at)
    role = identity.pinned.role
    signer = leaf_under(trust.signers, signed.signer, stamp.moment, role)
    _check_certificates(signed, signer)
    return Judged(stamp.moment, signer, stamp.authority)


def check_times(shown_at: str, stamp: Stamp, approved_at: datetime) -> None:
    """Near to /M, and within the hours after the approval."""
    try:
        shown = datetime.fromisoformat(shown_at)
    except ValueError:
        refuse("signature-dictionary", "M")
    require(abs(stamp.moment - shown) <= SKEW, "timestamp-time", "far from /M")
    early = stamp.moment < approved_at - SKEW
    require(not early, "timestamp-time", "before the approval")
    late = stamp.moment > approved_at + LONGEST
    require(not late, "timestamp-time", "too long after the approval")


def _check_certificates(signed: Signed, signer: Leaf) -> None:
    """The chain without its root, no more and no less."""
    expected = set(signer.chain.authorities[:-1])
    require(not signed.others - expected, "cms-extra-certificate")
    require(signed.others == expected, "cms-certificates", "incomplete")
