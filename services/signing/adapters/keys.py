"""Keys behind one shape: who may sign, under which certificate, looking how.

The keys file (TOML) names every key this process can use; paths are relative to it:

    [keys.officer-pham-quoc-vinh]
    role = "officer"                       # or "seal"
    id = "phamquocvinh"                    # officer id, or agency code
    version = "1"
    pkcs12 = "pki/officer.p12"
    password_file = "pki/officer.password"
    name_lines = ["Phạm Quốc Vĩnh"]        # of the visible appearance
    title_lines = ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    image = "officer.png"                  # optional, flattened on white
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: TID251 - here they live
from pydantic import BaseModel, ConfigDict, SecretBytes

from ecopy.refusals import Reason
from signing.adapters.appearances import Look
from signing.adapters.cms import Sign, WrongKeyError


class UnusableKeyError(ValueError):
    """The keys file can not be read; says where."""


AFTER_MENDING: Final = "sửa xong thì khởi động lại dịch vụ ký"
"""Keys are opened at start."""


class KeyEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["officer", "seal"]
    id: str
    version: str
    pkcs12: Path
    password_file: Path
    name_lines: tuple[str, ...]
    title_lines: tuple[str, ...] = ()
    image: Path | None = None


class KeysFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: dict[str, KeyEntry]


@dataclass(frozen=True, slots=True)
class Key:
    """A usable key; the private part is behind ``sign`` and nowhere else."""

    id: str
    entry: KeyEntry
    look: Look
    certificate: x509.Certificate
    sign: Sign


@dataclass(frozen=True, slots=True)
class ClosedKey:
    """A key that can not be used: an order that names it is refused, so that the desk
    hears of it; the other keys go on.
    """

    id: str
    reason: Reason
    why: str
    """For whoever mends it: file names, never a secret."""


def load(path: Path) -> dict[str, Key | ClosedKey]:
    """Every key of the file, each opened once: a wrong password is never tried again.

    Raises UnusableKeyError if the file itself makes no sense.
    """
    try:
        file = KeysFile.model_validate(tomllib.loads(path.read_text()))
    except ValueError as error:
        raise UnusableKeyError(f"{path}: {error}") from error
    return {
        key_id: _opened(key_id, entry, path.parent)
        for key_id, entry in file.keys.items()
    }


def _opened(key_id: str, entry: KeyEntry, folder: Path) -> Key | ClosedKey:
    try:
        password = SecretBytes((folder / entry.password_file).read_bytes().strip())
        bundle = (folder / entry.pkcs12).read_bytes()
    except OSError as error:
        named = Path(str(error.filename)).name
        return ClosedKey(
            key_id, Reason.KEY_MISSING, f"không đọc được {named}; {AFTER_MENDING}"
        )
    try:
        return _key(key_id, entry, folder, bundle, password)
    except ValueError:
        return ClosedKey(
            key_id,
            Reason.KEY_LOCKED,
            f"{entry.pkcs12.name} không mở được bằng {entry.password_file.name};"
            f" {AFTER_MENDING}",
        )
    except WrongKeyError as error:
        return ClosedKey(key_id, Reason.CERTIFICATE_USAGE, str(error))


def _key(
    key_id: str, entry: KeyEntry, folder: Path, bundle: bytes, password: SecretBytes
) -> Key:
    """Raises ValueError for a wrong password or no PKCS#12, WrongKeyError."""
    private, certificate, _ = pkcs12.load_key_and_certificates(
        bundle, password.get_secret_value() or None
    )
    if certificate is None:
        raise WrongKeyError(f"{entry.pkcs12.name} không có chứng thư")
    image = None if entry.image is None else folder / entry.image
    look = Look(entry.role, entry.id, entry.name_lines, entry.title_lines, image)
    return Key(key_id, entry, look, certificate, software_key(private))


def software_key(key: object) -> Sign:
    """A key parsed once and kept, as a signer."""
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))
    raise WrongKeyError("key not accepted: RSA or ECDSA")
