"""The few algorithms that count, by their object identifiers, and one verification."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from storage.domain.gate.cms.der import NULL, OID, SEQUENCE, oid
from storage.domain.gate.refusal import Refused, refuse, require

MIN_RSA_BITS: Final = 2048
CURVES: Final = frozenset({"secp256r1", "secp384r1"})


AuthorityKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Digest:
    name: str
    new: Callable[..., Any]
    """The constructor of hashlib."""
    algorithm: hashes.HashAlgorithm
    """The same digest for ``cryptography``, which verifies."""

    def of(self, data: bytes) -> bytes:
        return bytes(self.new(data).digest())


SHA1: Final = Digest("sha1", hashlib.sha1, hashes.SHA1())  # noqa: S303 - names only
SHA256: Final = Digest("sha256", hashlib.sha256, hashes.SHA256())
SHA384: Final = Digest("sha384", hashlib.sha384, hashes.SHA384())
SHA512: Final = Digest("sha512", hashlib.sha512, hashes.SHA512())

SHA256_OID: Final = oid("2.16.840.1.101.3.4.2.1")
DIGESTS: Final = {
    SHA256_OID: SHA256,
    oid("2.16.840.1.101.3.4.2.2"): SHA384,
    oid("2.16.840.1.101.3.4.2.3"): SHA512,
}
SIGNATURE_DIGESTS: Final = frozenset({"sha256", "sha384", "sha512"})
"""Digests that a certificate, a revocation list or an answer may be signed over, named
as ``cryptography`` names them."""

RSA_ANY: Final = oid("1.2.840.113549.1.1.1")
"""RFC 3370 §3.2: rsaEncryption too means PKCS #1 v1.5; the digest stands beside it."""
RSA_SHA256: Final = oid("1.2.840.113549.1.1.11")
ECDSA_SHA256: Final = oid("1.2.840.10045.4.3.2")


def _spelled(identifier: bytes, parameters: bytes) -> bytes:
    content = bytes([OID, len(identifier)]) + identifier + parameters
    return bytes([SEQUENCE, len(content)]) + content


_SIGNATURES: Final = {
    RSA_SHA256: ("rsa", SHA256),
    oid("1.2.840.113549.1.1.12"): ("rsa", SHA384),
    oid("1.2.840.113549.1.1.13"): ("rsa", SHA512),
    ECDSA_SHA256: ("ec", SHA256),
    oid("1.2.840.10045.4.3.3"): ("ec", SHA384),
    oid("1.2.840.10045.4.3.4"): ("ec", SHA512),
}


SIGNATURE_ALGORITHMS: Final = frozenset(
    _spelled(identifier, NULL if kind == "rsa" else b"")
    for identifier, (kind, _) in _SIGNATURES.items()
)
"""Each AlgorithmIdentifier of a signature as RFC 4055 §5 and RFC 5758 §3.2 write it:
with NULL for RSA and with nothing for ECDSA."""


def signature_digest(identifier: bytes, digest: Digest) -> tuple[str, Digest]:
    """Kind of key and digest that a SignerInfo's signature algorithm stands for."""
    if identifier == RSA_ANY:
        return "rsa", digest
    found = _SIGNATURES.get(identifier)
    if found is None:
        refuse("cms-algorithm", identifier.hex())
    require(found[1] is digest, "cms-algorithm", "two digests")
    return found


def verify(
    public: object, signature: bytes, signed: bytes, digest: Digest, reason: str
) -> str:
    """``rsa`` or ``ec``, if the signature holds under a key that counts."""
    try:
        if isinstance(public, rsa.RSAPublicKey) and public.key_size >= MIN_RSA_BITS:
            public.verify(signature, signed, padding.PKCS1v15(), digest.algorithm)
            return "rsa"
        if (
            isinstance(public, ec.EllipticCurvePublicKey)
            and public.curve.name in CURVES
        ):
            public.verify(signature, signed, ec.ECDSA(digest.algorithm))
            return "ec"
    except InvalidSignature:
        refuse(reason)
    raise Refused("cms-algorithm", "key")
