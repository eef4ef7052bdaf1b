"""PINs and passwords: in files, read when they are needed, never tried twice once one
was refused.
"""

from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

from ecopy.refusals import Hindrance, Reason, Refusal, Trouble


class PinFile:
    """A PIN that a person can mend in its file while the service runs.

    A few wrong tries lock a token for good, so a PIN that was refused is not given
    again, by any thread; another content of the file is a new PIN.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._first: bytes | None = None
        self._refused: bytes | None = None

    def read(self, key: str) -> SecretStr:
        """The PIN in the file, for *key*. Raises Refusal(KEY_LOCKED) if it cannot be
        read or was refused before.
        """
        pin = _content(self.path)
        if pin is None:
            raise Refusal(
                Reason.KEY_LOCKED,
                "pin-unreadable",
                key=key,
                file=self.path.name,
            )
        digest = _digest(pin)
        self._first = self._first or digest
        if digest == self._refused:
            raise self.refusal(key)
        return pin

    def is_mended(self, pin: SecretStr) -> bool:
        """Whether *pin* is another than the file had when it was first read."""
        return _digest(pin) != self._first

    def refuse(self, pin: SecretStr) -> None:
        self._refused = _digest(pin)

    def refusal(self, key: str) -> Refusal:
        return Refusal(
            Reason.KEY_LOCKED,
            "pin-refused",
            key=key,
            file=self.path.name,
        )


class OtpFile:
    """A one-time password, written into the file by whoever receives it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: bytes | None = None

    def read(self, key: str) -> SecretStr:
        """The password in the file. Raises Trouble(KEYS) until a new one is there."""
        password = _content(self._path)
        if password is None or _digest(password) == self._used:
            raise Trouble(
                Hindrance.KEYS, f"{key}: waits for a new password in {self._path.name}"
            )
        return password

    def take(self, key: str) -> SecretStr:
        """The password, for one use whatever comes of it: it is not given again."""
        password = self.read(key)
        self._used = _digest(password)
        return password


def _content(path: Path) -> SecretStr | None:
    try:
        return SecretStr(path.read_text().strip())
    except (OSError, UnicodeDecodeError):
        return None


def _digest(secret: SecretStr) -> bytes:
    return sha256(secret.get_secret_value().encode()).digest()
