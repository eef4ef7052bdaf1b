"""A certificate of the operator's own before the desk, and what comes by port 80."""

import http.client
import ssl
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from chassis.clock import utc_now
from containers.rooms import Tried
from containers.trial import DESK_PORT, HTTP_PORT, Trial


def own_certificate(trial: Trial) -> list[Tried]:
    """Laid out as docs/operations.md says; the desk then shows it and no other."""
    folder = trial.secrets / "caddy"
    certificate, key = _bought()
    (folder / "desk.pem").write_text(certificate)
    (folder / "desk.key").write_text(key)
    for file in folder.iterdir():
        file.chmod(0o444)
    # Both faces are localhost here, and one name has one certificate.
    for face in ("ECOPY_DESK_TLS", "ECOPY_PUBLIC_TLS"):
        trial.set(face, "/certs/desk.pem /certs/desk.key")
    trial.up()
    shown = ssl.get_server_certificate(("localhost", DESK_PORT))
    same = shown.split() == certificate.split()
    return [("the desk shows the operator's own certificate", same)]


def redirected(trial: Trial) -> list[Tried]:
    """Plain HTTP leads to the published port, with its path."""
    connection = http.client.HTTPConnection("127.0.0.1", HTTP_PORT, timeout=10)
    connection.request("GET", "/kiem-tra")
    answer = connection.getresponse()
    there = answer.getheader("Location")
    connection.close()
    return [(f"http leads to {there}", there == f"{trial.public}/kiem-tra")]


def _bought() -> tuple[str, str]:
    """Certificate and key in PEM; who signed it is the browsers' matter."""
    key, now = ec.generate_private_key(ec.SECP256R1()), utc_now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM).decode(), pem.decode()
