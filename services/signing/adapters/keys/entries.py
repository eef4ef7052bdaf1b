"""What the keys file may contain, and nothing else; described in ``__init__.py``.

No file but the keys file itself is opened here. Start at ``KeysFile``.
"""

import tomllib
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.starting import CannotStart

LONGEST_CONFIRMATION: Final = 120.0
"""The most seconds for one confirmation. Officer and seal both wait between a
signature's /M and the last token's genTime, which may be five minutes apart
(docs/dialect.md section 3).
"""


class _Entry(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,  # a PIN set in the wrong place is still a PIN
    )


class HsmKeyEntry(_Entry):
    """The place of a key in an HSM: by label, by id (hexadecimal), or by both."""

    provider: str
    label: str | None = None
    id: str | None = Field(default=None, pattern=r"^([0-9a-f]{2})+$")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.label is None and self.id is None:
            raise ValueError("label or id of the key is needed")
        return self


class CscKeyEntry(_Entry):
    """A credential of a remote signing service."""

    provider: str
    credential: str
    pin_file: Path | None = None
    otp_file: Path | None = None
    """The file of a one-time password, written by whoever receives it."""


class KeyEntry(_Entry):
    role: Literal["officer", "seal"]
    id: str
    version: str
    key: str | None = None
    """The key's id where it is not the table's name: a key with two certificates has
    two tables.
    """
    pkcs12: Path | None = None
    password_file: Path | None = None
    pkcs11: HsmKeyEntry | None = None
    csc: CscKeyEntry | None = None
    certificate: Path | None = None
    name_lines: tuple[str, ...]
    title_lines: tuple[str, ...] = ()
    image: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = (self.pkcs12, self.pkcs11, self.csc)
        if sum(place is not None for place in places) != 1:
            raise ValueError("exactly one of pkcs12, pkcs11 and csc is needed")
        if (self.pkcs12 is None) != (self.password_file is None):
            raise ValueError("password_file goes with pkcs12")
        if (self.pkcs12 is None) != (self.certificate is not None):
            raise ValueError("certificate goes with pkcs11 and csc, not with pkcs12")
        return self


class HsmEntry(_Entry):
    """A token of a PKCS#11 module."""

    module: Path
    token: str
    serial: str | None = None
    pin_file: Path
    sessions: int = Field(default=4, ge=1, le=64)


class CscEntry(_Entry):
    """An account at a remote signing service (CSC API v2)."""

    url: str
    client_id: str | None = None
    client_secret_file: Path | None = None
    token_file: Path | None = None
    """The file of a bearer token that somebody else renews, instead of client
    credentials.
    """
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=10.0, gt=0)
    """How long a whole call may take."""
    activation_seconds: float = Field(default=LONGEST_CONFIRMATION, gt=0)
    """How long a person has to confirm."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError("url must begin with https://")
        if self.activation_seconds > LONGEST_CONFIRMATION:
            raise ValueError(
                f"activation_seconds is at most {LONGEST_CONFIRMATION:g}: the officer's"
                " and the seal's confirmation must fit in the five minutes between a"
                " signature and its timestamp"
            )
        client = self.client_id is not None and self.client_secret_file is not None
        if client == (self.token_file is not None):
            raise ValueError("client_id and client_secret_file, or token_file")
        return self


class KeysFile(_Entry):
    keys: dict[str, KeyEntry]
    pkcs11: dict[str, HsmEntry] = {}
    csc: dict[str, CscEntry] = {}

    @model_validator(mode="after")
    def _providers(self) -> Self:
        for name, key in self.keys.items():
            if key.pkcs11 is not None and key.pkcs11.provider not in self.pkcs11:
                raise ValueError(f"{name}: no table [pkcs11.{key.pkcs11.provider}]")
            if key.csc is not None and key.csc.provider not in self.csc:
                raise ValueError(f"{name}: no table [csc.{key.csc.provider}]")
        return self


def read(path: Path) -> KeysFile:
    """The keys file at *path*. Raises CannotStart, naming the entry."""
    try:
        return KeysFile.model_validate(tomllib.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CannotStart(
            f"tệp khóa {path.name} không dùng được; sửa tệp rồi khởi động lại.",
            f"the keys file {path.name} cannot be used; correct it, then start again."
            f" ({' '.join(str(error).split())})",
        ) from error
