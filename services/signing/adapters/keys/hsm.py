"""PKCS#11: keys in an HSM or a token, through a pool of sessions.

PKCS#11 v3.1. All sessions of a process share one login per token, so the PIN is given
once, by whoever comes first. Start at ``HsmKey``.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import Attribute, Mechanism, ObjectClass, TokenFlag
from pydantic import SecretStr

from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters.keys.cryptoki import Cryptoki
from signing.adapters.keys.pins import PinFile

SESSION_WAIT_SECONDS: Final = 30.0
"""How long a signing thread waits for a free session before it gives up."""
_NEAR_THE_LOCK: Final = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED
_WRONG_PIN: Final = (
    pkcs11.PinIncorrect,
    pkcs11.PinInvalid,
    pkcs11.PinLenRange,
    pkcs11.PinLocked,
    pkcs11.PinExpired,
    pkcs11.UserPinNotInitialized,
)


@dataclass(frozen=True, slots=True)
class KeyLocation:
    """The place of a key on a token: by label, by id, or by both."""

    key: str
    """The key's id in our own files, for people."""
    label: str | None
    id: bytes | None

    def __str__(self) -> str:
        return self.label or (self.id or b"").hex()


@dataclass(slots=True)
class _Session:
    """A session of the token, and the keys that were looked up through it."""

    epoch: int
    session: Any
    found: dict[KeyLocation, Any] = field(default_factory=dict)


class Pkcs11Token:
    """A token, used through at most *sessions* at once, opened when first needed."""

    def __init__(
        self,
        cryptoki: Cryptoki,
        label: str,
        pin: PinFile,
        *,
        serial: str | None = None,
        sessions: int = 4,
    ) -> None:
        self._cryptoki = cryptoki
        self._label = label
        self._serial = None if serial is None else serial.encode()
        self._pin = pin
        self._places = threading.BoundedSemaphore(sessions)
        # Guards _logged_in, and what is taken from _idle. Held while the PIN is given,
        # so that a wrong one is given once and not by every thread. _idle is appended
        # to without it: a list's append is one step.
        self._login = threading.Lock()
        self._logged_in: _Session | None = None
        self._idle: list[_Session] = []

    @contextmanager
    def key(self, spot: KeyLocation) -> Iterator[Any]:
        """The private key, in a session of one's own.

        Raises Refusal(KEY_LOCKED or KEY_MISSING) and Trouble(KEYS).
        """
        if not self._places.acquire(timeout=SESSION_WAIT_SECONDS):
            raise Trouble(Hindrance.KEYS, f"{self._label}: every session is busy")
        try:
            with self._cryptoki.inside() as library:
                seat = self._seat(library, spot)
                try:
                    yield self._found(library, seat, spot)
                finally:  # one that failed is of a past epoch when it is seen again
                    self._idle.append(seat)
        finally:
            self._places.release()

    def _seat(self, library: Any, spot: KeyLocation) -> _Session:
        with self._login:
            while self._idle:
                seat = self._idle.pop()
                if seat.epoch == self._cryptoki.epoch:
                    return seat
            if not self._is_logged_in():
                self._logged_in = self._first(library, spot)
        token = self._present(library)
        return _Session(self._cryptoki.epoch, token.open())

    def _is_logged_in(self) -> bool:
        first = self._logged_in
        return first is not None and first.epoch == self._cryptoki.epoch

    def _first(self, library: Any, spot: KeyLocation) -> _Session:
        """The session that logs in. It stays open, for the login ends with the last
        session.
        """
        pin = self._pin.read(spot.key)
        token = self._present(library)
        doubtful = token.flags & TokenFlag.USER_PIN_COUNT_LOW
        if token.flags & _NEAR_THE_LOCK or (doubtful and not self._pin.is_mended(pin)):
            raise self._doubt(spot)
        return _Session(self._cryptoki.epoch, self._opened(token, pin, spot))

    def _doubt(self, spot: KeyLocation) -> Refusal:
        """The refusal when somebody, perhaps this service before its restart, gave a
        wrong PIN: one more could lock the token for good.
        """
        return Refusal(
            Reason.KEY_LOCKED,
            "device-pin-doubtful",
            key=spot.key,
            device=self._label,
        )

    def _opened(self, token: Any, pin: SecretStr, spot: KeyLocation) -> Any:
        try:
            return token.open(user_pin=pin.get_secret_value())
        except pkcs11.UserAlreadyLoggedIn:  # another table names the same token
            return token.open()
        except _WRONG_PIN as error:
            self._pin.refuse(pin)
            raise self._pin.refusal(spot.key) from error

    def _present(self, library: Any) -> Any:
        wanted = {"token_label": self._label, "token_serial": self._serial}
        return library.get_token(**wanted)

    def _found(self, library: Any, seat: _Session, spot: KeyLocation) -> Any:
        if spot not in seat.found:
            seat.found[spot] = self._searched(library, seat, spot)
        return seat.found[spot]

    def _searched(self, library: Any, seat: _Session, spot: KeyLocation) -> Any:
        try:
            return seat.session.get_key(
                object_class=ObjectClass.PRIVATE_KEY, label=spot.label, id=spot.id
            )
        except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned) as error:
            self._present(library)  # a token pulled out has no keys either
            raise Refusal(
                Reason.KEY_MISSING,
                "device-key-ambiguous",
                key=spot.key,
                device=self._label,
                named=str(spot),
            ) from error


@dataclass(frozen=True, slots=True)
class HsmKey:
    """A key on a token; ``curve`` is its certificate's, None for RSA."""

    token: Pkcs11Token
    spot: KeyLocation
    curve: ec.EllipticCurve | None

    def ready(self) -> None:
        with self.token.key(self.spot) as key:
            key[Attribute.KEY_TYPE]  # asks the token

    def sign(self, message: bytes) -> bytes:
        return self.sign_many([message])[0]

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        with self.token.key(self.spot) as key:
            return [self._signed(key, message) for message in messages]

    def _signed(self, key: Any, message: bytes) -> bytes:
        if self.curve is None:
            signature: bytes = key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS)
            return signature
        digest = sha256(message).digest()
        return der_of(key.sign(digest, mechanism=Mechanism.ECDSA))


def der_of(raw: bytes) -> bytes:
    """The Ecdsa-Sig-Value of *raw*, which is r ‖ s of equal lengths (PKCS#11 v3.1
    section 6.3.1).
    """
    half = len(raw) // 2
    return encode_dss_signature(
        int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
    )
