"""A small HTTP client for TSA, OCSP and CRL: connections that stay open, named limits.

Blocking, for the signing threads; a connection belongs to one thread. A call has one
deadline for everything, so that an answer in slow drops is an answer too late. That is
why httpx or urllib3 do not serve: their timeouts begin anew with each read. Start at
``HttpClient``.
"""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from chassis.clock import Clock, utc_now
from signing.adapters.authorities.deadlines import keep_to
from signing.adapters.authorities.governor import NoAnswerError

TIMEOUT_SECONDS: Final = 10.0
"""How long a whole call may take: connect, send, and the last byte of the answer."""
LARGEST_ANSWER: Final = 8 << 20
"""The most octets of an answer: a CRL of a state authority has megabytes."""
TOO_MANY_REQUESTS: Final = 429


class UnreachableError(NoAnswerError):
    """A server gave no answer, or not a good one."""


def _freely() -> None:
    """Count nothing: the default where no budget holds."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request: a GET, or a POST if it has a body."""

    url: str
    body: bytes | None = None
    media_type: str = ""
    """The media type of the body."""
    largest: int = LARGEST_ANSWER
    """The most octets that the answer may have."""
    again: Callable[[], None] = _freely
    """Called before the request is sent a second time; it may raise NoAnswerError
    instead.
    """

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


class HttpClient:
    """Keeps a connection for each thread and host, and opens a stale one once again."""

    def __init__(
        self, timeout_seconds: float = TIMEOUT_SECONDS, clock: Clock = utc_now
    ) -> None:
        self._timeout = timeout_seconds
        self._clock = clock
        self._kept = threading.local()
        self._all: list[http.client.HTTPConnection] = []

    def fetch(self, call: HttpRequest) -> bytes:
        """The body of an answer 200. Raises UnreachableError, or what ``call.again``
        does.
        """
        return self._fetch(call, time.monotonic() + self._timeout)

    def _fetch(self, call: HttpRequest, deadline: float) -> bytes:
        parts = urlsplit(call.url)
        connection = self._connection(parts.scheme, parts.netloc)
        was_open = connection.sock is not None
        try:
            return self._exchange(connection, call, deadline)
        except TimeoutError as error:
            connection.close()
            raise UnreachableError(f"{parts.netloc}: too late", "timeout") from error
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            stale = isinstance(error, ConnectionError | http.client.HTTPException)
            if was_open and stale:
                call.again()
                return self._fetch(call, deadline)
            raise UnreachableError(f"{parts.netloc}: {error}", _kind(error)) from error

    def close(self) -> None:
        """Close every connection. MUST be called when no thread fetches any more."""
        for connection in self._all:
            connection.close()

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        kept: dict[tuple[str, str], http.client.HTTPConnection]
        kept = self._kept.__dict__.setdefault("connections", {})
        if (scheme, host) not in kept:
            kept[scheme, host] = _connection_to(scheme, host)
            self._all.append(kept[scheme, host])
        return kept[scheme, host]

    def _exchange(
        self, connection: http.client.HTTPConnection, call: HttpRequest, deadline: float
    ) -> bytes:
        parts = urlsplit(call.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": call.media_type} if call.media_type else {}
        keep_to(connection, deadline)
        connection.request(call.method, target, call.body, headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            connection.close()
            raise self._unreachable(parts.netloc, answer)
        body = answer.read(call.largest + 1)
        if len(body) > call.largest:
            connection.close()
            what = f"{parts.netloc}: more than {call.largest} bytes"
            raise UnreachableError(what, "too-large")
        if answer.length:
            raise ConnectionError("cut short")
        return body

    def _unreachable(
        self, host: str, answer: http.client.HTTPResponse
    ) -> UnreachableError:
        status = answer.status
        kind = "busy" if status == TOO_MANY_REQUESTS else f"http-{status // 100}xx"
        return UnreachableError(f"{host}: {status}", kind, self._patience(answer))

    def _patience(self, answer: http.client.HTTPResponse) -> float | None:
        """Retry-After in seconds: a number, or a date (RFC 9110 section 10.2.3) by
        the server's own clock where it tells the time.
        """
        asked = answer.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        try:
            until = parsedate_to_datetime(asked)
            sent_at = answer.headers.get("Date")
            now = parsedate_to_datetime(sent_at) if sent_at else self._clock()
        except ValueError:
            return None
        if until.tzinfo is None or now.tzinfo is None:
            until, now = until.replace(tzinfo=UTC), now.replace(tzinfo=UTC)
        return max(0.0, (until - now).total_seconds())


def _kind(error: Exception) -> str:
    return "http" if isinstance(error, http.client.HTTPException) else "connection"


def _connection_to(scheme: str, host: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host)
    if scheme == "http":
        return http.client.HTTPConnection(host)
    raise UnreachableError(f"{scheme}: only http and https are fetched", "address")
