"""A remote signing service by the API of the Cloud Signature Consortium, v2.

Cloud Signature Consortium, "Architectures and protocols for remote signature
applications", v2.0: sections 8 (authorization), 10 (errors), 11 (methods). What is
signed with it is in ``remote.py``. No OAuth library: one grant, without a browser, is
all there is. Start at ``Account.call``.
"""

import http.client
import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pydantic import SecretStr

from chassis.clock import Clock
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters.authorities.deadlines import keep_to

LARGEST_ANSWER: Final = 4 << 20
PAUSE_SECONDS: Final = 10.0
"""How long nothing is asked after a 429 or 503 without Retry-After."""
TOKEN_SECONDS: Final = 3600.0
"""How long an access token or activation data last that do not say so: the
specification's default."""
EARLY: Final = timedelta(seconds=5)
"""How long before its end a token is renewed."""
_WAITING: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class DeclinedError(Exception):
    """The service understood and said no: 4xx."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error} {description}".strip())
        self.status, self.error, self.description = status, error, description


@dataclass(frozen=True, slots=True)
class CscResponse:
    """An answer of the service below 400: its status and its JSON object."""

    status: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are to the service: client credentials, or a token that others renew."""

    client_id: str | None = None
    client_secret_file: Path | None = None
    token_file: Path | None = None


class Account:
    """An account at the service. ``call`` is blocking; many threads may use it."""

    def __init__(
        self,
        url: str,
        access: Access,
        clock: Clock,
        *,
        timeout_seconds: float,
        ca_file: Path | None = None,
    ) -> None:
        self._url = urlsplit(url.rstrip("/"))
        self._access = access
        self._clock = clock
        self._timeout = timeout_seconds
        self._tls = ssl.create_default_context(cafile=ca_file)
        # Guards _token and _refused_secret. Held while a token is asked for over the
        # network: the others need that very token, and a secret that is refused must
        # not be sent by each of them.
        self._renewal = threading.Lock()
        self._token: tuple[SecretStr, datetime] | None = None
        self._refused_secret: SecretStr | None = None
        self._pause_until: datetime | None = None  # replaced as a whole, without a lock

    def call(self, method: str, asked: Mapping[str, Any]) -> CscResponse:
        """The answer to a POST of *method*. Raises DeclinedError, Trouble(KEYS) and
        Refusal(KEY_LOCKED). A token that the service no longer accepts is renewed once.
        """
        token = self._bearer()
        try:
            return self._post(method, asked, token)
        except DeclinedError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
            self._forget(token)
        again = self._bearer()
        if again == token:
            raise self._denied()
        return self._post(method, asked, again)

    def _post(
        self, method: str, asked: Mapping[str, Any], token: SecretStr
    ) -> CscResponse:
        headers = {
            "Authorization": f"Bearer {token.get_secret_value()}",
            "Content-Type": "application/json",
        }
        return self._exchange(method, json.dumps(asked), headers)

    def _bearer(self) -> SecretStr:
        if self._access.token_file is not None:
            return _secret(self._access.token_file)
        with self._renewal:
            if self._token is None or self._token[1] <= self._clock():
                self._token = self._request_token()
            return self._token[0]

    def _request_token(self) -> tuple[SecretStr, datetime]:
        """A token for client credentials, and when to renew it (OAuth 2.0, RFC 6749
        section 4.4). A secret that was refused is not sent again.
        """
        access = self._access
        assert access.client_id is not None  # noqa: S101 - the keys file was checked
        assert access.client_secret_file is not None  # noqa: S101 - likewise
        secret = _secret(access.client_secret_file)
        if secret == self._refused_secret:
            raise self._denied()
        pair = f"{quote(access.client_id)}:{quote(secret.get_secret_value())}"
        headers = {
            "Authorization": "Basic " + b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"grant_type": "client_credentials", "scope": "service"})
        try:
            answer = self._exchange("oauth2/token", form, headers).content
        except DeclinedError as error:
            self._refused_secret = secret
            raise self._denied() from error
        lasts = timedelta(seconds=number(answer, "expires_in", TOKEN_SECONDS))
        return SecretStr(text(answer, "access_token")), self._clock() + lasts - EARLY

    def _forget(self, token: SecretStr) -> None:
        with self._renewal:
            if self._token is not None and self._token[0] == token:
                self._token = None

    def _denied(self) -> Refusal:
        return Refusal(
            Reason.KEY_LOCKED,
            "remote-access-denied",
            host=str(self._url.hostname),
        )

    def _exchange(self, method: str, body: str, headers: dict[str, str]) -> CscResponse:
        if self._pause_until is not None and self._clock() < self._pause_until:
            raise Trouble(Hindrance.KEYS, f"{self._url.hostname}: asked for patience")
        connection = self._connection()
        try:
            keep_to(connection, time.monotonic() + self._timeout)
            connection.request("POST", f"{self._url.path}/{method}", body, headers)
            with connection.getresponse() as response:
                content = response.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(
                Hindrance.KEYS, f"{self._url.hostname} {method}: {error!r}"
            ) from error
        finally:
            connection.close()
        return self._answer(method, response, content)

    def _connection(self) -> http.client.HTTPConnection:
        host = self._url.netloc
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, context=self._tls)
        return http.client.HTTPConnection(host)

    def _answer(
        self, method: str, response: http.client.HTTPResponse, content: bytes
    ) -> CscResponse:
        status, body = response.status, _object(content)
        where = f"{self._url.hostname} {method}"
        if status in _WAITING:
            asked = response.headers.get("Retry-After", "")
            seconds = float(asked) if asked.isdigit() else PAUSE_SECONDS
            self._pause_until = self._clock() + timedelta(seconds=seconds)
        if status in _WAITING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Trouble(Hindrance.KEYS, f"{where}: {status}")
        if status >= HTTPStatus.BAD_REQUEST:
            error, description = body or {}, ""
            description = str(error.get("error_description", ""))
            raise DeclinedError(status, str(error.get("error", "")), description)
        if body is None:
            raise Trouble(Hindrance.KEYS, f"{where}: not an answer of the API")
        return CscResponse(status, body)


def text(answer: Mapping[str, Any], name: str) -> str:
    """A text of the answer. Raises Trouble(KEYS) where the service does not keep to its
    API.
    """
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Trouble(Hindrance.KEYS, f"the remote signing service gave no {name}")
    return value


def number(answer: Mapping[str, Any], name: str, otherwise: float) -> float:
    """A number of the answer. Raises Trouble(KEYS), as ``text`` does."""
    value = answer.get(name, otherwise)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Trouble(Hindrance.KEYS, f"the remote signing service's {name} is odd")
    return value


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        parsed = json.loads(content)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _secret(path: Path) -> SecretStr:
    try:
        return SecretStr(path.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(Reason.KEY_LOCKED, "secret-unreadable", file=path.name) from error
