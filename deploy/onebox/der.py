"""DER by hand for what ``cryptography`` does not build: CMS SignedData, RFC 3161.

It shares no line with signing's client or storage's reader, so that neither is tested
against itself (docs/decisions/0021). Start at ``signed_content``.
"""

from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.asn1 import encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

SEQUENCE, SET, OCTETS, TIME, BITS = 0x30, 0x31, 0x04, 0x18, 0x03
LONG_FORM = 0x80

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element of definite length (X.690 §8.1)."""
    body = b"".join(parts)
    length = len(body)
    if length < LONG_FORM:
        return bytes((tag, length)) + body
    size = (length.bit_length() + 7) // 8
    return bytes((tag, LONG_FORM | size)) + length.to_bytes(size, "big") + body


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A SET OF, its elements sorted by encoding, as DER wants it (X.690 §11.6)."""
    return tlv(SET, *sorted(parts))


def oid(dotted: str) -> bytes:
    return encode_der(x509.ObjectIdentifier(dotted))


SIGNED_DATA = oid("1.2.840.113549.1.7.2")
TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
SHA256 = oid("2.16.840.1.101.3.4.2.1")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")
_ALGORITHM_PROTECTION = oid("1.2.840.113549.1.9.52")
_RSA_WITH_SHA256 = sequence(oid("1.2.840.113549.1.1.11"), b"\x05\x00")
_ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"))
_SIGNED_DATA_VERSION, _SIGNER_INFO_VERSION = encode_der(3), encode_der(1)


def signed_content(
    kind: bytes,
    content: bytes,
    *,
    key: PrivateKey,
    certificate: x509.Certificate,
    embedded: tuple[x509.Certificate, ...],
) -> bytes:
    """ContentInfo with SignedData over *content* (RFC 5652, RFC 5035, RFC 6211).

    Signed attributes: content-type, message-digest, signing-certificate-v2 and
    algorithm protection; no signing-time, the content carries its own.
    """
    algorithm = _algorithm_of(key)
    attributes = _signed_attributes(kind, content, certificate, algorithm)
    signer = sequence(
        _SIGNER_INFO_VERSION,
        sequence(
            certificate.issuer.public_bytes(), encode_der(certificate.serial_number)
        ),
        sequence(SHA256),
        b"\xa0" + attributes[1:],
        algorithm,
        tlv(OCTETS, sign(key, attributes)),
    )
    data = sequence(
        _SIGNED_DATA_VERSION,
        set_of(sequence(SHA256)),
        sequence(kind, tlv(0xA0, tlv(OCTETS, content))),
        _certificates(embedded),
        set_of(signer),
    )
    return sequence(SIGNED_DATA, tlv(0xA0, data))


def sign(key: PrivateKey, message: bytes) -> bytes:
    """RSA PKCS#1 v1.5 or ECDSA, with SHA-256."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def _algorithm_of(key: PrivateKey) -> bytes:
    return (
        _RSA_WITH_SHA256 if isinstance(key, rsa.RSAPrivateKey) else _ECDSA_WITH_SHA256
    )


def _certificates(embedded: tuple[x509.Certificate, ...]) -> bytes:
    if not embedded:
        return b""
    return tlv(0xA0, *sorted(c.public_bytes(Encoding.DER) for c in embedded))


def _signed_attributes(
    kind: bytes, content: bytes, certificate: x509.Certificate, algorithm: bytes
) -> bytes:
    digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
    signing_certificate = sequence(sequence(sequence(tlv(OCTETS, digest))))
    # RFC 6211 §2: the signature algorithm stands under [1] IMPLICIT.
    protection = sequence(sequence(SHA256), b"\xa1" + algorithm[1:])
    return set_of(
        _attribute(_CONTENT_TYPE, kind),
        _attribute(_MESSAGE_DIGEST, tlv(OCTETS, sha256(content).digest())),
        _attribute(_SIGNING_CERTIFICATE_V2, signing_certificate),
        _attribute(_ALGORITHM_PROTECTION, protection),
    )


def _attribute(kind: bytes, value: bytes) -> bytes:
    return sequence(kind, tlv(SET, value))
