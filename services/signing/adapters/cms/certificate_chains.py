"""The pinned chains of the trust document, parsed once. Nothing in an answer or a file
ever becomes a trust anchor.

Whether a certificate was revoked is asked elsewhere, in ``authorities``. Start at
``chain_of``; the gate's module of this name checks the same again, with code of its
own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ecopy.trust import PinnedChain

CERTIFICATES_KEPT = 256
"""How many certificates' checks are cached; the least used are made anew."""


class UntrustedError(Exception):
    """No pinned chain holds for this certificate at that time."""


@dataclass(frozen=True, slots=True)
class CertificateChain:
    """Authorities from the leaves' issuer up to the self-signed root."""

    name: str
    authorities: tuple[x509.Certificate, ...]
    valid_from: datetime
    valid_until: datetime

    @property
    def intermediates(self) -> tuple[x509.Certificate, ...]:
        """The authorities without the root: what a CMS carries beside its leaf."""
        return self.authorities[:-1]

    def holds(self, leaf: x509.Certificate, at: datetime) -> bool:
        """Whether *leaf* stands directly under this chain, and both are valid *at* that
        time.
        """
        if not self.valid_from <= at < self.valid_until:
            return False
        if not all(is_valid(c, at) for c in (leaf, *self.authorities)):
            return False
        return issued_by(leaf, self.authorities[0])


def parsed(pinned: Sequence[PinnedChain]) -> tuple[CertificateChain, ...]:
    """The pinned chains. Raises ValueError for one that does not lead from issuer to
    issuer.
    """
    return tuple(_parsed(chain) for chain in pinned)


def _parsed(pinned: PinnedChain) -> CertificateChain:
    authorities = tuple(
        x509.load_pem_x509_certificate(pem.encode()) for pem in pinned.certificates
    )
    if not authorities:
        raise ValueError(f"chain {pinned.name} is empty")
    above = (*authorities[1:], authorities[-1])
    for certificate, issuer in zip(authorities, above, strict=True):
        if not issued_by(certificate, issuer) or not is_authority(certificate):
            raise ValueError(f"chain {pinned.name} breaks at {certificate.subject}")
    if not all(is_modern(certificate) for certificate in authorities[:-1]):
        raise ValueError(f"chain {pinned.name} has a SHA-1 signature below its root")
    return CertificateChain(
        pinned.name, authorities, pinned.valid_from, pinned.valid_until
    )


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def chain_of(
    leaf: x509.Certificate, chains: Iterable[CertificateChain], at: datetime
) -> CertificateChain:
    """The chain that holds for *leaf*. Raises UntrustedError."""
    for chain in chains:
        if chain.holds(leaf, at):
            return chain
    raise UntrustedError(f"no pinned chain for {leaf.subject.rfc4514_string()}")


@lru_cache(CERTIFICATES_KEPT)
def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether *issuer*'s name and signature are on *certificate* (RFC 5280 section
    6.1.3). That never changes, so it is cached.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


@lru_cache(CERTIFICATES_KEPT)
def may_sign(leaf: x509.Certificate) -> bool:
    """Whether *leaf* is for digitalSignature or contentCommitment (RFC 5280 section
    4.2.1.3), is no authority, and is signed with SHA-2 like everything below a root.
    """
    if not is_modern(leaf) or is_authority(leaf):
        return False
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature or usage.content_commitment


def is_modern(
    signed: x509.Certificate | x509.CertificateRevocationList | ocsp.OCSPResponse,
) -> bool:
    """Whether it is signed with SHA-256, SHA-384 or SHA-512: what the gate takes below
    a root.
    """
    return isinstance(
        signed.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512
    )


def encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
