"""DER: written by hand where bytes are built, read strictly by type.

X.690; the schema is that of RFC 5652 (CMS), RFC 3161 (TSP) and RFC 5035 (ESS). Written
by hand, because a template that is filled has to keep every other byte as it is; read
with ``cryptography``'s ASN.1. The gate has its own reader, on purpose (decision 0011).
Start at ``tlv``.
"""

from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat.asn1 import (
    TLV,
    BitString,
    Default,
    Explicit,
    Implicit,
    Null,
    SetOf,
    encode_der,
    sequence,
)
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ObjectIdentifier as Oid

_PKCS: Final = "1.2.840.113549.1."
SIGNED_DATA: Final = Oid(_PKCS + "7.2")
DATA: Final = Oid(_PKCS + "7.1")
TST_INFO: Final = Oid(_PKCS + "9.16.1.4")
CONTENT_TYPE: Final = Oid(_PKCS + "9.3")
MESSAGE_DIGEST: Final = Oid(_PKCS + "9.4")
SIGNING_CERTIFICATE: Final = Oid(_PKCS + "9.16.2.12")
SIGNING_CERTIFICATE_V2: Final = Oid(_PKCS + "9.16.2.47")
ALGORITHM_PROTECTION: Final = Oid(_PKCS + "9.52")
TIMESTAMP_TOKEN: Final = Oid(_PKCS + "9.16.2.14")
RSA: Final = _PKCS + "1."
ECDSA: Final = "1.2.840.10045.4.3."
SHA256: Final = Oid("2.16.840.1.101.3.4.2.1")
DIGESTS: Final[dict[Oid, hashes.HashAlgorithm]] = {
    SHA256: hashes.SHA256(),
    Oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384(),
    Oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512(),
}
SIGNATURES: Final[dict[Oid, tuple[str, ...]]] = dict(
    zip(
        DIGESTS,
        (
            (RSA + "1", RSA + "11", ECDSA + "2"),
            (RSA + "1", RSA + "12", ECDSA + "3"),
            (RSA + "1", RSA + "13", ECDSA + "4"),
        ),
        strict=True,
    )
)
"""Which signature algorithms may be named with each digest."""
SEQUENCE, SET, OCTETS, INTEGER, BITS = 0x30, 0x31, 0x04, 0x02, 0x03
NULL: Final = b"\x05\x00"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER element (X.690 section 8.1, definite length)."""
    body = b"".join(parts)
    length = len(body)
    if length < 0x80:  # noqa: PLR2004 - the short form's limit
        return bytes((tag, length)) + body
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + body


def holds_bits(encoded: bytes, signature: bytes) -> bool:
    """Whether *signature* stands in *encoded* as whole octets. A last zero bit could be
    called unused (X.690 section 11.2): it would verify, and the gate refuses it.
    """
    return tlv(BITS, b"\x00", signature) in encoded


def oid(identifier: Oid) -> bytes:
    return encode_der(identifier)


def digest_of(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    hashed = hashes.Hash(algorithm)
    hashed.update(content)
    return hashed.finalize()


@sequence
class AlgorithmIdentifier:
    oid: Oid
    parameters: Null | None


@sequence
class MessageImprint:
    algorithm: AlgorithmIdentifier
    digest: bytes


@sequence
class Attribute:
    type: Oid
    values: SetOf[TLV]


@sequence
class Content:
    type: Oid
    data: Annotated[bytes, Explicit(0)]


@sequence
class IssuerAndSerial:
    issuer: TLV
    serial: int


@sequence
class SignerInfo:
    version: int
    sid: IssuerAndSerial
    digest: AlgorithmIdentifier
    attributes: Annotated[list[Attribute], Implicit(0)]
    """A list keeps the order; [0] IMPLICIT replaces the tag of the SET."""
    algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned: Annotated[list[Attribute] | None, Implicit(1)]


@sequence
class SignedData:
    version: int
    digests: SetOf[AlgorithmIdentifier]
    content: Content
    certificates: Annotated[list[x509.Certificate] | None, Implicit(0)]
    """A list: not every TSA sorts this SET."""
    crls: Annotated[list[TLV] | None, Implicit(1)]
    signers: SetOf[SignerInfo]


@sequence
class SignedToken:
    type: Oid
    data: Annotated[SignedData, Explicit(0)]


@sequence
class Status:
    code: int
    text: list[str] | None
    failure: BitString | None


@sequence
class TimestampResponse:
    status: Status
    token: SignedToken | None


@sequence
class CertificateExtension:
    type: Oid
    critical: Annotated[bool, Default(False)]
    value: bytes


@sequence
class TstInfo:
    version: int
    policy: Oid
    imprint: MessageImprint
    serial: int
    time: TLV
    """GeneralizedTime, which may have a fraction (RFC 3161 section 2.4.2)."""
    accuracy: list[TLV] | None
    ordering: Annotated[bool, Default(False)]
    nonce: int | None
    tsa: Annotated[list[TLV] | None, Implicit(0)]
    extensions: Annotated[list[CertificateExtension] | None, Implicit(1)]


@sequence
class EssCertId:
    algorithm: AlgorithmIdentifier | None
    """The digest's algorithm, in version 2 only. Where it is absent it is SHA-256
    there, and SHA-1 in version 1.
    """
    digest: bytes
    issuer: list[TLV] | None


@sequence
class SigningCertificate:
    certificates: list[EssCertId]
    policies: list[TLV] | None
