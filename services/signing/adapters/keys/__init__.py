"""Keys behind one port (``port.py``): in a file, in an HSM (PKCS#11), or at a remote
signing service (CSC API). Which key an order may use is decided in ``keyring.py``.
Start at ``load``.

The keys file (TOML) names every key this process can use, of as many officers and
agencies as there are; paths are relative to it. A key is in exactly one place:

    [keys.officer-pham-quoc-vinh]          # in a file: PKCS#12
    role = "officer"                       # or "seal"
    id = "pham-quoc-vinh"                  # officer id, or agency code
    version = "1"
    pkcs12 = "pki/officer.p12"
    password_file = "pki/officer.password"
    name_lines = ["Phạm Quốc Vĩnh"]        # of the visible appearance
    title_lines = ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    image = "officer.png"                  # optional, flattened on white

    [keys.seal-hoa-ban]                    # in an HSM or token: PKCS#11
    role = "seal"
    id = "H99.42.05.13"
    version = "1"
    certificate = "seal.pem"               # the device need not be there at start
    pkcs11 = { provider = "hsm", label = "seal-hoa-ban" }     # or id = "0a1b", or both
    name_lines = ["UBND PHƯỜNG HOA BAN"]

    [keys.officer-2027]                    # at a remote signing service: CSC API v2
    key = "officer-pham-quoc-vinh"         # key id, where the table's name is not it
    role = "officer"
    id = "pham-quoc-vinh"
    version = "2"
    certificate = "officer-2027.pem"
    csc = { provider = "remote", credential = "VN-0042", pin_file = "officer.pin" }
    name_lines = ["Phạm Quốc Vĩnh"]

    [pkcs11.hsm]
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "ecopy"                        # its label; serial = "…" if two have it
    pin_file = "hsm.pin"
    sessions = 4                           # at once, at most

    [csc.remote]
    url = "https://sign.example/csc/v2"
    client_id = "ecopy"                    # OAuth 2.0 client credentials,
    client_secret_file = "client.secret"   # or token_file = "…", kept fresh by others
    ca_file = "remote-ca.pem"              # optional
    timeout_seconds = 10                   # for each call
    activation_seconds = 120               # at most: a person confirms on a phone

Overlapping certificates of a rotation are two entries; the certificate that an order
pins decides which one signs. Secrets stand in files and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretBytes

from chassis.clock import Clock, utc_now
from ecopy.refusals import Reason, detail_of
from signing.adapters.cms.signed_data import Sign, WrongKeyError
from signing.adapters.composing.appearances import AppearanceFacts
from signing.adapters.keys import cryptoki, entries, software
from signing.adapters.keys.csc import Access, Account
from signing.adapters.keys.entries import (
    CscEntry,
    CscKeyEntry,
    HsmEntry,
    HsmKeyEntry,
    KeyEntry,
    KeysFile,
)
from signing.adapters.keys.hsm import HsmKey, KeyLocation, Pkcs11Token
from signing.adapters.keys.pins import OtpFile, PinFile
from signing.adapters.keys.port import SigningKey
from signing.adapters.keys.remote import Credential, CscKey
from signing.adapters.keys.software import software_key

__all__ = [
    "AppearanceFacts",
    "ClosedKey",
    "Key",
    "KeyEntry",
    "load",
    "software_key",
]


@dataclass(frozen=True, slots=True)
class Key:
    """A usable key; the private part is behind ``signer`` and nowhere else."""

    id: str
    entry: KeyEntry
    appearance: AppearanceFacts
    certificate: x509.Certificate
    signer: SigningKey

    @property
    def sign(self) -> Sign:
        return self.signer.sign


@dataclass(frozen=True, slots=True)
class ClosedKey:
    """A key that cannot be used: an order that names it is refused, so that the desk
    sees it; the other keys go on.
    """

    id: str
    reason: Reason
    cause: str
    """The slug of the sentence for whoever mends it (``Refusal``)."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the sentence names: files and the like, never a secret."""

    @property
    def why(self) -> str:
        return detail_of(self.cause, self.values)


def load(path: Path, clock: Clock = utc_now) -> dict[str, Key | ClosedKey]:
    """Every key of the keys file by its table's name; a key file's password is tried
    once, at start.

    Files are opened here; PINs, devices and remote services when they are used.
    Raises CannotStart if the keys file itself makes no sense.
    """
    file = entries.read(path)
    opener = _KeyOpener(path.parent, file, clock)
    return {
        name: opener.open_key(entry.key or name, entry)
        for name, entry in file.keys.items()
    }


class _KeyOpener:
    """Opens the keys of a keys file; those on one token or account share it."""

    def __init__(self, folder: Path, file: KeysFile, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._tokens = {name: self._token(entry) for name, entry in file.pkcs11.items()}
        self._accounts = {
            name: (entry, self._account(entry)) for name, entry in file.csc.items()
        }

    def open_key(self, key_id: str, entry: KeyEntry) -> Key | ClosedKey:
        try:
            signer, certificate = self._signer(key_id, entry)
        except OSError as error:
            gone = Path(str(error.filename)).name
            return ClosedKey(
                key_id, Reason.KEY_MISSING, "file-unreadable", {"file": gone}
            )
        except WrongKeyError as error:
            return ClosedKey(
                key_id, Reason.CERTIFICATE_USAGE, "wrong-key", {"error": str(error)}
            )
        except ValueError:
            return _closed(key_id, entry)
        image = None if entry.image is None else self._folder / entry.image
        appearance = AppearanceFacts(
            entry.role, entry.id, entry.name_lines, entry.title_lines, image
        )
        return Key(key_id, entry, appearance, certificate, signer)

    def _signer(
        self, key_id: str, entry: KeyEntry
    ) -> tuple[SigningKey, x509.Certificate]:
        """The key and its certificate. Raises OSError, WrongKeyError, ValueError."""
        if entry.pkcs12 is not None and entry.password_file is not None:
            password = (self._folder / entry.password_file).read_bytes().strip()
            content = (self._folder / entry.pkcs12).read_bytes()
            return software.parsed_pkcs12(content, SecretBytes(password))
        pem = (self._folder / (entry.certificate or "")).read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        if entry.pkcs11 is not None:
            return self._hsm_key(key_id, entry.pkcs11, certificate), certificate
        if entry.csc is not None:
            return self._csc_key(key_id, entry.csc, certificate), certificate
        raise AssertionError(f"{key_id} is nowhere: KeyEntry lets none through")

    def _hsm_key(
        self, key_id: str, entry: HsmKeyEntry, certificate: x509.Certificate
    ) -> HsmKey:
        public = certificate.public_key()
        curve = public.curve if isinstance(public, ec.EllipticCurvePublicKey) else None
        named = None if entry.id is None else bytes.fromhex(entry.id)
        spot = KeyLocation(key_id, entry.label, named)
        return HsmKey(self._tokens[entry.provider], spot, curve)

    def _csc_key(
        self, key_id: str, entry: CscKeyEntry, certificate: x509.Certificate
    ) -> CscKey:
        terms, account = self._accounts[entry.provider]
        credential = Credential(
            key_id,
            entry.credential,
            certificate,
            self._pin(entry.pin_file),
            None if entry.otp_file is None else OtpFile(self._folder / entry.otp_file),
        )
        return CscKey(
            account,
            credential,
            self._clock,
            activation_seconds=terms.activation_seconds,
        )

    def _token(self, entry: HsmEntry) -> Pkcs11Token:
        pin = PinFile(self._folder / entry.pin_file)
        return Pkcs11Token(
            cryptoki.module(entry.module),
            entry.token,
            pin,
            serial=entry.serial,
            sessions=entry.sessions,
        )

    def _account(self, entry: CscEntry) -> Account:
        access = Access(
            entry.client_id,
            self._path(entry.client_secret_file),
            self._path(entry.token_file),
        )
        return Account(
            entry.url,
            access,
            self._clock,
            timeout_seconds=entry.timeout_seconds,
            ca_file=self._path(entry.ca_file),
        )

    def _pin(self, path: Path | None) -> PinFile | None:
        return None if path is None else PinFile(self._folder / path)

    def _path(self, path: Path | None) -> Path | None:
        return None if path is None else self._folder / path


def _closed(key_id: str, entry: KeyEntry) -> ClosedKey:
    if entry.pkcs12 is not None and entry.password_file is not None:
        files = {"file": entry.pkcs12.name, "password_file": entry.password_file.name}
        return ClosedKey(key_id, Reason.KEY_LOCKED, "password-refused", files)
    file = {"file": str(entry.certificate)}
    return ClosedKey(key_id, Reason.KEY_MISSING, "certificate-unreadable", file)
