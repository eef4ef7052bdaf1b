"""The development TSA: RFC 3161 tokens, SHA-256 signature, whole seconds.

Over HTTP it is served by ``pki_server``. Start at ``Tsa.answer``.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from cryptography import x509
from cryptography.hazmat.asn1 import (
    Default,
    Null,
    decode_der,
    encode_der,
)
from cryptography.hazmat.asn1 import (
    sequence as sequence_type,
)

from onebox.der import (
    BITS,
    TIME,
    TST_INFO,
    PrivateKey,
    oid,
    sequence,
    signed_content,
    tlv,
)

POLICY: Final = "1.3.6.1.4.1.32473.1.1"
"""Under the arc that RFC 5612 keeps for examples."""
DIGEST_SIZES: Final = {
    "2.16.840.1.101.3.4.2.1": 32,
    "2.16.840.1.101.3.4.2.2": 48,
    "2.16.840.1.101.3.4.2.3": 64,
}
"""Imprints that are stamped: SHA-256, SHA-384, SHA-512."""
SERIAL_BITS: Final = 127

_GRANTED, _REJECTED = 0, 2
BAD_ALGORITHM, BAD_REQUEST, BAD_FORMAT, BAD_POLICY = 0, 2, 5, 15
"""PKIFailureInfo, RFC 3161 §2.4.2."""
_VERSION: Final = encode_der(1)
_POLICY_OID: Final = oid(POLICY)


@sequence_type
class Algorithm:
    oid: x509.ObjectIdentifier
    parameters: Null | None


@sequence_type
class Imprint:
    algorithm: Algorithm
    digest: bytes


@sequence_type
class Query:
    version: int
    imprint: Imprint
    policy: x509.ObjectIdentifier | None
    nonce: int | None
    certificates: Annotated[bool, Default(False)]


@dataclass(frozen=True, slots=True)
class Tsa:
    key: PrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    def answer(self, query: bytes, *, now: datetime) -> bytes:
        """TimeStampResp for a TimeStampReq; a bad query is answered, never raised."""
        try:
            asked = decode_der(Query, query)
        except ValueError:
            return rejection(BAD_FORMAT)
        wrong = fault(asked)
        if wrong is not None:
            return rejection(wrong)
        return sequence(sequence(encode_der(_GRANTED)), self._token(asked, now))

    def _token(self, asked: Query, now: datetime) -> bytes:
        embedded = (self.certificate, self.issuer) if asked.certificates else ()
        return signed_content(
            TST_INFO,
            _info(asked, now),
            key=self.key,
            certificate=self.certificate,
            embedded=embedded,
        )


def fault(asked: Query) -> int | None:
    """Why this query gets no token: a PKIFailureInfo bit, or None."""
    if asked.version != 1:
        return BAD_REQUEST
    if asked.policy is not None and asked.policy.dotted_string != POLICY:
        return BAD_POLICY
    size = DIGEST_SIZES.get(asked.imprint.algorithm.oid.dotted_string)
    if size is None:
        return BAD_ALGORITHM
    return None if len(asked.imprint.digest) == size else BAD_FORMAT


def rejection(failure: int) -> bytes:
    """A TimeStampResp without a token."""
    unused = 7 - failure % 8
    bits = bytes(failure // 8) + bytes((1 << unused,))
    failure_info = tlv(BITS, bytes((unused,)) + bits)
    return sequence(sequence(encode_der(_REJECTED), failure_info))


def _info(asked: Query, now: datetime) -> bytes:
    nonce = b"" if asked.nonce is None else encode_der(asked.nonce)
    return sequence(
        _VERSION,
        _POLICY_OID,
        encode_der(asked.imprint),
        encode_der(secrets.randbits(SERIAL_BITS)),
        tlv(TIME, now.strftime("%Y%m%d%H%M%SZ").encode()),
        nonce,
    )
