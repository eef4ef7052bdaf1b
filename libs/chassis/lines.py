"""The connection under a request: has what was sent also arrived?

``await send(…)`` of ASGI says only that uvicorn has taken the bytes; megabytes may
still wait here and in the kernel when the other end breaks off. The kernel knows: of
each TCP connection it counts the bytes that the other machine has not acknowledged.
What a machine has acknowledged may still wait in its own buffer for the program there,
so a connection that is reset at once counts as broken, too. Start at ``Line``.
"""

import asyncio
import contextlib
import fcntl
import struct
import termios
import time
from collections.abc import Mapping
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

KEY: Final = "ecopy.line"
FIRST_LOOK_SECONDS: Final = 0.005
LONGEST_LOOK_SECONDS: Final = 0.25
SILENCE_SECONDS: Final = 120.0
"""Without one byte acknowledged: then nobody is there."""
RESET_SECONDS: Final = 0.5
"""So soon a program that stops reading is noticed: its machine resets the line."""


class Line:
    """One connection, from its beginning to its end."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        """None: there is no connection, as in a test without sockets."""
        self._transport = transport
        self._left = 0
        self._over = asyncio.Event()
        self.reset = False

    @property
    def ended(self) -> bool:
        return self._over.is_set()

    def outstanding(self) -> int:
        """Bytes that were sent and are not acknowledged, here and in the kernel."""
        if self._transport is not None and not self.ended:
            socket = self._transport.get_extra_info("socket")
            self._left = self._transport.get_write_buffer_size()
            self._left += _unacknowledged(socket)
        return self._left

    def end(self, error: Exception | None) -> None:
        """Called while the socket is still open, for the last time. A reset empties
        the kernel's queue: then what we saw last stands.
        """
        if error is None:
            self.outstanding()
        self.reset = error is not None
        self._over.set()

    async def arrived(self) -> bool:
        """Wait until the other machine has all of it; False if it never will."""
        last, since, pause = self.outstanding(), time.monotonic(), FIRST_LOOK_SECONDS
        while not self.ended and last:
            await self._end_within(pause)
            pause = min(2 * pause, LONGEST_LOOK_SECONDS)
            left = self.outstanding()
            # Any progress counts, however small: a slow line is no broken one.
            if left != last:
                last, since = left, time.monotonic()
            elif time.monotonic() - since > SILENCE_SECONDS:
                return False
        return not self.reset and not self.outstanding()

    async def stays(self) -> bool:
        """Whether nobody resets it in the next moment."""
        if self._transport is not None:
            await self._end_within(RESET_SECONDS)
        return not self.reset

    async def _end_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)


class LinedProtocol(H11Protocol):
    """uvicorn's protocol that lets a request see its connection."""

    line: Line

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.line = Line(transport)
        self.app_state = {**self.app_state, KEY: self.line}

    def connection_lost(self, exc: Exception | None) -> None:
        self.line.end(exc)
        super().connection_lost(exc)


def line_of(scope: Mapping[str, Any]) -> Line:
    """The connection of this request."""
    found = scope.get("state", {}).get(KEY)
    return found if isinstance(found, Line) else Line(None)


def _unacknowledged(socket: Any) -> int:
    """SIOCOUTQ of tcp(7); Linux gives it the number of TIOCOUTQ."""
    answer = struct.pack("i", 0)
    with contextlib.suppress(OSError, ValueError):
        answer = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, answer)
    (left,) = struct.unpack("i", answer)
    return int(left)
