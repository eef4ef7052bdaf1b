"""CMS signatures of one shape, ours and a time-stamp authority's (RFC 5652).

One signer, one digest, no revocation lists inside, every attribute known. No path is
built here: the caller says who the signer must be. Start at ``our_signature``.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509

from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import (
    DIGESTS,
    ECDSA_SHA256,
    RSA_SHA256,
    SHA1,
    SHA256,
    SHA256_OID,
    signature_digest,
    verify,
)
from storage.domain.gate.cms.frame import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    OURS,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    TOKEN,
    TST_INFO,
    Frame,
    read_frame,
    unsigned_token,
)
from storage.domain.gate.refusal import refuse, require

_OUR_ATTRIBUTES: Final = {
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_CERTIFICATE_V2,
    ALGORITHM_PROTECTION,
}
_SHA256_ALGORITHM: Final = bytes([0x30, 0x0B, 0x06, 0x09]) + SHA256_OID
_VERSION_3: Final = bytes([der.CONTEXT_0, 3, der.INTEGER, 1, 2])
_SIGNATURE_ALGORITHMS: Final = {
    bytes([0x30, 0x0D, 0x06, 0x09]) + RSA_SHA256 + der.NULL,
    bytes([0x30, 0x0A, 0x06, 0x08]) + ECDSA_SHA256,
}


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A SignedData whose signature holds; who may have made it is the caller's."""

    signer: bytes
    """DER of the signer's certificate."""
    others: frozenset[bytes]
    """DER of the certificates beside it."""
    value: bytes
    """The signature."""
    token: bytes | None
    content: bytes
    """Encapsulated; empty for a detached signature."""


# A few authorities and officers sign everything, and each is asked for many times.
@lru_cache(4096)
def certificate(encoded: bytes) -> x509.Certificate:
    """RFC 5280 §4.1, version 3 with a positive serial number, in one encoding only."""
    reason = "certificate-shape"
    body, _, signature = der.inside(
        encoded, der.whole(encoded), der.SEQUENCE, der.SEQUENCE, der.BITS, reason=reason
    )
    der.octets_of_bits(encoded, signature, reason)
    parts = der.inside(encoded, body)
    require(len(parts) > 1, reason, "short")
    version, serial = parts[:2]
    require(der.source(encoded, version) == _VERSION_3, reason, "version")
    require(der.number(encoded, serial) > 0, reason, "serial number")
    try:
        return x509.load_der_x509_certificate(encoded)
    except (ValueError, x509.InvalidVersion) as error:
        refuse(reason, error)


def unpad(hexadecimal: bytes) -> bytes:
    """The one DER element at the start of a /Contents; the rest of it is zero."""
    padded = bytes.fromhex(hexadecimal.decode("ascii"))
    end = der.element(padded, 0, len(padded))[3]
    require(not any(padded[end:]), "contents-padding")
    return padded[:end]


def our_signature(data: bytes, digest: bytes) -> VerifiedSignature:
    """One of our two signatures over the bytes with this SHA-256.

    docs/dialect.md §3: not only the attributes, each octet of them is known.
    """
    frame = read_frame(data, OURS)
    require(not frame.content, "cms-not-detached")
    attributes = _attributes(frame, DATA)
    require(attributes.keys() == _OUR_ATTRIBUTES, "cms-attributes", "other ones")
    same = attributes[MESSAGE_DIGEST] == _octets(digest)
    require(same, "message-digest", "of the range")
    signed = _signed(frame, attributes)
    named = b"\x30\x26\x30\x24\x30\x22" + _octets(SHA256.of(signed.signer))
    require(attributes[SIGNING_CERTIFICATE_V2] == named, "signing-certificate")
    _check_exact(frame, attributes[ALGORITHM_PROTECTION])
    return signed


def token_signature(data: bytes) -> VerifiedSignature:
    """A time-stamp token's frame; what it stamps is read by ``timestamps``."""
    frame = read_frame(data, TOKEN)
    require(frame.content, "cms-shape", "nothing encapsulated")
    attributes = _attributes(frame, TST_INFO)
    stamped = _octets(frame.digest.of(frame.content))
    require(attributes[MESSAGE_DIGEST] == stamped, "message-digest", "of the token")
    return _signed(frame, attributes)


def _check_exact(frame: Frame, protection: bytes) -> None:
    """DER's order of sets, algorithms without variants, and both protected.

    X.690 §11.6; RFC 5754 §2, §3.2; RFC 6211 §2.
    """
    data, info = frame.data, frame.info
    sources = [der.source(data, node) for node in der.inside(data, info[3])]
    require(sources == sorted(sources), "cms-attributes", "order")
    listed = list(frame.certificates.values())
    require(listed == sorted(listed), "cms-certificates", "order")
    digest = der.source(data, info[2])
    require(digest == _SHA256_ALGORITHM, "cms-algorithm", "digest's parameters")
    signature = der.source(data, info[4])
    require(signature in _SIGNATURE_ALGORITHMS, "cms-algorithm", "signature's")
    both = digest + bytes([der.CONTEXT_1]) + signature[1:]
    expected = bytes([der.SEQUENCE, len(both)]) + both
    require(protection == expected, "algorithm-protection")


def _octets(value: bytes) -> bytes:
    return bytes([der.OCTETS, len(value)]) + value


def _attributes(frame: Frame, content_type: bytes) -> dict[bytes, bytes]:
    """The signed attributes, each once and with one value (RFC 5652 §11)."""
    data, found = frame.data, dict[bytes, bytes]()
    for node in der.inside(data, frame.info[3]):
        name, values = der.inside(data, node, der.OID, der.SET)
        key = der.content(data, name)
        require(key not in found, "cms-attributes", "twice")
        value, *more = der.inside(data, values) or refuse("cms-attributes", "empty")
        require(not more, "cms-attributes", "several values")
        found[key] = der.source(data, value)
    needed = {CONTENT_TYPE, MESSAGE_DIGEST}
    require(needed <= found.keys(), "cms-attributes", "missing")
    kind = bytes([der.OID, len(content_type)]) + content_type
    require(found[CONTENT_TYPE] == kind, "cms-attributes", "content type")
    return found


def _signed(frame: Frame, attributes: dict[bytes, bytes]) -> VerifiedSignature:
    """RFC 5652 §5.4: the signature over the attributes, by the certificate named."""
    data, info = frame.data, frame.info
    signer = _named_certificate(frame, attributes)
    public = certificate(signer)
    issuer, serial = der.inside(data, info[1], der.SEQUENCE, der.INTEGER)
    same = der.source(data, issuer) == public.issuer.public_bytes()
    require(same, "signer-identifier", "issuer")
    same = der.number(data, serial) == public.serial_number
    require(same, "signer-identifier", "serial")
    kind, digest = signature_digest(der.algorithm(data, info[4]), frame.digest)
    # RFC 5652 §5.4: stored as [0] IMPLICIT, signed as the SET that it is.
    message = bytes([der.SET]) + der.source(data, info[3])[1:]
    value = der.content(data, info[5])
    used = verify(public.public_key(), value, message, digest, "signature")
    require(used == kind, "cms-algorithm", "another kind of key")
    others = frozenset(frame.certificates.values()) - {signer}
    return VerifiedSignature(
        signer, others, value, unsigned_token(frame), frame.content
    )


def _named_certificate(frame: Frame, attributes: dict[bytes, bytes]) -> bytes:
    """The certificate that the signed attributes name (RFC 5035 §5, RFC 2634 §5.4)."""
    second = attributes.get(SIGNING_CERTIFICATE_V2)
    value = second or attributes.get(SIGNING_CERTIFICATE)
    if value is None:
        refuse("cms-attributes", "no signing certificate")
    listed = der.inside(value, der.whole(value))
    require(listed and listed[0][0] == der.SEQUENCE, "signing-certificate")
    ids = der.inside(value, listed[0])
    require(ids and ids[0][0] == der.SEQUENCE, "signing-certificate")
    fields = der.inside(value, ids[0])
    # v1 knows SHA-1 only: harmless, since the certificate found must hang from a pin
    digest = SHA1 if second is None else SHA256
    if second is not None and fields and fields[0][0] == der.SEQUENCE:
        named = DIGESTS.get(der.algorithm(value, fields.pop(0)))
        digest = named or refuse("cms-algorithm", "signing certificate")
    require(fields and fields[0][0] == der.OCTETS, "signing-certificate")
    wanted = der.content(value, fields[0])
    match = [c for c in frame.certificates.values() if digest.of(c) == wanted]
    require(len(match) == 1, "signing-certificate", "not in the set")
    return match[0]
