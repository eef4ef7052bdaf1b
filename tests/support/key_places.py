"""Where a key may be: a file, an HSM, a remote service; each with its keys file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)

from chassis.clock import utc_now
from onebox.certificates import issue, key_usage, name_of, self_signed
from support import csc, hsm


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """One a size for this test process: finding its primes takes seconds."""
    return rsa.generate_private_key(65537, bits)


KINDS = {
    "rsa-2048": lambda: rsa_key(2048),
    "rsa-3072": lambda: rsa_key(3072),
    "rsa-4096": lambda: rsa_key(4096),
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
}
START = utc_now().replace(microsecond=0) - timedelta(days=1)
ROOT = self_signed(
    "root",
    name_of("root"),
    ec.generate_private_key(ec.SECP256R1()),
    start=START,
    days=900,
)
PASSWORD, PIN = "mật khẩu tệp", hsm.PIN
ENTRY = """
[keys.{name}]
role = "{role}"
id = "{id}"
version = "1"
name_lines = ["Phạm Quốc Vĩnh"]
"""


def certified(key: Any) -> x509.Certificate:
    usage = [(key_usage(content_commitment=True), True)]
    return issue(
        "leaf", name_of("leaf"), key, ROOT, start=START, extensions=usage
    ).certificate


@dataclass
class Place:
    """A folder with a keys file of one key, and hands on what keeps the key."""

    folder: Path
    secret: Path
    right: str
    lines: Callable[[str], str]
    """What an entry says of a key, by the key's name there."""
    tables: str = ""
    change_pin: Callable[[str, str], None] | None = None
    """At the keeper: from the old one to the new one."""
    away: Callable[[], None] | None = None
    back: Callable[[], None] | None = None

    @property
    def keys_file(self) -> Path:
        return self.folder / "keys.toml"

    def write(self, named: str = "officer") -> None:
        entry = ENTRY.format(name="officer", role="officer", id="phamquocvinh")
        self.keys_file.write_text(entry + self.lines(named) + self.tables)


def in_a_file(folder: Path, key: Any, certificate: x509.Certificate) -> Place:
    protection = BestAvailableEncryption(PASSWORD.encode())
    (folder / "officer.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"officer", key, certificate, None, protection
        )
    )
    secret = _secret(folder, PASSWORD)
    lines = 'pkcs12 = "{}.p12"\npassword_file = "secret"\n'
    return Place(folder, secret, PASSWORD, lines.format)


def in_an_hsm(folder: Path, key: Any, certificate: x509.Certificate) -> Place:
    token = hsm.soft_hsm().token()
    token.store(key, "officer")
    _pem(folder, certificate)
    lines = 'certificate = "leaf.pem"\npkcs11 = {{ provider = "hsm", label = "{}" }}\n'
    return Place(
        folder,
        _secret(folder, PIN),
        PIN,
        lines.format,
        hsm_table(token),
        change_pin=token.change_pin,
        away=token.pull_out,
        back=token.put_back,
    )


def hsm_table(token: hsm.SoftToken) -> str:
    return (
        f'\n[pkcs11.hsm]\nmodule = "{token.hsm.module}"\ntoken = "{token.label}"\n'
        'pin_file = "secret"\n'
    )


def at_a_service(
    folder: Path, key: Any, certificate: x509.Certificate, served: csc.Served
) -> Place:
    service = served.service
    service.credentials["officer"] = csc.Credential(key, certificate, PIN)
    _pem(folder, certificate)
    (folder / "client.secret").write_text(csc.SECRET)
    lines = (
        'certificate = "leaf.pem"\n'
        'csc = {{ provider = "remote", credential = "{}", pin_file = "secret" }}\n'
    )

    def change_pin(_old: str, new: str) -> None:
        service.credentials["officer"].pin = new

    def away() -> None:
        service.faults.extend([("*", 503, {"Retry-After": "0"})] * 50)

    return Place(
        folder,
        _secret(folder, PIN),
        PIN,
        lines.format,
        csc_table(served),
        change_pin=change_pin,
        away=away,
        back=service.faults.clear,
    )


def csc_table(served: csc.Served, more: str = "") -> str:
    return (
        f'\n[csc.remote]\nurl = "{served.url}"\nclient_id = "{csc.CLIENT}"\n'
        f'client_secret_file = "client.secret"\n{more}\n'
    )


def _secret(folder: Path, text: str) -> Path:
    path = folder / "secret"
    path.write_text(text + "\n")
    return path


def _pem(folder: Path, certificate: x509.Certificate) -> None:
    (folder / "leaf.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
