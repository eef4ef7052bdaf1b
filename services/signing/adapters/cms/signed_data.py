"""CMS SignedData for PAdES, from DER parts that are computed once per certificate.

RFC 5652, RFC 5035 (signing-certificate-v2), RFC 6211 (algorithm protection), RFC
5754; ETSI EN 319 142-1 section 6.3: no signing-time (the time is /M). Why no library
builds it: decision 0011. Start at ``CmsTemplate``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.asn1 import encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier as Oid

from signing.adapters.cms import der
from signing.adapters.cms.der import OCTETS, SEQUENCE, SET, oid, tlv

Sign = Callable[[bytes], bytes]
"""A key at work: signs a message (the DER of the signed attributes) with SHA-256; RSA
PKCS#1 v1.5, or ECDSA as a DER Ecdsa-Sig-Value. PKCS#11 and CSC fit this one shape."""
MIN_RSA_BITS: Final = 2048
CURVES: Final = ("secp256r1", "secp384r1")
SHA256_HASH: Final = hashes.SHA256()
_RSA_WITH_SHA256: Final = tlv(SEQUENCE, oid(Oid(der.RSA + "11")), b"\x05\x00")
_ECDSA_WITH_SHA256: Final = tlv(SEQUENCE, oid(Oid(der.ECDSA + "2")))
_UNSIGNED, _SIGNED, _CERTIFICATES, _EXPLICIT = b"\xa1", b"\xa0", 0xA0, 0xA0


class WrongKeyError(ValueError):
    """A key's signature does not verify by its certificate, or it is too weak."""


def check_signature(
    public: object,
    signature: bytes,
    message: bytes,
    digest: hashes.HashAlgorithm = SHA256_HASH,
) -> None:
    """Raises InvalidSignature, or WrongKeyError for a key that is not accepted."""
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= MIN_RSA_BITS:
        public.verify(signature, message, padding.PKCS1v15(), digest)
        return
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in CURVES:
        public.verify(signature, message, ec.ECDSA(digest))
        return
    raise WrongKeyError("key not accepted: RSA from 2048 bits, P-256 or P-384")


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """The signed attributes, and the signature over them."""

    attributes: bytes
    value: bytes


class CmsTemplate:
    """What is the same in every signature of one certificate: a template with gaps for
    the digest of the content, the signature's value and the timestamp token.
    """

    def __init__(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        self.certificate = certificate
        self.public = certificate.public_key()
        issuer = certificate.issuer.public_bytes()
        if issuer not in certificate.tbs_certificate_bytes:
            raise WrongKeyError("the issuer's name does not survive re-encoding")
        encoded = [c.public_bytes(Encoding.DER) for c in (certificate, *chain)]
        is_rsa = isinstance(self.public, rsa.RSAPublicKey)
        self._algorithm = _RSA_WITH_SHA256 if is_rsa else _ECDSA_WITH_SHA256
        self._digest = tlv(SEQUENCE, oid(der.SHA256))
        self._certificates = tlv(_CERTIFICATES, *sorted(encoded))
        self._signer = encode_der(1) + tlv(
            SEQUENCE, issuer, encode_der(certificate.serial_number)
        )
        attributes = self._attributes(encoded[0])
        self._before, self._after = attributes.split(_HOLE)
        self.size = len(self.signed_data(SignedAttributes(attributes, bytes(512)), b""))
        """How many bytes a CMS has without its token; 512 of them are for the value, as
        RSA-4096 is the longest signature.
        """

    def sign(self, digest: bytes, sign: Sign) -> SignedAttributes:
        """Use the key, once. Its signature is verified here, so that what a wrong slot
        of an HSM or a faulty computation made never leaves. Raises WrongKeyError.
        """
        attributes = digest.join((self._before, self._after))
        value = sign(attributes)
        try:
            check_signature(self.public, value, attributes)
        except InvalidSignature as error:
            raise WrongKeyError("the key is not the certificate's") from error
        return SignedAttributes(attributes, value)

    def signed_data(self, signed: SignedAttributes, token: bytes) -> bytes:
        """The DER of a ContentInfo with SignedData; *token* is a TimeStampToken."""
        timestamp = _attribute(der.TIMESTAMP_TOKEN, token)
        signer = tlv(
            SEQUENCE,
            self._signer,
            self._digest,
            _SIGNED,
            signed.attributes[1:],  # [0] IMPLICIT replaces the tag of the SET
            self._algorithm,
            tlv(OCTETS, signed.value),
            tlv(_UNSIGNED[0], timestamp),
        )
        inner = tlv(
            SEQUENCE,
            encode_der(1),
            tlv(SET, self._digest),
            tlv(SEQUENCE, oid(der.DATA)),
            self._certificates,
            tlv(SET, signer),
        )
        return tlv(SEQUENCE, oid(der.SIGNED_DATA), tlv(_EXPLICIT, inner))

    def _attributes(self, certificate: bytes) -> bytes:
        """The signed attributes, sorted by their encodings (X.690 section 11.6), with a
        gap for the digest.
        """
        identifier = tlv(SEQUENCE, tlv(OCTETS, sha256(certificate).digest()))
        protection = tlv(SEQUENCE, self._digest, b"\xa1" + self._algorithm[1:])
        return tlv(
            SET,
            *sorted(
                (
                    _attribute(der.CONTENT_TYPE, oid(der.DATA)),
                    _attribute(der.MESSAGE_DIGEST, tlv(OCTETS, _HOLE)),
                    _attribute(
                        der.SIGNING_CERTIFICATE_V2,
                        tlv(SEQUENCE, tlv(SEQUENCE, identifier)),
                    ),
                    _attribute(der.ALGORITHM_PROTECTION, protection),
                )
            ),
        )


_HOLE: Final = bytes(32)


def _attribute(kind: Oid, value: bytes) -> bytes:
    return tlv(SEQUENCE, oid(kind), tlv(SET, value))
