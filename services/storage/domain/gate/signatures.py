"""The two signatures: made by whom the order names, stamped in time, alive then.

EN 319 142-1 §6.3; docs/dialect.md §3. Start at ``judge_signature``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from chassis.clock import LOCAL
from ecopy.events import Agency, CertificationOrdered, Officer
from ecopy.identifiers import Sha256
from storage.domain.gate.cms.algorithms import SHA256
from storage.domain.gate.cms.signed_data import VerifiedSignature, our_signature, unpad
from storage.domain.gate.pdf.increments import ContentsGap
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.certificate_chains import UsedCertificate, leaf_under
from storage.domain.gate.pki.timestamps import ProvenStamp, judge_token
from storage.domain.gate.pki.trust import Trust, TrustedIdentity
from storage.domain.gate.refusal import refuse, require

SKEW: Final = timedelta(minutes=5)
"""How far the signing clock may stand from a time-stamp authority's."""
LONGEST: Final = timedelta(hours=72)
"""The longest way from the approval to the seal: an approval ages."""


@dataclass(frozen=True, slots=True)
class JudgedSignature:
    """A signature that holds."""

    at: datetime
    signer: UsedCertificate
    authority: UsedCertificate


def identity_of(
    trust: Trust, order: CertificationOrdered, *, officer: bool
) -> TrustedIdentity:
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


def check_in_force(order: CertificationOrdered, trust: Trust) -> None:
    """The order may be sealed: a person has released the seal where it says so, the
    versions of officer and agency that it names were in force on the day of its
    approval, and the agency was not merged into another one by then.
    """
    require(not order.held, "seal-not-released")
    day = order.approved_at.astimezone(LOCAL).date()
    for officer in (True, False):
        pinned = identity_of(trust, order, officer=officer).pinned
        in_force = trust.in_force(pinned, day)
        require(in_force, "identity-not-in-force", f"{pinned.id} {pinned.version}")


def digests(data: Buffer, gaps: Sequence[ContentsGap]) -> tuple[list[bytes], Sha256]:
    """SHA-256 of each range and of the file, in one pass.

    A later range begins with an earlier one's first part, so the running hash forks
    at each gap instead of starting again.
    """
    running, at, found = sha256(), 0, []
    with memoryview(data) as whole:
        for gap in gaps:
            running.update(whole[at : gap.start])
            at, fork = gap.start, running.copy()
            fork.update(whole[gap.end : gap.revision_end])
            found.append(fork.digest())
        running.update(whole[at:])
    return found, running.hexdigest()


def judge_signature(
    gap: ContentsGap,
    digest: bytes,
    identity: TrustedIdentity,
    trust: Trust,
    *,
    approved_at: datetime,
) -> JudgedSignature:
    signed = our_signature(unpad(gap.hexadecimal), digest)
    require(signed.signer == identity.der, "signer-not-as-ordered")
    if signed.token is None:
        refuse("timestamp-missing")
    stamp = judge_token(signed.token, SHA256.of(signed.value), trust.timestamps)
    check_times(gap.shown_at, stamp, approved_at)
    role = identity.pinned.role
    signer = leaf_under(trust.signers, signed.signer, stamp.moment, role)
    _check_certificates(signed, signer)
    return JudgedSignature(stamp.moment, signer, stamp.authority)


def check_times(shown_at: str, stamp: ProvenStamp, approved_at: datetime) -> None:
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


def _check_certificates(signed: VerifiedSignature, signer: UsedCertificate) -> None:
    """The chain without its root, no more and no less."""
    # The root is the reader's to have: one that a file brings along proves nothing.
    expected = set(signer.chain.authorities[:-1])
    require(not signed.others - expected, "cms-extra-certificate")
    require(signed.others == expected, "cms-certificates", "incomplete")
