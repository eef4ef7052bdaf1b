"""Requests for timestamp tokens, and every check of the answer: status, nonce, imprint,
policy, time, signed attributes, signature and pinned path.

RFC 3161 sections 2.2 and 2.4.2, RFC 5816, RFC 5652 section 5.4. A stranger's bytes are
read here, so ``TokenRules.check`` turns whatever a parser raises into one refusal.
Start at ``TokenRules``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.asn1 import decode_der, encode_der
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.adapters.authorities.token_signatures import (
    RefusedTokenError,
    check_signer,
    require,
    signer_certificate,
)
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
    TimestampResponse,
    TstInfo,
    oid,
    tlv,
)

SKEW: Final = timedelta(minutes=2)
"""How far the TSA's clock and ours may be apart; the dialect allows five minutes to
/M."""
GRANTED: Final = (0, 1)
"""The statuses granted and grantedWithMods (RFC 3161 section 2.4.2)."""
_TRUE: Final = b"\x01\x01\xff"
_GENERALIZED_TIME: Final = b"\x18"
_TIME: Final = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{1,9})?Z", re.ASCII
)


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A checked TimeStampToken, as the TSA sent it."""

    der: bytes
    time: datetime
    certificate: x509.Certificate
    chain: CertificateChain


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What is asked for, and what an answer must be about."""

    digest: bytes
    nonce: int

    def query(self) -> bytes:
        """The DER of a TimeStampReq, version 1, which asks for the certificates too."""
        imprint = tlv(
            SEQUENCE,
            tlv(SEQUENCE, oid(der.SHA256)),
            tlv(OCTETS, self.digest),
        )
        nonce = tlv(INTEGER, self.nonce.to_bytes(9, "big"))
        return tlv(SEQUENCE, encode_der(1), imprint, nonce, _TRUE)


class DocumentDigest(bytes):
    """A SHA-256 that stands for a whole document, where content would be hashed."""

    __slots__ = ()


def timestamp_request(
    content: bytes | DocumentDigest, chance: bytes
) -> TimestampRequest:
    """A request for a token over *content*; *chance* are eight random octets."""
    digest = (
        content if isinstance(content, DocumentDigest) else sha256(content).digest()
    )
    return TimestampRequest(bytes(digest), int.from_bytes(b"\x01" + chance, "big"))


@dataclass(frozen=True, slots=True)
class TokenRules:
    """The rules by which a token counts."""

    chains: Sequence[CertificateChain]
    """The pinned chains of timestamp authorities."""
    policies: frozenset[str] = frozenset()
    """The accepted policy OIDs; none: any."""

    def check(
        self, answer: bytes, asked: TimestampRequest, now: datetime
    ) -> TimestampToken:
        """The token in *answer*. Raises RefusedTokenError and nothing else."""
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
        require(answer.endswith(raw), "encoded otherwise than we read it")
        require(token.type == der.SIGNED_DATA, "SignedData")
        require(signed.version == 3, "version 3")  # noqa: PLR2004 - RFC 5652, 5.1
        require(signed.content.type == der.TST_INFO, "TSTInfo")
        require(signed.crls is None, "no CRL in the token")
        time = self._check_info(decode_der(TstInfo, signed.content.data), asked, now)
        (signer,) = signed.signers.as_list()
        (named,) = signed.digests.as_list()
        require(signer.version == 1, "SignerInfo version 1")
        require(named.oid == signer.digest.oid, "one digest algorithm")
        require(signer.unsigned is None, "no unsigned attribute")
        certificates = signed.certificates or []
        certificate = signer_certificate(signer, certificates)
        check_signer(signer, certificate, signed.content.data)
        chain = self._chain(certificate, time)
        self._check_others(certificate, certificates)
        return TimestampToken(raw, time, certificate, chain)

    def _check_others(
        self, signer: x509.Certificate, certificates: Sequence[x509.Certificate]
    ) -> None:
        """Check that each certificate is pinned or the signer's, and stands there once:
        no signature covers them, and the gate takes no others.
        """
        pinned = {encoded(c) for chain in self.chains for c in chain.authorities}
        found = [encoded(c) for c in certificates]
        require(len(set(found)) == len(found), "each certificate once")
        extra = set(found) - pinned - {encoded(signer)}
        require(not extra, "no certificate but the pinned ones", "certificate")

    def _check_info(
        self, info: TstInfo, asked: TimestampRequest, now: datetime
    ) -> datetime:
        extensions = info.extensions or []
        require(info.version == 1, "TSTInfo version 1")
        require(not any(e.critical for e in extensions), "no critical extension")
        algorithm = info.imprint.algorithm.oid
        require(algorithm == der.SHA256, "imprint algorithm", "imprint")
        require(info.imprint.digest == asked.digest, "imprint", "imprint")
        require(info.nonce == asked.nonce, "nonce", "nonce")
        allowed = not self.policies or info.policy.dotted_string in self.policies
        require(allowed, f"policy {info.policy.dotted_string}", "policy")
        time = _time(info)
        require(abs(now - time) <= SKEW, f"genTime {time}", "time")
        return time

    def _chain(self, certificate: x509.Certificate, time: datetime) -> CertificateChain:
        """The pinned chain over *certificate*, whose usage must be critical and alone
        (RFC 3161 section 2.3).
        """
        require(_stamps_only(certificate), "sole critical key usage", "certificate")
        require(may_sign(certificate), "a signing certificate", "certificate")
        try:
            return chain_of(certificate, self.chains, time)
        except UntrustedError as error:
            raise RefusedTokenError(str(error), "certificate") from error


@lru_cache(CERTIFICATES_KEPT)
def _stamps_only(certificate: x509.Certificate) -> bool:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    alone = list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    return usage.critical and alone


def _time(info: TstInfo) -> datetime:
    """The token's GeneralizedTime in UTC; a fraction of a second is cut off (RFC 3161
    section 2.4.2).
    """
    text = bytes(info.time.data).decode("ascii")
    found = _TIME.fullmatch(text)
    if found is None or info.time.tag_bytes != _GENERALIZED_TIME:
        raise RefusedTokenError("genTime in UTC", "time")
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
