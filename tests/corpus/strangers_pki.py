"""Authorities that nobody here knows, and the people and offices that they certify."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

SIGNED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
START = SIGNED - timedelta(days=300)
END = SIGNED + timedelta(days=700)
TAX_CODE = "MST:0300588569"
CITIZEN = "CCCD:001085012345"
TSA_USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
_QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")


@dataclass(frozen=True, eq=False)
class Holder:
    """A key and its certificate."""

    key: Any
    certificate: x509.Certificate

    @property
    def asn1_certificate(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        encoded = self.key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        return asn1_keys.PrivateKeyInfo.load(encoded)


def name(common: str = "", organisation: str = "", user: str = "") -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN")]
    parts += [(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    parts += [(NameOID.COMMON_NAME, common)] if common else []
    parts += [(NameOID.USER_ID, user)] if user else []
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def new_key(algorithm: str) -> Any:
    if algorithm == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def holder(
    subject: x509.Name,
    *,
    by: Holder | None = None,
    algorithm: str = "ecdsa",
    authority: bool = False,
    until: datetime = END,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> Holder:
    """Certified by an authority, or by itself."""
    key = new_key(algorithm)
    signer = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), True)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.ExtendedKeyUsage)
        builder = builder.add_extension(extension, critical)
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Holder(key, builder.sign(signer, digest))


@cache
def root() -> Holder:
    return holder(name("Gốc Thử Nghiệm Sao Mai", "Công ty Sao Mai"), authority=True)


@cache
def authority() -> Holder:
    subject = name("SaoMai-CA SHA-256", "Công ty Sao Mai")
    return holder(subject, by=root(), authority=True)


@cache
def person(algorithm: str = "ecdsa") -> Holder:
    subject = name("Trần Thị Bích Hạnh", "Văn phòng Luật Hoa Sen", CITIZEN)
    return holder(subject, by=authority(), algorithm=algorithm)


@cache
def office() -> Holder:
    subject = name("Sở Tư pháp tỉnh Lâm Sơn", "UBND tỉnh Lâm Sơn", TAX_CODE)
    return holder(subject, by=authority(), algorithm="rsa")


@cache
def sealing_office() -> Holder:
    """An electronic seal by the European statement (EN 319 412-5)."""
    seal = bytes.fromhex("060704008e46010602")
    kind = _tlv(0x30, seal)
    statements = _tlv(0x30, _tlv(0x30, bytes.fromhex("060604008e460106") + kind))
    extension = x509.UnrecognizedExtension(_QC_STATEMENTS, statements)
    return holder(name("Etat", "Etat"), by=authority(), extensions=(extension,))


@cache
def tsa() -> Holder:
    subject = name("SaoMai-TSA 2", "Công ty Sao Mai")
    return holder(subject, by=authority(), algorithm="rsa", extensions=(TSA_USAGE,))


@cache
def expired_person() -> Holder:
    past = SIGNED - timedelta(days=90)
    return holder(name("Người Đã Hết Hạn"), by=authority(), until=past)


@cache
def self_signed_person() -> Holder:
    return holder(name("Ai Cũng Được"))


def person_with_addresses(base: str) -> Holder:
    """A certificate that names where to ask about it: nobody may go there."""
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(method, x509.UniformResourceIdentifier(base + path))
            for method, path in (
                (AuthorityInformationAccessOID.OCSP, "/ocsp"),
                (AuthorityInformationAccessOID.CA_ISSUERS, "/issuer.cer"),
            )
        ]
    )
    place = x509.UniformResourceIdentifier(base + "/list.crl")
    lists = x509.CRLDistributionPoints(
        [x509.DistributionPoint([place], None, None, None)]
    )
    return holder(name("Lê Văn Có Địa Chỉ"), by=authority(), extensions=(access, lists))


def _tlv(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body
