"""A development PKI: a root, an issuing authority, and the keys of one invented ward.

Worth nothing outside this machine. Made once, kept in ``var/pki`` and used again; its
times are whole seconds, because NSS (hence pdfsig) calls fractions malformed. Start at
``make``.
"""

import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,  # noqa: TID251 - it makes the keys
)
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from onebox.certificates import (
    LEAF_DAYS,
    Addresses,
    CertifiedKey,
    authority_extensions,
    issue,
    key_usage,
    name_of,
    plain,
    self_signed,
)
from onebox.files import (
    flush_below,
    remove,
    rename_folder,
    write_secret,
    write_text,
)
from onebox.revocation import load_party, set_aside
from onebox.ward import AGENCY_NAME, OFFICER_NAME

AUTHORITY_BITS: Final = 3072
LEAF_BITS: Final = 2048
ROOT_DAYS, ISSUING_DAYS = 7300, 5475
BACKDATED: Final = timedelta(hours=1)
"""Certificates begin earlier by so much: some clocks are a little behind."""
FRIENDLY_NAMES: Final = {"officer": OFFICER_NAME, "seal": AGENCY_NAME}


def make(folder: Path, *, base: str, now: datetime) -> None:
    """Write the whole PKI to *folder*, all or nothing."""
    draft = folder.with_name(folder.name + ".new")
    remove(draft)
    # Beside its place, then renamed: certificates that belong together appear together.
    _make_all(draft, Addresses(base), now.replace(microsecond=0) - BACKDATED)
    rename_folder(draft, folder)


def renew(folder: Path, name: str, *, start: datetime, days: int) -> None:
    """A new key and certificate of *name*, from *start* on for *days*; dates in the
    past or the future are for trials. A revocation of the old one stays on record.

    The PKI server and whoever pins the certificate learn of it at their next start.
    """
    finish_renewal(folder)
    issuing, root = load_party(folder, "issuing"), load_party(folder, "root")
    addresses = Addresses((folder / "base-url").read_text())
    begins = start.replace(microsecond=0) - BACKDATED
    renewed = _signer(name, issuing, addresses, begins, days)
    draft = folder.with_name(folder.name + ".new")
    remove(draft)
    shutil.copytree(folder, draft)
    set_aside(draft, name)
    for ending in ("p12", "password"):
        (draft / f"{name}.{ending}").unlink()
    _write_signer(draft, renewed, issuing, root)
    _replace(folder, draft)


def write_copies(folder: Path, *, base: str) -> None:
    """What only repeats the certificates, for the programs and people that read it."""
    write_text(folder / "base-url", base)
    write_text(folder / "roots.pem", (folder / "root.pem").read_text())


def finish_renewal(folder: Path) -> None:
    """After a power cut amid a renewal: the whole old folder, or the whole new one."""
    former = _former(folder)
    if former.exists() and not folder.exists():
        rename_folder(former, folder)
    remove(former)


def _replace(folder: Path, draft: Path) -> None:
    """Three files of one signer change together, or none does."""
    former = _former(folder)
    remove(former)
    flush_below(draft)
    # A crash between the two renames leaves no folder under the name: finish_renewal
    # puts the former one back.
    folder.rename(former)
    rename_folder(draft, folder)
    remove(former)


def _former(folder: Path) -> Path:
    return folder.with_name(folder.name + ".old")


def _make_all(folder: Path, addresses: Addresses, start: datetime) -> None:
    root = _root(start)
    issuing = _issuing(root, addresses, start)
    _write_authority(folder, root)
    _write_authority(folder, issuing)
    for name in ("officer", "seal"):
        _write_signer(folder, _signer(name, issuing, addresses, start), issuing, root)
    _write_authority(folder, _tsa(issuing, addresses, start))
    _write_authority(folder, _responder(issuing, start))
    write_copies(folder, base=addresses.base)


def _root(start: datetime) -> CertifiedKey:
    return self_signed(
        "root",
        name_of("ecopy Development Root CA"),
        rsa.generate_private_key(65537, AUTHORITY_BITS),
        start=start,
        days=ROOT_DAYS,
    )


def _issuing(root: CertifiedKey, addresses: Addresses, start: datetime) -> CertifiedKey:
    return issue(
        "issuing",
        name_of("ecopy Development Issuing CA"),
        rsa.generate_private_key(65537, AUTHORITY_BITS),
        root,
        start=start,
        days=ISSUING_DAYS,
        extensions=[
            *authority_extensions(path_length=0),
            *plain(addresses.extensions("root", ocsp=False)),
        ],
    )


def _signer(
    name: str,
    issuing: CertifiedKey,
    addresses: Addresses,
    start: datetime,
    days: int = LEAF_DAYS,
) -> CertifiedKey:
    return issue(
        name,
        name_of(FRIENDLY_NAMES[name], organisation=AGENCY_NAME),
        rsa.generate_private_key(65537, LEAF_BITS),
        issuing,
        start=start,
        extensions=[
            (key_usage(content_commitment=True), True),
            *plain(addresses.extensions("issuing", ocsp=True)),
        ],
        days=days,
    )


def _tsa(issuing: CertifiedKey, addresses: Addresses, start: datetime) -> CertifiedKey:
    # ECDSA: a token costs the machine a thirtieth of an RSA one.
    return issue(
        "tsa",
        name_of("ecopy Development TSA"),
        ec.generate_private_key(ec.SECP256R1()),
        issuing,
        start=start,
        extensions=[
            (key_usage(), True),
            (x509.ExtendedKeyUsage([Usage.TIME_STAMPING]), True),
            *plain(addresses.extensions("issuing", ocsp=True)),
        ],
    )


def _responder(issuing: CertifiedKey, start: datetime) -> CertifiedKey:
    return issue(
        "ocsp",
        name_of("ecopy Development OCSP"),
        rsa.generate_private_key(65537, LEAF_BITS),
        issuing,
        start=start,
        extensions=[
            (key_usage(), True),
            (x509.ExtendedKeyUsage([Usage.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ],
    )


def _write_authority(folder: Path, party: CertifiedKey) -> None:
    key = party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_secret(folder / f"{party.name}.key", key)
    write_text(folder / f"{party.name}.pem", _pem(party.certificate))


def _write_signer(
    folder: Path, party: CertifiedKey, issuing: CertifiedKey, root: CertifiedKey
) -> None:
    """PKCS#12, as a certification authority would hand it over, password beside it."""
    password = secrets.token_urlsafe(18).encode()
    bundle = pkcs12.serialize_key_and_certificates(
        FRIENDLY_NAMES[party.name].encode(),
        party.key,
        party.certificate,
        [issuing.certificate, root.certificate],
        BestAvailableEncryption(password),
    )
    write_secret(folder / f"{party.name}.p12", bundle)
    write_secret(folder / f"{party.name}.password", password)
    write_text(folder / f"{party.name}.pem", _pem(party.certificate))


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
