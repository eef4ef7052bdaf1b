"""One small HTTP client for TSA, OCSP and CRL: kept connections, named limits.

Blocking, for the signing threads; a connection belongs to one thread.
"""

import http.client
import threading
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

TIMEOUT_SECONDS: Final = 10.0
"""Connect, and each read."""
LARGEST_ANSWER: Final = 8 << 20
"""A CRL of a state authority has megabytes."""
TOO_MANY_REQUESTS: Final = 429


class UnreachableError(Exception):
    """No answer, or not a good one. ``retry_after`` in seconds, if the server asks."""

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``media_type`` is of its body."""

    url: str
    body: bytes | None = None
    media_type: str = ""

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


class Web:
    """Connections kept per thread and host; a stale one is opened once again."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout_seconds
        self._kept = threading.local()
        self._all: list[http.client.HTTPConnection] = []

    def fetch(self, call: Call) -> bytes:
        """The body of a 200. Raises UnreachableError."""
        parts = urlsplit(call.url)
        connection = self._connection(parts.scheme, parts.netloc)
        was_open = connection.sock is not None
        try:
            return _exchange(connection, call)
        except (http.client.HTTPException, OSError) as error:
            connection.close()
            if was_open and isinstance(
                error, ConnectionError | http.client.HTTPException
            ):
                return self.fetch(call)
            raise UnreachableError(f"{parts.netloc}: {error}") from error

    def close(self) -> None:
        """When no thread fetches any more."""
        for connection in self._all:
            connection.close()

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        kept: dict[tuple[str, str], http.client.HTTPConnection]
        kept = self._kept.__dict__.setdefault("connections", {})
        if (scheme, host) not in kept:
            kept[scheme, host] = _opened(scheme, host, self._timeout)
            self._all.append(kept[scheme, host])
        return kept[scheme, host]


def _opened(scheme: str, host: str, timeout: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, timeout=timeout)
    if scheme == "http":
        return http.client.HTTPConnection(host, timeout=timeout)
    raise UnreachableError(f"{scheme}: only http and https are fetched")


def _exchange(connection: http.client.HTTPConnection, call: Call) -> bytes:
    parts = urlsplit(call.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": call.media_type} if call.media_type else {}
    connection.request(call.method, target, call.body, headers)
    answer = connection.getresponse()
    body = answer.read(LARGEST_ANSWER + 1)
    if answer.status == http.client.OK and len(body) <= LARGEST_ANSWER:
        return body
    connection.close()
    asked = answer.headers.get("Retry-After", "")
    wait = float(asked) if asked.isdigit() else None
    if answer.status == TOO_MANY_REQUESTS and wait is None:
        wait = TIMEOUT_SECONDS
    raise UnreachableError(f"{parts.netloc}: {answer.status}", wait)
