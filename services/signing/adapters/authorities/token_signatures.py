"""Who signed a timestamp token, and whether the signature is right (RFC 5652 section
5.4, RFC 3161 section 2.4.2, RFC 5816). What the token states is checked in
``timestamp_tokens.py``, under which chain too.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1

from cryptography import x509
from cryptography.hazmat.asn1 import TLV, encode_der
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ObjectIdentifier as Oid

from signing.adapters.authorities.governor import NoAnswerError
from signing.adapters.cms import der
from signing.adapters.cms.certificate_chains import CERTIFICATES_KEPT, encoded
from signing.adapters.cms.der import (
    SET,
    SignerInfo,
    SigningCertificate,
    digest_of,
    tlv,
)
from signing.adapters.cms.signed_data import check_signature


class RefusedTokenError(NoAnswerError):
    """The answer is not a timestamp for this signature under a pinned authority."""


def require(condition: object, what: str, kind: str = "shape") -> None:
    """Raises RefusedTokenError unless *condition* holds."""
    if not condition:
        raise RefusedTokenError(what, kind)


def signer_certificate(
    signer: SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The certificate that the SignerInfo names. Raises RefusedTokenError."""
    issuer = encode_der(signer.sid.issuer)
    for certificate in certificates:
        if (
            certificate.serial_number == signer.sid.serial
            and _issuer(certificate) == issuer
        ):
            return certificate
    raise RefusedTokenError("the signer's certificate is not in the token")


def check_signer(
    signer: SignerInfo, certificate: x509.Certificate, content: bytes
) -> None:
    """Check the signed attributes and the signature over them. Raises
    RefusedTokenError, or what reading a stranger's bytes raises.
    """
    algorithm = der.DIGESTS[signer.digest.oid]
    attributes = {a.type: a.values.as_list() for a in signer.attributes}
    single = all(len(values) == 1 for values in attributes.values())
    require(single and len(attributes) == len(signer.attributes), "attributes")
    kind = attributes[der.CONTENT_TYPE][0].parse(Oid)
    require(kind == der.TST_INFO, "content-type")
    digest = attributes[der.MESSAGE_DIGEST][0].parse(bytes)
    require(digest == digest_of(algorithm, content), "message-digest")
    require(_names(attributes, encoded(certificate)), "signing-certificate")
    public, name = certificate.public_key(), signer.algorithm.oid.dotted_string
    family = der.RSA if isinstance(public, RSAPublicKey) else der.ECDSA
    fits = name in der.SIGNATURES[signer.digest.oid] and name.startswith(family)
    require(fits, "signature algorithm")
    message = tlv(SET, *(encode_der(a) for a in signer.attributes))
    check_signature(public, signer.signature, message, algorithm)


def _names(attributes: dict[Oid, list[TLV]], certificate: bytes) -> bool:
    """Whether the attributes name *certificate*: by ESSCertIDv2, or by version 1 with
    SHA-1 (RFC 3161, still allowed by RFC 5816).

    Nothing rests on that SHA-1: the certificate is pinned by its chain.
    """
    if newer := attributes.get(der.SIGNING_CERTIFICATE_V2):
        ess = newer[0].parse(SigningCertificate).certificates[0]
        algorithm = ess.algorithm.oid if ess.algorithm else der.SHA256
        return bool(ess.digest == digest_of(der.DIGESTS[algorithm], certificate))
    older = attributes[der.SIGNING_CERTIFICATE][0]
    ess = older.parse(SigningCertificate).certificates[0]
    return bool(ess.digest == sha1(certificate, usedforsecurity=False).digest())


@lru_cache(CERTIFICATES_KEPT)
def _issuer(certificate: x509.Certificate) -> bytes:
    return certificate.issuer.public_bytes()
