"""Leaves under pinned chains (RFC 5280 §6.1). There is no path to build.

Whether it was revoked is asked in ``revocation``. Start at ``leaf_under``. Signing's
module of this name checks the same before a key is used, with code of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from storage.domain.gate.cms.algorithms import SIGNATURE_DIGESTS
from storage.domain.gate.cms.signed_data import certificate
from storage.domain.gate.refusal import refuse, require

Role: TypeAlias = Literal["officer", "seal", "tsa", "ocsp"]


_STAMPING: Final = ExtendedKeyUsageOID.TIME_STAMPING
_ANSWERING: Final = ExtendedKeyUsageOID.OCSP_SIGNING


@dataclass(frozen=True, slots=True)
class TrustedChain:
    """Pinned authorities, the leaves' issuer first, the self-signed root last; DER."""

    name: str
    authorities: tuple[bytes, ...]
    valid_from: datetime
    valid_until: datetime

    def stands_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment < self.valid_until


@dataclass(frozen=True, slots=True)
class UsedCertificate:
    """A certificate that was used, the chain it hangs from, and when it was used."""

    der: bytes
    chain: TrustedChain
    moment: datetime
    role: Role

    @property
    def serial(self) -> int:
        return certificate(self.der).serial_number

    @property
    def subject_name(self) -> str:
        """The common name in the certificate; the whole name where there is none."""
        subject = certificate(self.der).subject
        common = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(common[0].value) if common else subject.rfc4514_string()


def leaf_under(
    chains: Iterable[TrustedChain], der: bytes, moment: datetime, role: Role
) -> UsedCertificate:
    """The leaf, if it hangs from a chain that stood at that moment and fits its role.

    ``chain``: from none of ours; ``chain-period``: from one that did not stand;
    ``certificate-expired``; ``key-usage``.
    """
    ours = [c for c in chains if hangs_from(der, c.authorities[0])]
    require(ours, "chain", role)
    standing = next((c for c in ours if c.stands_at(moment)), None)
    if standing is None:
        refuse("chain-period", role)
    for encoded in (der, *standing.authorities):
        _check_alive(certificate(encoded), moment)
    require(_fits(der, role), "key-usage", role)
    return UsedCertificate(der, standing, moment, role)


def _check_alive(own: x509.Certificate, moment: datetime) -> None:
    alive = own.not_valid_before_utc <= moment <= own.not_valid_after_utc
    require(alive, "certificate-expired", f"{own.serial_number:x}")


@lru_cache(4096)
def hangs_from(der: bytes, authority: bytes) -> bool:
    """RFC 5280 §6.1.3 (a)(1) and (4). Immutable inputs, hence remembered."""
    own = certificate(der)
    try:
        own.verify_directly_issued_by(certificate(authority))
        digest = own.signature_hash_algorithm
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return der == authority or (digest is not None and digest.name in SIGNATURE_DIGESTS)


@lru_cache(4096)
def _fits(der: bytes, role: Role) -> bool:
    """Key usages of the role; a CA fits none."""
    try:
        extensions = {type(e.value): e for e in certificate(der).extensions}
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    constraints = extensions.get(x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        return False
    usage = extensions.get(x509.KeyUsage)
    if usage is None or usage.value.key_cert_sign:
        return False
    signs = usage.value.digital_signature or usage.value.content_commitment
    extended = extensions.get(x509.ExtendedKeyUsage)
    if role == "tsa":  # RFC 3161 §2.3: critical, and nothing but time stamping
        alone = extended is not None and list(extended.value) == [_STAMPING]
        return bool(signs and alone and extended and extended.critical)
    if role == "ocsp":  # RFC 6960 §4.2.2.2: named for it, and never asked about
        named = extended is not None and _ANSWERING in extended.value
        return bool(signs and named and x509.OCSPNoCheck in extensions)
    return bool(signs)
