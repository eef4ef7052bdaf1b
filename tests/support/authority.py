"""A development authority on loopback: PKI, TSA, OCSP and CRL, its trust and its keys.

with authority(folder) as pki: ...
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)

from chassis.clock import utc_now
from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from onebox import pki as development_pki
from onebox.pki_server import PkiAnswers, PkiServer
from onebox.revocation import load_party
from onebox.ward import IDENTITIES
from signing.adapters import keys
from signing.adapters.authorities.http_client import HttpClient
from signing.adapters.composing.appearances import render
from support.servers import free_port


@dataclass(frozen=True)
class Pki:
    """A served development PKI, its trust document and its keys."""

    folder: Path
    base: str
    trust: TrustDocument
    keys_file: Path
    web: HttpClient
    """Closed with the authority."""

    @property
    def tsa_url(self) -> str:
        return f"{self.base}/tsa"

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate(
            (self.folder / f"{name}.pem").read_bytes()
        )


@contextlib.contextmanager
def authority(folder: Path, **signers: Any) -> Iterator[Pki]:
    """Root, issuing CA, officer, seal, TSA, OCSP, CRL: served until the block ends.
    *signers*: another private key for ``officer`` or ``seal``.
    """
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    pki = folder / "pki"
    development_pki.make(pki, base=base, now=utc_now())
    for name, key in signers.items():
        _certify_again(pki, name, key)
    with PkiServer(port, PkiAnswers(pki, clock=utc_now)) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        web = HttpClient(timeout_seconds=10)
        yield Pki(pki, base, trust_of(pki), keys_file_of(pki), web)
        web.close()
        server.shutdown()
        serving.join()


def _certify_again(pki: Path, name: str, key: Any) -> None:
    """The same certificate over another key."""
    issuing = load_party(pki, "issuing")
    before = x509.load_pem_x509_certificate((pki / f"{name}.pem").read_bytes())
    builder = (
        x509.CertificateBuilder()
        .subject_name(before.subject)
        .issuer_name(before.issuer)
        .public_key(key.public_key())
        .serial_number(before.serial_number)
        .not_valid_before(before.not_valid_before_utc)
        .not_valid_after(before.not_valid_after_utc)
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    for known in before.extensions:
        same = not isinstance(known.value, x509.SubjectKeyIdentifier)
        value = known.value if same else identifier
        builder = builder.add_extension(value, known.critical)
    made = builder.sign(issuing.key, hashes.SHA256())
    bundle = pkcs12.serialize_key_and_certificates(
        None, key, made, None, BestAvailableEncryption(b"secret")
    )
    (pki / f"{name}.p12").write_bytes(bundle)
    (pki / f"{name}.password").write_bytes(b"secret")
    (pki / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))


def keys_file_of(pki: Path) -> Path:
    path = pki / "signing.toml"
    path.write_text("\n".join(key_entry(who) for who in IDENTITIES))
    return path


def key_entry(who: Any) -> str:
    lines = [f"[keys.{_quoted(who.key)}]"]
    lines += [f"role = {_quoted(who.role)}", f"id = {_quoted(who.id)}"]
    lines += [f"version = {_quoted(who.version)}"]
    lines += [f'pkcs12 = "{who.role}.p12"', f'password_file = "{who.role}.password"']
    for name in ("name_lines", "title_lines"):
        lines += [f"{name} = [{', '.join(map(_quoted, getattr(who, name)))}]"]
    if who.image is not None:
        lines += [f"image = {_quoted(str(who.image))}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"'


def trust_of(pki: Path) -> TrustDocument:
    issuing = x509.load_pem_x509_certificate((pki / "issuing.pem").read_bytes())
    chain = PinnedChain(
        name="development",
        certificates=tuple((pki / f"{n}.pem").read_text() for n in ("issuing", "root")),
        valid_from=issuing.not_valid_before_utc,
        valid_until=issuing.not_valid_after_utc,
    )
    return TrustDocument(
        demo=True,
        signers=(chain,),
        timestamps=(chain,),
        identities=tuple(_pinned(pki, who) for who in IDENTITIES),
    )


def _pinned(pki: Path, who: Any) -> PinnedIdentity:
    pem = (pki / f"{who.role}.pem").read_text()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    look = keys.AppearanceFacts(
        who.role, who.id, who.name_lines, who.title_lines, who.image
    )
    return PinnedIdentity(
        role=who.role,
        id=who.id,
        version=who.version,
        key=who.key,
        certificate=pem,
        certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        appearance_sha256=render(look).digest(),
    )
