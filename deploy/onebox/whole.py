"""Which files of set-up are not there or not whole: each is opened and read.

Without them the house would end in a traceback, or make a new key beside copies that
name the old one. Start at ``unreadable``.
"""

import contextlib
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    pkcs12,  # noqa: TID251 - it reads what pki.py has made
)
from cryptography.x509.oid import ExtensionOID

from onebox.people import read_people
from onebox.places import SERVICES, Places
from onebox.revocation import load_certificate, read_revoked
from onebox.settings import uses_own_file

LINK_KEY_BYTES: Final = 32
PASSWORD_LENGTH: Final = 24
"""The length of a PKCS#12 password that ``pki.py`` draws: 18 random bytes in base64."""
AUTHORITIES: Final = ("root", "issuing", "tsa", "ocsp")
SIGNERS: Final = ("officer", "seal")
NOT_WHOLE: Final = (OSError, ValueError, TypeError, LookupError, AttributeError)
"""What the parsers raise for a file that is missing, empty or cut."""


def unreadable(places: Places) -> Iterator[Path]:
    """Files of keys, certificates and accounts that nothing else can restore."""
    checks: list[tuple[Path, Callable[[Path], object]]] = [
        (places.link_key, _link_key),
        *((event_key(places, name), read_event_key) for name in SERVICES),
        *((places.pki / f"{name}.pem", _certificate) for name in AUTHORITIES),
        *((places.pki / f"{name}.key", _key_of_certificate) for name in AUTHORITIES),
        *((places.pki / f"{name}.pem", _certificate) for name in SIGNERS),
        *((places.pki / f"{name}.password", _password) for name in SIGNERS),
        *((places.pki / f"{name}.p12", _signer) for name in SIGNERS),
        *((path, _certificate) for path in places.pki.glob("*.*.pem")),
        (places.demo / "people.json", _people),
    ]
    revoked = places.pki / "revoked.json"
    if revoked.exists():
        checks.append((revoked, lambda path: read_revoked(path.parent)))
    yield from (path for path, read in checks if not _reads(path, read))


def unreadable_databases(places: Places) -> Iterator[Path]:
    """Databases that are missing or cut: made anew, one would not fit the others."""
    for name in filter(uses_own_file, SERVICES):
        path = places.database_file(name)
        if not _reads(path, _database):
            yield path


def is_toml(path: Path) -> bool:
    return _reads(path, lambda file: tomllib.loads(_text(file)))


def event_key(places: Places, service: str) -> Path:
    return places.event_keys / f"{service}.key"


def read_event_key(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_text(path)))


def pki_base(folder: Path) -> str:
    """The PKI server's address, from the certificates that name it."""
    issuing = load_certificate(folder, "issuing")
    points = issuing.extensions.get_extension_for_oid(
        ExtensionOID.CRL_DISTRIBUTION_POINTS
    ).value
    if not isinstance(points, x509.CRLDistributionPoints):
        raise TypeError("issuing.pem: no list of CRL addresses")
    names = points[0].full_name or []
    return str(names[0].value).removesuffix("/crl/root.crl")


def _reads(path: Path, read: Callable[[Path], object]) -> bool:
    try:
        read(path)
    except NOT_WHOLE:
        return False
    return True


def _text(path: Path) -> str:
    """ValueError for an empty file, which some parsers take for a valid one."""
    text = path.read_text("utf-8").strip()
    if not text:
        raise ValueError(f"{path.name} is empty")
    return text


def _link_key(path: Path) -> None:
    if len(bytes.fromhex(_text(path))) < LINK_KEY_BYTES:
        raise ValueError("shorter than it was made")


def _certificate(path: Path) -> None:
    load_certificate(path.parent, path.stem)


def _key_of_certificate(path: Path) -> None:
    # OpenSSL's own look at an RSA key costs 0.1 s; its certificate tells as much.
    key = load_pem_private_key(
        path.read_bytes(), None, unsafe_skip_rsa_key_validation=True
    )
    if key.public_key() != load_certificate(path.parent, path.stem).public_key():
        raise ValueError("another certificate's key")


def _password(path: Path) -> None:
    if len(_text(path)) < PASSWORD_LENGTH:
        raise ValueError("shorter than it was made")


def _signer(path: Path) -> None:
    password = path.with_suffix(".password").read_bytes()
    bundle = pkcs12.load_pkcs12(path.read_bytes(), password)
    certificate = bundle.cert.certificate if bundle.cert else None
    if certificate != load_certificate(path.parent, path.stem) or bundle.key is None:
        raise ValueError("another certificate's bundle")


def _people(path: Path) -> None:
    known = read_people(path)
    if not known or not all(person.password for person in known):
        raise ValueError("no accounts")


def _database(path: Path) -> None:
    """It has a schema, and is as long as its first page says: SQLite looks itself."""
    try:
        with contextlib.closing(_opened(path)) as connection:
            found = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise ValueError(str(error)) from error
    if found == (0,):
        raise ValueError("no tables")


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
