"""One deadline for a whole HTTP call, so that an answer in slow drops is too late.

A socket's own timeout begins anew with each octet, and so do those of the known HTTP
libraries; here each read gets what is left of the whole call's time.
"""

import http.client
import io
import socket
import time
from functools import partial
from typing import Any


def keep_to(connection: http.client.HTTPConnection, deadline: float) -> None:
    """Make the next call over *connection* end by *deadline* (``time.monotonic``).

    The call raises TimeoutError if it is not over then, and so does this when no time
    is left.
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
    """A response that is read until *deadline* at most, however the bytes come."""
    answer = http.client.HTTPResponse(sock, **how)
    answer.fp.close()
    answer.fp = io.BufferedReader(_Timed(sock, deadline))
    return answer


class _Timed(io.RawIOBase):
    """The bytes of a socket; no read waits longer than the whole call may."""

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
