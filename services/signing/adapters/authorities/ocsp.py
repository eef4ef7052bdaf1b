"""The OCSP request for one certificate, and every check of the answer (RFC 6960 section
3.2). Start at ``good_answer``; the gate's ``pki/ocsp.py`` checks the same again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from signing.adapters.authorities.governor import NoAnswerError
from signing.adapters.cms.certificate_chains import (
    is_modern,
    is_valid,
    issued_by,
    may_sign,
)
from signing.adapters.cms.der import BITS, NULL, RSA, SEQUENCE, oid, tlv
from signing.adapters.cms.signed_data import WrongKeyError, check_signature

CLOCKS: Final = timedelta(minutes=5)
"""How far a responder's clock may be ahead of ours."""
GATE_FRESH: Final = timedelta(hours=24)
"""How far the gate lets an answer lie from the use that it speaks of (docs/dialect.md
section 5)."""
OLDEST: Final = timedelta(hours=20)
"""How old an answer may be. The gate takes 24 hours round the timestamp, which leaves
room for an answer from the cache."""


class UnusableAnswerError(NoAnswerError):
    """An answer that nobody has to believe about this certificate."""

    opens = False  # the next certificate may have a good one


@dataclass(frozen=True, slots=True)
class Good:
    """An answer that says "not revoked"."""

    this_update: datetime
    next_update: datetime | None
    responder: x509.Certificate | None
    """The delegate that signed it; None if the issuer itself did."""


def request_for(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """An OCSPRequest about *certificate*. SHA-1 names it, because many responders look
    a certificate up by no other digest.
    """
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        certificate,
        issuer,
        hashes.SHA1(),  # noqa: S303 - an identifier, not a proof (RFC 6960, 4.1.1)
    )
    return builder.build().public_bytes(Encoding.DER)


def good_answer(
    content: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> Good | None:
    """What the answer in *content* says; None if it says revoked. Raises
    UnusableAnswerError and nothing else.
    """
    try:
        return _good_answer(content, certificate, issuer, now)
    except UnusableAnswerError:
        raise
    except Exception as error:
        # A parser's whole repertoire on foreign bytes is one "not usable".
        raise UnusableAnswerError(f"{type(error).__name__} {error}") from error


def ocsp_urls(certificate: x509.Certificate) -> Iterable[str]:
    """The addresses of OCSP responders that *certificate* itself names."""
    try:
        access = certificate.extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        )
    except x509.ExtensionNotFound:
        return
    for description in access.value:
        if description.access_method == AuthorityInformationAccessOID.OCSP:
            yield str(description.access_location.value)


def _good_answer(
    content: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> Good | None:
    answer = _loaded(content)
    responder = _responder(answer, issuer, now)
    signer = issuer if responder is None else responder
    if answer.serial_number != certificate.serial_number:
        raise UnusableAnswerError("about another certificate")
    if not _same_issuer(answer, certificate, issuer):
        raise UnusableAnswerError("about another issuer")
    _check_signature(answer, signer)
    _check_time(answer, now)
    if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        return None
    if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise UnusableAnswerError("status unknown")
    return Good(answer.this_update_utc, answer.next_update_utc, responder)


def _loaded(content: bytes) -> ocsp.OCSPResponse:
    try:
        answer = ocsp.load_der_ocsp_response(content)
    except ValueError as error:
        raise UnusableAnswerError("not an OCSP answer") from error
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise UnusableAnswerError(answer.response_status.name)
    if len(list(answer.responses)) != 1:
        raise UnusableAnswerError("several answers in one")
    if _signature(answer) not in content:
        raise UnusableAnswerError("spelling of the signature")
    return answer


def _signature(answer: ocsp.OCSPResponse) -> bytes:
    """The signature with its algorithm in their one spelling. Nothing signs how they
    are written, so the gate takes no other one (docs/dialect.md section 10.9).
    """
    name = answer.signature_algorithm_oid
    parameters = NULL if name.dotted_string.startswith(RSA) else b""
    algorithm = tlv(SEQUENCE, oid(name), parameters)
    return algorithm + tlv(BITS, b"\x00", answer.signature)


def _responder(
    answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime
) -> x509.Certificate | None:
    """The delegate that the issuer has named for this (section 4.2.2.2); None for the
    issuer itself.
    """
    brought = list(answer.certificates)
    others = [certificate for certificate in brought if certificate != issuer]
    if not others:
        return None
    # Nothing signs which certificates an answer brings along, so the gate takes these
    # two and no others.
    if len(others) > 1 or len(set(brought)) < len(brought):
        raise UnusableAnswerError("more certificates than the responder's")
    (responder,) = others
    if not (issued_by(responder, issuer) and _is_delegate(responder)):
        raise UnusableAnswerError("a stranger's certificate")
    if not is_valid(responder, now):
        raise UnusableAnswerError("the responder's certificate has ended")
    return responder


def _is_delegate(certificate: x509.Certificate) -> bool:
    """Whether the certificate is named for OCSP and has id-pkix-ocsp-nocheck, so that
    nobody has to ask about it again.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage.value and may_sign(certificate)


def _same_issuer(
    answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    expected = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, issuer, answer.hash_algorithm)
        .build()
    )
    return (answer.issuer_key_hash, answer.issuer_name_hash) == (
        expected.issuer_key_hash,
        expected.issuer_name_hash,
    )


def _check_signature(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> None:
    algorithm = answer.signature_hash_algorithm
    if algorithm is None or not is_modern(answer):
        raise UnusableAnswerError("signature algorithm")
    try:
        check_signature(
            signer.public_key(),
            answer.signature,
            answer.tbs_response_bytes,
            algorithm,
        )
    except (InvalidSignature, WrongKeyError) as error:
        raise UnusableAnswerError("signature of the answer") from error


def _check_time(answer: ocsp.OCSPResponse, now: datetime) -> None:
    if not now - OLDEST <= answer.this_update_utc <= now + CLOCKS:
        raise UnusableAnswerError(f"of {answer.this_update_utc}")
    if answer.next_update_utc is not None and answer.next_update_utc <= now:
        raise UnusableAnswerError(f"ended {answer.next_update_utc}")
