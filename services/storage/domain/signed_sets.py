"""A signature of ours in plain bytes, whatever is left of the CMS round it.

What counts is the signature over the signed attributes (RFC 5652 §5.4). Everything
round them may be damaged, so the signer is found by the attribute that names it
(RFC 5035 §3), not by the frame; from that name the beginning of the set is looked for
backwards. Start at ``signers_in``.
"""

from collections.abc import Iterator
from typing import Final

from ecopy.identifiers import Sha256
from storage.domain.budget import SearchBudget
from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import SHA256, verify
from storage.domain.gate.cms.frame import SIGNING_CERTIFICATE_V2
from storage.domain.gate.pki.trust import Trust, TrustedIdentity
from storage.domain.gate.refusal import Refused, require

# Steps, measured on the machine that docs/decisions/0062 names.
_NAME_STEPS: Final = 500
_ATTEMPT_STEPS: Final = 300
_VERIFICATION_STEPS: Final = 20_000

_NAMED: Final = bytes([der.OID, len(SIGNING_CERTIFICATE_V2)]) + SIGNING_CERTIFICATE_V2
_REACH_BYTES: Final = 2048
"""How far before the name the set of attributes may begin."""
_CERT_ID_FIELDS: Final = 3
"""An ESSCertIDv2 has an algorithm, the digest and the issuer's serial."""


def signers_in(data: bytes, trust: Trust, budget: SearchBudget) -> Iterator[Sha256]:
    """Pinned certificates under which a signature in these plain bytes verifies, as
    SHA-256 of their DER; one may come several times. Raises SpentError.
    """
    at = data.find(_NAMED)
    while at >= 0:
        budget.spend(_NAME_STEPS)
        identity = _identity(data, at + len(_NAMED), trust)
        if identity is not None and _signed_before(data, at, identity, budget):
            yield identity.pinned.certificate_sha256
        at = data.find(_NAMED, at + 1)


def _signed_before(
    data: bytes, at: int, identity: TrustedIdentity, budget: SearchBudget
) -> bool:
    """Whether a set of attributes that names this signer is signed by it: the nearest
    beginning before the name is tried first.
    """
    for start in _sets_before(data, at):
        budget.spend(_ATTEMPT_STEPS)
        if _is_signed(data, start, at, identity, budget):
            return True
    return False


def _sets_before(data: bytes, at: int) -> Iterator[int]:
    """Where the [0] of the signed attributes could stand, the nearest first."""
    low = max(0, at - _REACH_BYTES)
    before = data[low:at]
    start = before.rfind(bytes([der.CONTEXT_0]))
    while start >= 0:
        yield low + start
        start = before.rfind(bytes([der.CONTEXT_0]), 0, start)


def _is_signed(
    data: bytes, start: int, at: int, identity: TrustedIdentity, budget: SearchBudget
) -> bool:
    """Whether what begins here is a set that is signed by this identity."""
    part = data[start : start + 2 * _REACH_BYTES]
    try:
        attributes = der.element(part, 0, len(part))
        require(attributes[3] > at - start, "cms-shape")
        algorithm = der.element(part, attributes[3], len(part))
        value = der.element(part, algorithm[3], len(part))
        tags = (algorithm[0], value[0])
        require(tags == (der.SEQUENCE, der.OCTETS), "cms-shape")
        budget.spend(_VERIFICATION_STEPS)
        # Signed as a SET, stored as [0] IMPLICIT: RFC 5652 §5.4.
        message = bytes([der.SET]) + part[1 : attributes[3]]
        public = identity.certificate.public_key()
        verify(public, der.content(part, value), message, SHA256, "signature")
    except Refused:
        return False
    return True


def _identity(data: bytes, at: int, trust: Trust) -> TrustedIdentity | None:
    """The pinned identity whose digest stands in
    SET { SigningCertificateV2 { { ESSCertIDv2 { … } } } }.
    """
    part = data[at : at + _REACH_BYTES]
    try:
        node = der.element(part, 0, len(part))
        for _ in range(3):
            node = der.element(part, node[2], node[3])
        named = [n for n in _first(part, node) if n[0] == der.OCTETS]
    except Refused:
        return None
    if len(named) != 1:
        return None
    return trust.identities.get(der.content(part, named[0]).hex())


def _first(part: bytes, node: der.Node) -> Iterator[der.Node]:
    """The few children that an ESSCertIDv2 has."""
    # Bounded: ``inside`` would read as many children as a stranger likes to write.
    at = node[2]
    for _ in range(_CERT_ID_FIELDS):
        if at >= node[3]:
            return
        child = der.element(part, at, node[3])
        yield child
        at = child[3]
