"""Authorities, tokens and revocation answers for forged and good copies.

Made in memory with ``cryptography`` and a few lines of DER, sharing nothing with the
service that signs: the gate is tested against the page that both were written from.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from hashlib import sha1, sha256
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from storage.domain.gate.cms.der import oid

APPROVED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_serials = count(0x1000)

SIGNED_DATA = oid("1.2.840.113549.1.7.2")
TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
HASHES = {
    "sha256": (oid("2.16.840.1.101.3.4.2.1"), hashes.SHA256(), "11", "2"),
    "sha384": (oid("2.16.840.1.101.3.4.2.2"), hashes.SHA384(), "12", "3"),
    "sha512": (oid("2.16.840.1.101.3.4.2.3"), hashes.SHA512(), "13", "4"),
}


Fields = dict[str, bytes]
"""The fields of a SEQUENCE by name, in their order."""


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(0x30, tlv(6, kind), tlv(0x31, value))


def algorithm(identifier: bytes, *, null: bool = False) -> bytes:
    return tlv(0x30, tlv(6, identifier), b"\x05\x00" if null else b"")


@dataclass(eq=False)
class Entity:
    """A key with its certificate."""

    name: str
    issuer: "Entity | None" = None
    rsa_bits: int = 0
    """0: ECDSA."""
    curve: ec.EllipticCurve = field(default_factory=ec.SECP256R1)
    ca: bool = False
    certifies: bool | None = None
    """Whether the key usage lets it sign certificates; None: as an authority does."""
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    """Under the issuer's signature."""
    usage: Sequence[x509.ObjectIdentifier] = ()
    critical: bool = True
    signs: bool = True
    start: datetime = APPROVED - 300 * DAY
    end: datetime = APPROVED + 900 * DAY
    extra: Sequence[x509.ExtensionType] = ()
    serial: int = field(default_factory=lambda: next(_serials))

    @cached_property
    def key(self) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        if self.rsa_bits:
            return rsa.generate_private_key(65537, self.rsa_bits)
        return ec.generate_private_key(self.curve)

    @cached_property
    def subject(self) -> x509.Name:
        names = {NameOID.COUNTRY_NAME: "VN", NameOID.COMMON_NAME: self.name}
        return x509.Name([x509.NameAttribute(k, v) for k, v in names.items()])

    @cached_property
    def certificate(self) -> x509.Certificate:
        above = self.issuer or self
        usage = dict.fromkeys(
            (
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        signs = self.signs and (not self.ca or self.certifies is not None)
        usage |= {
            "digital_signature": signs,
            "content_commitment": signs and not self.usage,
            "key_cert_sign": self.ca if self.certifies is None else self.certifies,
            "crl_sign": self.ca,
        }
        usage["key_encipherment"] = not self.signs
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(above.subject)
            .public_key(self.key.public_key())
            .serial_number(self.serial)
            .not_valid_before(self.start)
            .not_valid_after(self.end)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.BasicConstraints(self.ca, None), critical=True)
        )
        if self.usage:
            extended = x509.ExtendedKeyUsage(self.usage)
            builder = builder.add_extension(extended, critical=self.critical)
        for one in self.extra:
            builder = builder.add_extension(one, critical=False)
        return builder.sign(above.key, self.digest)

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def sha256(self) -> str:
        return sha256(self.der).hexdigest()

    def sign(self, message: bytes, digest: str = "sha256") -> bytes:
        named = HASHES[digest][1]
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), named)
        return self.key.sign(message, ec.ECDSA(named))

    def algorithm(self, digest: str = "sha256") -> bytes:
        _, _, of_rsa, of_ec = HASHES[digest]
        if self.rsa_bits:
            return algorithm(oid(f"1.2.840.113549.1.1.{of_rsa}"), null=True)
        return algorithm(oid(f"1.2.840.10045.4.3.{of_ec}"))

    @property
    def identifier(self) -> bytes:
        """IssuerAndSerialNumber."""
        issuer = (self.issuer or self).subject.public_bytes()
        return tlv(0x30, issuer, integer(self.serial))


@dataclass(eq=False)
class Pki:
    """A root, an issuing authority, and everybody who works under it."""

    name: str = "Dev"

    def __post_init__(self) -> None:
        stamping = [ExtendedKeyUsageOID.TIME_STAMPING]
        answering = [ExtendedKeyUsageOID.OCSP_SIGNING]
        self.root = Entity("Root", ca=True)
        self.issuing = Entity("Issuing", self.root, ca=True)
        self.officer = Entity("Officer", self.issuing, rsa_bits=2048)
        self.seal = Entity("Seal", self.issuing)
        self.tsa_root = Entity("TSA Root", ca=True)
        self.tsa = Entity("TSA", self.tsa_root, usage=stamping)
        self.responder = Entity(
            "OCSP", self.issuing, usage=answering, extra=[x509.OCSPNoCheck()]
        )
        self.tsa_responder = Entity(
            "OCSP", self.tsa_root, usage=answering, extra=[x509.OCSPNoCheck()]
        )

    @property
    def chain(self) -> tuple[Entity, ...]:
        return self.issuing, self.root


@cache
def ours() -> Pki:
    return Pki()


@cache
def strangers() -> Pki:
    """The same names, other keys."""
    return Pki()


def answer(
    about: Entity,
    *,
    responder: Entity | None = None,
    issuer: Entity | None = None,
    status: str = "GOOD",
    this: datetime = APPROVED - DAY / 24,
    until: datetime | None = APPROVED + 6 * DAY,
    embed: bool = True,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """An OCSP answer."""
    above = issuer or about.issuer
    assert above is not None
    by = responder or above
    builder = ocsp.OCSPResponseBuilder().add_response(
        about.certificate,
        above.certificate,
        hashes.SHA1(),
        ocsp.OCSPCertStatus[status],
        this,
        until,
        this - DAY if status == "REVOKED" else None,
        None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    if embed and by is not above:
        builder = builder.certificates([by.certificate])
    signed = builder.sign(by.key, digest or hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def revocation_list(
    issuer: Entity,
    *,
    listed: Sequence[Entity] = (),
    this: datetime = APPROVED - DAY,
    until: datetime = APPROVED + 30 * DAY,
    key: Entity | None = None,
    extra: x509.ExtensionType | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(this)
        .next_update(until)
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    for one in listed:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial)
        builder = builder.add_revoked_certificate(entry.revocation_date(this).build())
    made = builder.sign((key or issuer).key, digest or hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def signer_info(
    signer: Entity,
    digest: bytes,
    attributes: Sequence[bytes],
    *,
    how: bytes,
    value: bytes,
    unsigned: bytes,
) -> Fields:
    """RFC 5652 §5.3; *digest* and *how* are algorithm identifiers."""
    return {
        "version": integer(1),
        "sid": signer.identifier,
        "digest": digest,
        "attributes": tlv(0xA0, *attributes),
        "algorithm": how,
        "value": tlv(4, value),
        "unsigned": unsigned,
    }


def signed_data(body: Fields) -> bytes:
    """RFC 5652 §3: a ContentInfo that holds it."""
    inside = tlv(0x30, *body.values())
    return tlv(0x30, tlv(6, SIGNED_DATA), tlv(0xA0, inside))


@dataclass(frozen=True)
class Stamping:
    """How an authority stamps."""

    tsa: Entity
    at: datetime
    digest: str = "sha256"
    essential: str = "v2"
    certificates: tuple[Entity, ...] = ()
    imprint: bytes | None = None
    serial: int = 77
    fraction: str = ""
    tail: bytes = b""
    """After genTime in TSTInfo."""
    unsigned: bytes = b""
    fields: Callable[[Fields], Fields] = dict
    """Done to the fields of TSTInfo."""
    content: Callable[[bytes], bytes] = bytes
    """Done to TSTInfo before its digest is taken."""
    attributes: Callable[[list[bytes]], list[bytes]] = list
    """What is signed, done to the sorted attributes before the key is used."""
    info: Callable[[Fields], Fields] = dict
    """Done to the SignerInfo's fields behind the key's back."""
    body: Callable[[Fields], Fields] = dict
    """Done to the SignedData's fields."""

    def token(self, stamped: bytes) -> bytes:
        """RFC 3161 §2.4.2: a TimeStampToken over these bytes."""
        imprint = self.imprint or sha256(stamped).digest()
        time = f"{self.at:%Y%m%d%H%M%S}{self.fraction}Z".encode()
        fields = self.fields(
            {
                "version": integer(1),
                "policy": tlv(6, oid("1.2.3.4.1")),
                "imprint": tlv(0x30, algorithm(HASHES["sha256"][0]), tlv(4, imprint)),
                "serial": integer(self.serial),
                "time": tlv(0x18, time),
                "tail": self.tail,
            }
        )
        info = self.content(tlv(0x30, *fields.values()))
        named = algorithm(HASHES[self.digest][0])
        digest = hashlib.new(self.digest, info).digest()
        attributes = self.attributes(
            sorted(
                (
                    attribute(oid("1.2.840.113549.1.9.3"), tlv(6, TST_INFO)),
                    attribute(oid("1.2.840.113549.1.9.4"), tlv(4, digest)),
                    self._essential(),
                )
            )
        )
        value = self.tsa.sign(tlv(0x31, *attributes), self.digest)
        how = self.tsa.algorithm(self.digest)
        signer = self.info(
            signer_info(
                self.tsa,
                named,
                attributes,
                how=how,
                value=value,
                unsigned=self.unsigned,
            )
        )
        body = self.body(
            {
                "version": integer(3),
                "digests": tlv(0x31, named),
                "content": tlv(0x30, tlv(6, TST_INFO), tlv(0xA0, tlv(4, info))),
                "certificates": tlv(
                    0xA0, *(e.der for e in (self.tsa, *self.certificates))
                ),
                "signers": tlv(0x31, tlv(0x30, *signer.values())),
            }
        )
        return signed_data(body)

    def _essential(self) -> bytes:
        if self.essential == "v1":
            named = tlv(0x30, tlv(4, sha1(self.tsa.der).digest()))
            kind = "1.2.840.113549.1.9.16.2.12"
        elif self.essential == "v2-sha512":
            digest = hashlib.sha512(self.tsa.der).digest()
            named = tlv(0x30, algorithm(HASHES["sha512"][0]), tlv(4, digest))
            kind = "1.2.840.113549.1.9.16.2.47"
        else:
            named = tlv(0x30, tlv(4, sha256(self.tsa.der).digest()))
            kind = "1.2.840.113549.1.9.16.2.47"
        return attribute(oid(kind), tlv(0x30, tlv(0x30, named)))


def trust_document(
    pki: Pki, pins: dict[str, str], *, others: Sequence[PinnedIdentity] = ()
) -> TrustDocument:
    """``pins``: appearance digests of officer and seal."""
    period = {"valid_from": APPROVED - 365 * DAY, "valid_until": APPROVED + 365 * DAY}
    signers = PinnedChain(
        name="signers", certificates=tuple(e.pem for e in pki.chain), **period
    )
    stamps = PinnedChain(name="stamps", certificates=(pki.tsa_root.pem,), **period)
    identities = [
        identity("officer", pki.officer, pins["officer"]),
        identity("seal", pki.seal, pins["seal"]),
    ]
    return TrustDocument(
        demo=True,
        signers=(signers,),
        timestamps=(stamps,),
        identities=(*identities, *others),
    )


NAMES = {"officer": ("officer-1", "1"), "seal": ("H99.42.05.13", "1")}


def identity(role: str, entity: Entity, appearance: str) -> PinnedIdentity:
    own, version = NAMES[role]
    return PinnedIdentity(
        role=role,
        id=own,
        version=version,
        key=f"key-{role}",
        certificate=entity.pem,
        certificate_sha256=entity.sha256,
        appearance_sha256=appearance,
    )
