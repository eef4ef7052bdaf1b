"""CMS signatures of one shape, ours and a time-stamp authority's (RFC 5652).

One signer, one digest, no revocation lists inside, every attribute known. No path is
built here: the caller says who the signer must be.
"""

from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509

from storage.domain.gate import der
from storage.domain.gate.algorithms import (
    DIGESTS,
    SHA1,
    SHA256,
    signature_digest,
    verify,
)
from storage.domain.gate.frame import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    OURS,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    TOKEN,
    Frame,
    Rules,
    read_frame,
    unsigned_token,
)
from storage.domain.gate.refusal import refuse, require


@dataclass(frozen=True, slots=True)
class Signed:
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


@lru_cache(4096)
def certificate(encoded: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(encoded)


def unpad(hexadecimal: bytes) -> bytes:
    """The one DER element at the start of a /Contents; the rest of it is zero."""
    padded = bytes.fromhex(hexadecimal.decode("ascii"))
    end = der.element(padded, 0, len(padded))[3]
    require(not any(padded[end:]), "contents-padding")
    return padded[:end]


def our_signature(data: bytes, digest: bytes) -> Signed:
    """One of our two signatures over the bytes with this SHA-256."""
    frame = read_frame(data, OURS)
    require(not frame.content, "cms-not-detached")
    attributes = _attributes(frame, OURS)
    require(
        attributes[MESSAGE_DIGEST] == _octets(digest), "message-digest", "of the range"
    )
    signed = _signed(frame, attributes)
    pinned = _pinned_certificate(signed.signer)
    require(attributes[SIGNING_CERTIFICATE_V2] == pinned, "signing-certificate")
    return signed


def token_signature(data: bytes) -> Signed:
    """A time-stamp token's frame; what it stamps is read by ``timestamps``."""
    frame = read_frame(data, TOKEN)
    require(frame.content, "cms-shape", "nothing encapsulated")
    attributes = _attributes(frame, TOKEN)
    stamped = _octets(frame.digest.of(frame.content))
    require(attributes[MESSAGE_DIGEST] == stamped, "message-digest", "of the token")
    return _signed(frame, attributes)


def _pinned_certificate(signer: bytes) -> bytes:
    """RFC 5035 §3 as our template writes it: SHA-256 by default, nothing else."""
    digest = SHA256.of(signer)
    return bytes([0x30, 0x26, 0x30, 0x24, 0x30, 0x22]) + _octets(digest)


def _octets(value: bytes) -> bytes:
    return bytes([der.OCTETS, len(value)]) + value


def _attributes(frame: Frame, rules: Rules) -> dict[bytes, bytes]:
    """The signed attributes, one value each, in DER's order (X.690 §11.6)."""
    data, found = frame.data, dict[bytes, bytes]()
    nodes = der.inside(data, frame.info[3])
    sources = [der.source(data, n) for n in nodes]
    require(sources == sorted(sources), "cms-attributes", "order")
    for node in nodes:
        name, values = der.inside(data, node, der.OID, der.SET)
        key = der.content(data, name)
        require(key not in found, "cms-attributes", "twice")
        value, *more = der.inside(data, values) or refuse("cms-attributes", "empty")
        require(not more, "cms-attributes", "several values")
        found[key] = der.source(data, value)
    known = rules.required <= found.keys() <= rules.permitted
    require(known, "cms-attributes", [key.hex() for key in found])
    kind = bytes([der.OID, len(rules.content_type)]) + rules.content_type
    require(found[CONTENT_TYPE] == kind, "cms-attributes", "content type")
    _check_protection(frame, found.get(ALGORITHM_PROTECTION))
    return found


def _check_protection(frame: Frame, value: bytes | None) -> None:
    """RFC 6211 §2: the two algorithms once more, under the signature."""
    if value is None:
        return
    node = der.whole(value)
    digest, signature = der.inside(
        value, node, der.SEQUENCE, der.CONTEXT_1, reason="algorithm-protection"
    )
    info, data = frame.info, frame.data
    same = der.source(value, digest) == der.source(data, info[2])
    require(same, "algorithm-protection", "digest")
    same = der.content(value, signature) == der.content(data, info[4])
    require(same, "algorithm-protection", "signature")


def _signed(frame: Frame, attributes: dict[bytes, bytes]) -> Signed:
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
    message = bytes([der.SET]) + der.source(data, info[3])[1:]
    value = der.content(data, info[5])
    used = verify(public.public_key(), value, message, digest, "signature")
    require(used == kind, "cms-algorithm", "another kind of key")
    others = frozenset(frame.certificates.values()) - {signer}
    return Signed(signer, others, value, unsigned_token(frame), frame.content)


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
