"""Certificate revocation lists (RFC 5280 section 5), taken only where every validator
reads them alike: whole, direct, for all reasons.
"""

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509

from signing.adapters.authorities.ocsp import CLOCKS, UnusableAnswerError
from signing.adapters.cms.certificate_chains import is_authority, is_modern
from signing.adapters.cms.der import holds_bits


def checked_list(
    content: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> x509.CertificateRevocationList:
    """The issuer's list in *content*, which would name *certificate* if it was revoked.
    Raises UnusableAnswerError and nothing else.
    """
    try:
        return _check_crl(_loaded(content), certificate, issuer, now)
    except UnusableAnswerError:
        raise
    except Exception as error:
        # A parser's whole repertoire on foreign bytes is one "not usable".
        raise UnusableAnswerError(f"{type(error).__name__} {error}") from error


def _loaded(content: bytes) -> x509.CertificateRevocationList:
    listed = x509.load_der_x509_crl(content)
    if not holds_bits(content, listed.signature):
        raise UnusableAnswerError("bits of the signature")
    return listed


def _check_crl(
    listed: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> x509.CertificateRevocationList:
    if listed.issuer != issuer.subject:
        raise UnusableAnswerError("another issuer's CRL")
    signed = listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    if not signed or not is_modern(listed):
        raise UnusableAnswerError("signature of the CRL")
    ended = listed.next_update_utc is None or listed.next_update_utc <= now
    if ended or listed.last_update_utc > now + CLOCKS:
        raise UnusableAnswerError("the CRL is not of this day")
    if not _covers(listed, certificate):
        raise UnusableAnswerError("the CRL leaves this certificate out")
    return listed


def crl_urls(certificate: x509.Certificate) -> Iterable[str]:
    """The addresses of CRLs that *certificate* itself names."""
    try:
        points = certificate.extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        )
    except x509.ExtensionNotFound:
        return
    for point in points.value:
        for name in point.full_name or ():
            if str(name.value).startswith("http"):
                yield str(name.value)


def _covers(
    listed: x509.CertificateRevocationList, certificate: x509.Certificate
) -> bool:
    """Whether the list has no critical extension but a distribution point that takes
    this certificate in.
    """
    for extension in listed.extensions:
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            if not _takes_in(extension.value, certificate):
                return False
        elif extension.critical:
            return False
    return True


def _takes_in(
    point: x509.IssuingDistributionPoint, certificate: x509.Certificate
) -> bool:
    partial = point.only_some_reasons or point.only_contains_attribute_certs
    if partial or point.indirect_crl or point.relative_name:
        return False
    if point.only_contains_user_certs and is_authority(certificate):
        return False
    if point.only_contains_ca_certs and not is_authority(certificate):
        return False
    names = {str(name.value) for name in point.full_name or ()}
    return not names or not names.isdisjoint(crl_urls(certificate))
