"""One deadline for a whole HTTP call, so that an answer in slow drops is too late.

A socket's own timeout begins anew with each octet.
"""

import http.client
import io
import socket
import time
from functools import partial
from typing import Any


def keep_to(connection: http.client.HTTPConnection, deadline: float) -> None:
    """The next call over it ends by *deadline* (``time.monotonic``).

    Else it raises TimeoutError, as this does when there is no time left.
    """
    connection.timeout = _left(deadline)
    if connection.sock is not None:
        connection.sock.settimeout(connection.timeout)
    connection.response_class = partial(_answer, deadline)  # type: ignore[assignment]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(
    deadline: float, sock: socket.socket, **how: Any
) -> http.client.HTTPResponse:
    """Read until the deadline, however the bytes come."""
    answer = http.client.HTTPResponse(sock, **how)
    answer.fp.close()
    answer.fp = io.BufferedReader(_Timed(sock, deadline))
    return answer


class _Timed(io.RawIOBase):
    """A socket's bytes; each read waits no longer than the whole call may."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(into)

    def close(self) -> None:
        self._raw.close()
        super().close()
