"""X.509 parts (RFC 5280): names, extensions, and the signing of a certificate.

What the development PKI issues, and to whom, is decided in ``pki``; here is only how a
certificate is written. Start at ``issue``.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import NameOID

from onebox.der import PrivateKey

LEAF_DAYS: Final = 1096
ORGANISATION: Final = "ecopy – bản thử nghiệm"


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A private key with the certificate that was issued for it."""

    name: str
    key: PrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the PKI server answers; written into every certificate."""

    base: str

    def extensions(self, issuer: str, *, ocsp: bool) -> list[x509.ExtensionType]:
        crl = x509.UniformResourceIdentifier(f"{self.base}/crl/{issuer}.crl")
        ca = x509.UniformResourceIdentifier(f"{self.base}/ca/{issuer}.cer")
        access = [x509.AccessDescription(Access.CA_ISSUERS, ca)]
        if ocsp:
            responder = x509.UniformResourceIdentifier(f"{self.base}/ocsp")
            access.insert(0, x509.AccessDescription(Access.OCSP, responder))
        point = x509.DistributionPoint([crl], None, None, None)
        return [
            x509.CRLDistributionPoints([point]),
            x509.AuthorityInformationAccess(access),
        ]


Extension = tuple[x509.ExtensionType, bool]


def self_signed(
    name: str, subject: x509.Name, key: PrivateKey, *, start: datetime, days: int
) -> CertifiedKey:
    certificate = _build(
        subject=subject,
        key=key,
        issuer=subject,
        issuer_key=key,
        start=start,
        days=days,
        extensions=authority_extensions(path_length=None),
    )
    return CertifiedKey(name, key, certificate)


def issue(
    name: str,
    subject: x509.Name,
    key: PrivateKey,
    issuer: CertifiedKey,
    *,
    start: datetime,
    extensions: list[Extension],
    days: int = LEAF_DAYS,
) -> CertifiedKey:
    certificate = _build(
        subject=subject,
        key=key,
        issuer=issuer.certificate.subject,
        issuer_key=issuer.key,
        start=start,
        days=days,
        extensions=extensions,
    )
    return CertifiedKey(name, key, certificate)


def _build(
    *,
    subject: x509.Name,
    key: PrivateKey,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    start: datetime,
    days: int,
    extensions: list[Extension],
) -> x509.Certificate:
    public, issuer_public = key.public_key(), issuer_key.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(secrets.randbits(127) | 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )
    for extension, critical in [
        *extensions,
        *plain([identifier, authority]),
    ]:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def name_of(common: str, organisation: str = ORGANISATION) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def plain(extensions: list[x509.ExtensionType]) -> list[Extension]:
    return [(extension, False) for extension in extensions]


def authority_extensions(path_length: int | None) -> list[Extension]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (key_usage(digital_signature=False, authority=True), True),
    ]


def key_usage(
    *,
    digital_signature: bool = True,
    content_commitment: bool = False,
    authority: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
