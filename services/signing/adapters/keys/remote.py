"""A credential of a remote signing service as a key: one activation, many hashes.

CSC API v2 sections 11.5 (credentials/info), 11.6 and 11.7 (credentials/authorize),
11.10 (signatures/signHash). The activation data are always bound to the hashes, as
SCAL2 demands, so that nobody signs anything else with them.
"""

import threading
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr

from chassis.clock import Clock
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters.keys.csc import (
    TOKEN_SECONDS,
    Account,
    CscResponse,
    DeclinedError,
    number,
    text,
)
from signing.adapters.keys.gathering import SigningBatches
from signing.adapters.keys.hsm import der_of
from signing.adapters.keys.pins import OtpFile, PinFile

POLL_SECONDS: Final = 2.0
"""How often the service is asked while a person confirms on a phone."""
SHA256: Final = "2.16.840.1.101.3.4.2.1"
RSA: Final = "1.2.840.113549.1.1.1"
RSA_SHA256: Final = "1.2.840.113549.1.1.11"
ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_WRONG_AUTHENTICATION: Final = ("invalid_pin", "invalid_authentication_data")
_MAY_PASS: Final = ("SAD", "OTP")
"""Words in a refusal's description after which a retry helps: it has new activation
data."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as the keys file describes it."""

    key: str
    id: str
    certificate: x509.Certificate
    pin: PinFile | None = None
    otp: OtpFile | None = None

    @property
    def is_rsa(self) -> bool:
        return isinstance(self.certificate.public_key(), rsa.RSAPublicKey)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What ``credentials/info`` says about signing with the credential."""

    multisign: int
    algorithm: str


@dataclass(frozen=True, slots=True)
class _Activation:
    data: SecretStr
    until: datetime


class CscKey:
    """A key at a remote signing service. Calls of ``sign`` that come together share one
    activation, up to the credential's ``multisign``.
    """

    def __init__(
        self,
        account: Account,
        credential: Credential,
        clock: Clock,
        *,
        activation_seconds: float,
    ) -> None:
        self._account = account
        self._credential = credential
        self._clock = clock
        self._patience = timedelta(seconds=activation_seconds)
        self._pause = threading.Event()
        self._cached_terms: _Terms | None = None
        self._gathered = SigningBatches(self._signed, lambda: self._terms().multisign)

    def ready(self) -> None:
        credential = self._credential
        self._cached_terms = self._fetch_terms()
        if credential.pin is not None:
            credential.pin.read(credential.key)
        if credential.otp is not None:
            credential.otp.read(credential.key)

    def sign(self, message: bytes) -> bytes:
        return self._gathered([message])[0]

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        return self._gathered(messages)

    def _terms(self) -> _Terms:
        self._cached_terms = self._cached_terms or self._fetch_terms()
        return self._cached_terms

    def _fetch_terms(self) -> _Terms:
        """The credential's terms. Raises Refusal when it is not what the keys file
        says.
        """
        key = self._credential.key
        info = self._call(
            "credentials/info",
            {"credentialID": self._credential.id, "certificates": "single"},
        ).content
        kept, certificate = info.get("key") or {}, info.get("cert") or {}
        der = self._credential.certificate.public_bytes(Encoding.DER)
        if _bytes((certificate.get("certificates") or [""])[0]) != der:
            raise Refusal(
                Reason.CERTIFICATE_MISMATCH,
                "remote-certificate-differs",
                key=key,
            )
        if kept.get("status") != "enabled":
            raise Refusal(
                Reason.KEY_LOCKED,
                "remote-key-disabled",
                key=key,
            )
        most = max(1, int(number(info, "multisign", 1)))
        return _Terms(most, self._algorithm(kept))

    def _algorithm(self, kept: Mapping[str, Any]) -> str:
        if not self._credential.is_rsa:
            return ECDSA_SHA256
        return RSA_SHA256 if RSA_SHA256 in kept.get("algo", ()) else RSA

    def _signed(self, messages: list[bytes]) -> list[bytes]:
        hashes = [b64encode(sha256(m).digest()).decode() for m in messages]
        activation = self._activate(hashes)
        if self._clock() >= activation.until:
            raise Trouble(Hindrance.KEYS, "the activation ran out before its use")
        asked = {
            "credentialID": self._credential.id,
            "SAD": activation.data.get_secret_value(),
            "hashes": hashes,
            "hashAlgorithmOID": SHA256,
            "signAlgo": self._terms().algorithm,
        }
        signatures = self._call("signatures/signHash", asked).content.get("signatures")
        if not isinstance(signatures, list) or len(signatures) != len(hashes):
            raise Trouble(Hindrance.KEYS, "not as many signatures as hashes")
        return [self._der(_bytes(signature)) for signature in signatures]

    def _activate(self, hashes: list[str]) -> _Activation:
        """Get the activation data for *hashes*. Waits while a person confirms elsewhere
        (202), at most ``activation_seconds``.
        """
        patience_ends = self._clock() + self._patience
        answer = self._authorize(hashes)
        while answer.status == HTTPStatus.ACCEPTED:
            if self._clock() >= patience_ends:
                raise Trouble(Hindrance.KEYS, "nobody confirmed the activation")
            self._pause.wait(POLL_SECONDS)
            handle = {"handle": text(answer.content, "handle")}
            answer = self._call("credentials/authorizeCheck", handle)
        lasts = timedelta(seconds=number(answer.content, "expiresIn", TOKEN_SECONDS))
        return _Activation(
            SecretStr(text(answer.content, "SAD")), self._clock() + lasts
        )

    def _authorize(self, hashes: list[str]) -> CscResponse:
        credential = self._credential
        given = {}
        if credential.pin is not None:
            given["PIN"] = credential.pin.read(credential.key)
        if credential.otp is not None:
            given["OTP"] = credential.otp.take(credential.key)
        asked = {
            "credentialID": credential.id,
            "numSignatures": len(hashes),
            "hashes": hashes,
            "hashAlgorithmOID": SHA256,
            "authData": [
                {"id": name, "value": value.get_secret_value()}
                for name, value in given.items()
            ],
        }
        try:
            return self._account.call("credentials/authorize", asked)
        except DeclinedError as error:
            raise self._not_authorized(error, given) from error

    def _not_authorized(
        self, error: DeclinedError, given: Mapping[str, SecretStr]
    ) -> Exception:
        pin = self._credential.pin
        if error.error in _WRONG_AUTHENTICATION and pin is not None:
            pin.refuse(given["PIN"])
            return pin.refusal(self._credential.key)
        return self._declined(error)

    def _call(self, method: str, asked: Mapping[str, Any]) -> CscResponse:
        try:
            return self._account.call(method, asked)
        except DeclinedError as error:
            raise self._declined(error) from error

    def _declined(self, error: DeclinedError) -> Exception:
        key = self._credential.key
        if any(word in error.description for word in _MAY_PASS):
            return Trouble(Hindrance.KEYS, f"{key}: {error}")
        if "credentialID" in error.description:
            return Refusal(
                Reason.KEY_MISSING,
                "remote-no-credential",
                key=key,
                credential=self._credential.id,
            )
        return Refusal(Reason.KEY_LOCKED, "remote-declined", key=key, error=str(error))

    def _der(self, signature: bytes) -> bytes:
        """The signature as CMS wants it: some services give an Ecdsa-Sig-Value, others
        r ‖ s.
        """
        if self._credential.is_rsa:
            return signature
        try:
            decode_dss_signature(signature)
        except ValueError:
            return der_of(signature)
        return signature


def _bytes(encoded: object) -> bytes:
    try:
        return b64decode(str(encoded), validate=True)
    except ValueError as error:
        raise Trouble(Hindrance.KEYS, "broken base64 of the remote service") from error
