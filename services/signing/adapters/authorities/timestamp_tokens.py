"""Checks of a timestamp token: status, nonce, imprint, policy, time, signed
attributes, signature and pinned path, at every answer.

RFC 3161 sections 2.2 and 2.4.2, RFC 5816, RFC 5652 section 5.4. Any other exception
than RefusedToken would be a fault of ours; ``check`` turns all into that one, because
a stranger's bytes are being read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha1, sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.asn1 import TLV, decode_der, encode_der
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ObjectIdentifier as Oid
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.adapters.authorities.governor import NoAnswerError
from signing.adapters.cms import der
from signing.adapters.cms.certificate_chains import (
    CERTIFICATES_KEPT,
    CertificateChain,
    UntrustedError,
    chain_of,
    encoded,
    may_sign,
)
from signing.adapters.cms.der import (
    INTEGER,
    OCTETS,
    SEQUENCE,
    SET,
    SignerInfo,
    SigningCertificate,
    TimestampResponse,
    TstInfo,
    digest_of,
    oid,
    tlv,
)
from signing.adapters.cms.signed_data import check_signature

SKEW: Final = timedelta(minutes=2)
"""Between the TSA's clock and ours; the dialect allows five minutes to /M."""
GRANTED: Final = (0, 1)
_TRUE: Final = b"\x01\x01\xff"
_GENERALIZED_TIME: Final = b"\x18"
_TIME: Final = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{1,9})?Z", re.ASCII
)


class RefusedTokenError(NoAnswerError):
    """The answer is not a timestamp for this signature under a pinned authority."""


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A checked TimeStampToken, as the TSA sent it."""

    der: bytes
    time: datetime
    certificate: x509.Certificate
    chain: CertificateChain


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What an answer must be about."""

    digest: bytes
    nonce: int

    def query(self) -> bytes:
        """TimeStampReq, version 1, with the certificates asked for."""
        imprint = tlv(
            SEQUENCE,
            tlv(SEQUENCE, oid(der.SHA256)),
            tlv(OCTETS, self.digest),
        )
        nonce = tlv(INTEGER, self.nonce.to_bytes(9, "big"))
        return tlv(SEQUENCE, encode_der(1), imprint, nonce, _TRUE)


class DocumentDigest(bytes):
    """A SHA-256 that is made already, in place of the content: of a whole document."""

    __slots__ = ()


def timestamp_request(
    content: bytes | DocumentDigest, chance: bytes
) -> TimestampRequest:
    """*chance*: eight random octets."""
    digest = (
        content if isinstance(content, DocumentDigest) else sha256(content).digest()
    )
    return TimestampRequest(bytes(digest), int.from_bytes(b"\x01" + chance, "big"))


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Whose tokens count, and under which policies (none: any)."""

    chains: Sequence[CertificateChain]
    policies: frozenset[str] = frozenset()

    def check(
        self, answer: bytes, asked: TimestampRequest, now: datetime
    ) -> TimestampToken:
        """Raises RefusedTokenError and nothing else."""
        try:
            return self._check(answer, asked, now)
        except RefusedTokenError:
            raise
        except Exception as error:
            # A parser's whole repertoire on foreign bytes is one refusal.
            what = f"{type(error).__name__} {error}"
            raise RefusedTokenError(what, "garbage") from error

    def _check(
        self, answer: bytes, asked: TimestampRequest, now: datetime
    ) -> TimestampToken:
        response = decode_der(TimestampResponse, answer)
        token = response.token
        if response.status.code not in GRANTED or token is None:
            status = response.status
            what = f"status {status.code} {status.text}"
            raise RefusedTokenError(what, "rejected")
        raw, signed = encode_der(token), token.data
        _require(answer.endswith(raw), "encoded otherwise than we read it")
        _require(token.type == der.SIGNED_DATA, "SignedData")
        _require(signed.version == 3, "version 3")  # noqa: PLR2004 - RFC 5652, 5.1
        _require(signed.content.type == der.TST_INFO, "TSTInfo")
        _require(signed.crls is None, "no CRL in the token")
        time = self._check_info(decode_der(TstInfo, signed.content.data), asked, now)
        (signer,) = signed.signers.as_list()
        (named,) = signed.digests.as_list()
        _require(signer.version == 1, "SignerInfo version 1")
        _require(named.oid == signer.digest.oid, "one digest algorithm")
        _require(signer.unsigned is None, "no unsigned attribute")
        certificates = signed.certificates or []
        certificate = _signer_certificate(signer, certificates)
        _check_signer(signer, certificate, signed.content.data)
        chain = self._chain(certificate, time)
        self._check_others(certificate, certificates)
        return TimestampToken(raw, time, certificate, chain)

    def _check_others(
        self, signer: x509.Certificate, certificates: Sequence[x509.Certificate]
    ) -> None:
        """Each is pinned or the signer's, and stands there once: no signature covers
        them, and the gate takes no others.
        """
        pinned = {encoded(c) for chain in self.chains for c in chain.authorities}
        found = [encoded(c) for c in certificates]
        _require(len(set(found)) == len(found), "each certificate once")
        extra = set(found) - pinned - {encoded(signer)}
        _require(not extra, "no certificate but the pinned ones", "certificate")

    def _check_info(
        self, info: TstInfo, asked: TimestampRequest, now: datetime
    ) -> datetime:
        extensions = info.extensions or []
        _require(info.version == 1, "TSTInfo version 1")
        _require(not any(e.critical for e in extensions), "no critical extension")
        algorithm = info.imprint.algorithm.oid
        _require(algorithm == der.SHA256, "imprint algorithm", "imprint")
        _require(info.imprint.digest == asked.digest, "imprint", "imprint")
        _require(info.nonce == asked.nonce, "nonce", "nonce")
        allowed = not self.policies or info.policy.dotted_string in self.policies
        _require(allowed, f"policy {info.policy.dotted_string}", "policy")
        time = _time(info)
        _require(abs(now - time) <= SKEW, f"genTime {time}", "time")
        return time

    def _chain(self, certificate: x509.Certificate, time: datetime) -> CertificateChain:
        """Pinned, and the usage critical and alone (RFC 3161 section 2.3)."""
        _require(_stamps_only(certificate), "sole critical key usage", "certificate")
        _require(may_sign(certificate), "a signing certificate", "certificate")
        try:
            return chain_of(certificate, self.chains, time)
        except UntrustedError as error:
            raise RefusedTokenError(str(error), "certificate") from error


@lru_cache(CERTIFICATES_KEPT)
def _stamps_only(certificate: x509.Certificate) -> bool:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    alone = list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    return usage.critical and alone


@lru_cache(CERTIFICATES_KEPT)
def _issuer(certificate: x509.Certificate) -> bytes:
    return certificate.issuer.public_bytes()


def _require(condition: object, what: str, kind: str = "shape") -> None:
    if not condition:
        raise RefusedTokenError(what, kind)


def _time(info: TstInfo) -> datetime:
    """GeneralizedTime in UTC; a fraction of a second is cut (RFC 3161, 2.4.2)."""
    text = bytes(info.time.data).decode("ascii")
    found = _TIME.fullmatch(text)
    if found is None or info.time.tag_bytes != _GENERALIZED_TIME:
        raise RefusedTokenError("genTime in UTC", "time")
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _signer_certificate(
    signer: SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    issuer = encode_der(signer.sid.issuer)
    for certificate in certificates:
        if (
            certificate.serial_number == signer.sid.serial
            and _issuer(certificate) == issuer
        ):
            return certificate
    raise RefusedTokenError("the signer's certificate is not in the token")


def _check_signer(
    signer: SignerInfo, certificate: x509.Certificate, content: bytes
) -> None:
    algorithm = der.DIGESTS[signer.digest.oid]
    attributes = {a.type: a.values.as_list() for a in signer.attributes}
    single = all(len(values) == 1 for values in attributes.values())
    _require(single and len(attributes) == len(signer.attributes), "attributes")
    kind = attributes[der.CONTENT_TYPE][0].parse(Oid)
    _require(kind == der.TST_INFO, "content-type")
    digest = attributes[der.MESSAGE_DIGEST][0].parse(bytes)
    _require(digest == digest_of(algorithm, content), "message-digest")
    _require(_names(attributes, encoded(certificate)), "signing-certificate")
    public, name = certificate.public_key(), signer.algorithm.oid.dotted_string
    family = der.RSA if isinstance(public, RSAPublicKey) else der.ECDSA
    fits = name in der.SIGNATURES[signer.digest.oid] and name.startswith(family)
    _require(fits, "signature algorithm")
    message = tlv(SET, *(encode_der(a) for a in signer.attributes))
    check_signature(public, signer.signature, message, algorithm)


def _names(attributes: dict[Oid, list[TLV]], certificate: bytes) -> bool:
    """ESSCertID v2, or v1 with SHA-1 (RFC 3161, still allowed by RFC 5816).

    No path rests on that SHA-1: the certificate is pinned by its chain.
    """
    if newer := attributes.get(der.SIGNING_CERTIFICATE_V2):
        ess = newer[0].parse(SigningCertificate).certificates[0]
        algorithm = ess.algorithm.oid if ess.algorithm else der.SHA256
        return bool(ess.digest == digest_of(der.DIGESTS[algorithm], certificate))
    older = attributes[der.SIGNING_CERTIFICATE][0]
    ess = older.parse(SigningCertificate).certificates[0]
    return bool(ess.digest == sha1(certificate, usedforsecurity=False).digest())
