"""The trust document, compiled once: parsed certificates, checked chains, look-ups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ecopy.identifiers import Sha256
from ecopy.trust import Merger, PinnedChain, PinnedIdentity, TrustDocument
from storage.domain.gate.cms.algorithms import SHA256, SIGNATURE_DIGESTS
from storage.domain.gate.cms.signed_data import certificate
from storage.domain.gate.pki.certificate_chains import TrustedChain, hangs_from
from storage.domain.gate.refusal import Refused


@dataclass(frozen=True, slots=True)
class TrustedIdentity:
    """A pinned key of an officer or an agency."""

    pinned: PinnedIdentity
    der: bytes

    @property
    def certificate(self) -> x509.Certificate:
        return certificate(self.der)


@dataclass(frozen=True, slots=True)
class Trust:
    """What the operator pins. Nothing from a file ever becomes an anchor."""

    signers: tuple[TrustedChain, ...]
    timestamps: tuple[TrustedChain, ...]
    identities: dict[Sha256, TrustedIdentity]
    """Officers and agencies, each under the SHA-256 of its certificate."""
    mergers: tuple[Merger, ...] = ()
    """Agencies that are part of another one by now."""
    # The document itself decides who was in force when: signing asks it, too, so that
    # nothing is signed which is refused here.
    in_force: Callable[[PinnedIdentity, date], bool] = PinnedIdentity.holds


def compile_trust(document: TrustDocument) -> Trust:
    """Raises ValueError, with a sentence, for a document that cannot be used."""
    identities = [_identity(pinned) for pinned in document.identities]
    found = {i.pinned.certificate_sha256: i for i in identities}
    if len(found) != len(identities):
        raise ValueError("two identities of the trust document share a certificate")
    return Trust(
        tuple(_chain(chain) for chain in document.signers),
        tuple(_chain(chain) for chain in document.timestamps),
        found,
        document.mergers,
        document.in_force,
    )


def _identity(pinned: PinnedIdentity) -> TrustedIdentity:
    der = _der(pinned.certificate, pinned.id)
    if SHA256.of(der).hex() != pinned.certificate_sha256:
        raise ValueError(f"the certificate of {pinned.id} is not the one it names")
    return TrustedIdentity(pinned, der)


def _chain(pinned: PinnedChain) -> TrustedChain:
    authorities = tuple(_der(pem, pinned.name) for pem in pinned.certificates)
    if not authorities:
        raise ValueError(f"the pinned chain {pinned.name} is empty")
    for der, above in pairwise((*authorities, authorities[-1])):
        _check_authority(der, above, pinned.name)
    _check_period(pinned.name, pinned.valid_from, pinned.valid_until)
    return TrustedChain(pinned.name, authorities, pinned.valid_from, pinned.valid_until)


def _check_authority(der: bytes, above: bytes, name: str) -> None:
    """RFC 5280 §4.2.1.3, §4.2.1.9: a CA, issued by the next one of the list."""
    if not hangs_from(der, above):
        raise ValueError(f"the pinned chain {name} is no chain up to its own root")
    own = certificate(der)
    constraints = own.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = own.extensions.get_extension_for_class(x509.KeyUsage)
    if not (constraints.value.ca and usage.value.key_cert_sign):
        raise ValueError(f"the pinned chain {name} holds a certificate that is no CA")
    digest = own.signature_hash_algorithm
    if der != above and (digest is None or digest.name not in SIGNATURE_DIGESTS):
        raise ValueError(f"the pinned chain {name} has a link weaker than SHA-256")


def _check_period(name: str, start: datetime, end: datetime) -> None:
    if start >= end:
        raise ValueError(f"the pinned chain {name} ends before it begins")


def _der(pem: str, name: str) -> bytes:
    try:
        der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
        certificate(der)
    except (ValueError, Refused) as error:
        raise ValueError(f"a certificate of {name} cannot be read") from error
    return der
