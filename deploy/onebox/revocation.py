"""What the development authority says of its certificates: OCSP answers and CRLs.

``revoked.json`` in the PKI's folder is the whole record: party name → RFC 3339 time.
Edit it and the next answer says so; nothing needs a restart. Start at ``Responder``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp

from onebox.certificates import CertifiedKey
from onebox.der import PrivateKey
from onebox.files import write_text

VALIDITY: Final = timedelta(days=7)
KEPT: Final = timedelta(minutes=5)
"""An answer is signed once per serial, then served again for so long."""
PARTIES: Final = ("officer", "seal", "tsa", "ocsp")


class NotIssuedHereError(ValueError):
    """Asked about a certificate of another authority."""


def load_party(folder: Path, name: str) -> CertifiedKey:
    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    if not isinstance(key, PrivateKey):
        raise TypeError(f"{name}.key: neither RSA nor ECDSA")
    return CertifiedKey(name, key, load_certificate(folder, name))


def load_certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


@dataclass(frozen=True, slots=True)
class Responder:
    """OCSP answers for the issuing authority's leaves (RFC 6960), and both CRLs."""

    folder: Path
    root: CertifiedKey
    issuing: CertifiedKey
    party: CertifiedKey
    issued: Mapping[int, str]
    """Serial number → party name."""
    _answers: dict[tuple[int, str], tuple[datetime, str, bytes]] = field(
        default_factory=dict
    )

    @classmethod
    def load(cls, folder: Path) -> "Responder":
        old = [path.stem for path in folder.glob("*.*.pem")]
        names = (*PARTIES, *old)
        issued = {load_certificate(folder, n).serial_number: n for n in names}
        return cls(
            folder=folder,
            root=load_party(folder, "root"),
            issuing=load_party(folder, "issuing"),
            party=load_party(folder, "ocsp"),
            issued=issued,
        )

    def answer(self, request: bytes, *, now: datetime) -> bytes:
        """OCSPResponse for an OCSPRequest of one certificate; bytes never raise."""
        try:
            asked = ocsp.load_der_ocsp_request(request)
            self._check_issuer(asked)
        except NotIssuedHereError:
            return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        except (ValueError, NotImplementedError):
            return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        nonce = _nonce(asked)
        return self._sign(asked, now, nonce) if nonce else self._kept(asked, now)

    def crl(self, issuer: str, *, now: datetime) -> bytes:
        """DER of the CRL of ``root`` or ``issuing``."""
        party = self.root if issuer == "root" else self.issuing
        start = now.replace(microsecond=0)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(party.certificate.subject)
            .last_update(start)
            .next_update(start + VALIDITY)
            .add_extension(x509.CRLNumber(int(start.timestamp())), critical=False)
            .add_extension(_authority_key(party), critical=False)
        )
        revoked = read_revoked(self.folder)
        names = self.issued if party is self.issuing else self._authorities()
        for serial, name in names.items():
            if name in revoked:
                builder = builder.add_revoked_certificate(
                    x509.RevokedCertificateBuilder()
                    .serial_number(serial)
                    .revocation_date(revoked[name])
                    .build()
                )
        return builder.sign(party.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _authorities(self) -> dict[int, str]:
        return {self.issuing.certificate.serial_number: "issuing"}

    def _check_issuer(self, asked: ocsp.OCSPRequest) -> None:
        ours = ocsp.OCSPRequestBuilder().add_certificate(
            self.party.certificate, self.issuing.certificate, asked.hash_algorithm
        )
        same = ours.build().issuer_key_hash == asked.issuer_key_hash
        if not same:
            raise NotIssuedHereError

    def _kept(self, asked: ocsp.OCSPRequest, now: datetime) -> bytes:
        """The answer of the last minutes, unless ``revoked.json`` changed since."""
        key = (asked.serial_number, asked.hash_algorithm.name)
        record = _record(self.folder)
        kept = self._answers.get(key)
        if kept is not None and kept[1] == record and now - kept[0] < KEPT:
            return kept[2]
        answer = self._sign(asked, now, None)
        if asked.serial_number in self.issued:  # strangers must not fill the memory
            self._answers[key] = (now, record, answer)
        return answer

    def _sign(
        self, asked: ocsp.OCSPRequest, now: datetime, nonce: x509.OCSPNonce | None
    ) -> bytes:
        start = now.replace(microsecond=0)
        name = self.issued.get(asked.serial_number)
        revoked_at = read_revoked(self.folder).get(name) if name else None
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=_status(name, revoked_at),
            this_update=start,
            next_update=start + VALIDITY,
            revocation_time=revoked_at,
            revocation_reason=None,
        )
        builder = builder.responder_id(
            ocsp.OCSPResponderEncoding.HASH, self.party.certificate
        ).certificates([self.party.certificate])
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        answer = builder.sign(self.party.key, hashes.SHA256())
        return answer.public_bytes(Encoding.DER)


def revoke(folder: Path, name: str, *, now: datetime) -> None:
    """Say from now on that the certificate of *name* is revoked."""
    if name not in (*PARTIES, "issuing"):
        raise ValueError(f"no certificate named {name}")
    revoked = {n: at.isoformat() for n, at in read_revoked(folder).items()}
    revoked.setdefault(name, now.replace(microsecond=0).isoformat())
    write_text(folder / "revoked.json", json.dumps(revoked, indent=2))


def set_aside(folder: Path, name: str) -> None:
    """Keep the certificate that is replaced, and what was said of it, under a name of
    its own: the party's name and its serial number.
    """
    old = f"{name}.{load_certificate(folder, name).serial_number:x}"
    (folder / f"{name}.pem").rename(folder / f"{old}.pem")
    revoked = {n: at.isoformat() for n, at in read_revoked(folder).items()}
    if name in revoked:
        revoked[old] = revoked.pop(name)
        write_text(folder / "revoked.json", json.dumps(revoked, indent=2))


def _status(name: str | None, revoked_at: datetime | None) -> ocsp.OCSPCertStatus:
    if name is None:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return asked.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _refused(status: ocsp.OCSPResponseStatus) -> bytes:
    answer = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return answer.public_bytes(Encoding.DER)


def _authority_key(party: CertifiedKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(party.key.public_key())


def _record(folder: Path) -> str:
    path = folder / "revoked.json"
    return path.read_text() if path.exists() else "{}"


def read_revoked(folder: Path) -> dict[str, datetime]:
    """Party name → time. Raises ValueError or AttributeError for a cut record."""
    record = json.loads(_record(folder))
    return {name: datetime.fromisoformat(at) for name, at in record.items()}
