"""The trust document, compiled once: parsed certificates, checked chains, look-ups."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ecopy.identifiers import Sha256
from ecopy.trust import PinnedIdentity, TrustDocument


@dataclass(frozen=True, slots=True)
class Chain:
    """Pinned authorities, the leaves' issuer first, the root last."""

    name: str
    authorities: tuple[bytes, ...]
    """DER."""
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """A pinned key of an officer or an agency."""

    pinned: PinnedIdentity
    certificate: x509.Certificate
    der: bytes


@dataclass(frozen=True, slots=True)
class Trust:
    """What the operator pins. Nothing from a file ever becomes an anchor."""

    signers: tuple[Chain, ...]
    timestamps: tuple[Chain, ...]
    identities: dict[Sha256, Identity]
    """By SHA-256 of the certificate."""


def compile_trust(document: TrustDocument) -> Trust:
    """Raises ValueError, with a sentence, for a document that cannot be used."""
    raise NotImplementedError
