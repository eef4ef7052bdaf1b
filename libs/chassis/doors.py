"""Connections at the door: how many, from whom, and how long each may say nothing.

uvicorn has no limit for connections, no deadline for headers, and waits for ever for a
client that stops reading or that goes on sending after its answer. ``places.Door``
counts what is open; ``BoundedProtocol`` gives each phase of a connection a deadline.
Bodies on their way have their own limits (``bodies``). Start at ``BoundedProtocol``.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from chassis.addresses import network_of
from chassis.lines import LinedProtocol
from chassis.places import Door

GOODBYE_SECONDS: Final = 1.0
"""The time that the words of a refusal get to arrive: a socket that is closed with
unread bytes is reset, and that throws away what was on its way to the client."""
MOST_LOOKS: Final = 12
"""At the rest of a refused body: two minutes with the usual patience."""


class BoundedProtocol(LinedProtocol):
    """A connection with a deadline in each phase: headers, the answer that is read, the
    rest of a body that was refused. Between two requests uvicorn's own keep-alive
    timer runs, except where that forgets it (``_watch``).
    """

    def __init__(self, door: Door, **options: Any) -> None:
        super().__init__(**options)
        self._door = door
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._phase = ""
        self._thrown_away, self._looks = 0, 0
        self._refused = False
        self._speaking = False
        self.network = ""
        self.from_proxy = False

    @property
    def gives_way(self) -> bool:
        """No request of it is in hand."""
        cycle = self._cycle()
        return cycle is None or cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        self.network = network_of(address)
        self.from_proxy = self._door.is_proxy(address)
        if self._door.admits(self):
            self._watch()
            return
        self._refused = True
        self._turn_away(503)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._thrown_away += len(data)
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.forget(self)
        self._phase = "over"
        # A timer that is left holds this object, and with it the whole connection,
        # until it fires.
        for timer in (self._timer, self._stalled):
            if timer is not None:
                timer.cancel()
        if self._speaking:
            self._speaking = False
            self._door.has_spoken()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP: in our words, with our headers."""
        del msg
        self._refused = True
        self._turn_away(400)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()

    def _watch(self) -> None:
        """Give the phase that has just begun its deadline."""
        phase = self._phase_now()
        if phase == self._phase or self._refused:
            return
        self._phase = phase
        if self._timer is not None:
            self._timer.cancel()
        limits = self._door.limits
        if phase == "headers":
            self._timer = self.loop.call_later(limits.header_seconds, self._too_slow)
        elif phase == "idle":
            self._timer = self.loop.call_later(limits.idle_seconds, self._close)
        elif phase == "rest":
            self._thrown_away, self._looks = 0, 0
            self._timer = self.loop.call_later(limits.patience_seconds, self._look)

    def _phase_now(self) -> str:
        cycle = self._cycle()
        answered = cycle is not None and cycle.response_complete
        state = self.conn.their_state
        if state is h11.SEND_BODY and answered:
            return "rest"  # of a body whose answer is already given
        if state is not h11.IDLE:
            return "request"
        trailing, _ = self.conn.trailing_data
        return "headers" if trailing or cycle is None else "idle"

    def _too_slow(self) -> None:
        """Headers that do not end: an empty connection needs no words."""
        trailing, _ = self.conn.trailing_data
        self._refused = True
        if trailing:
            self._turn_away(408)
        else:
            self._close()

    def _look(self) -> None:
        """A refused body is read on while it comes at the least rate, so that a browser
        that sends first and reads afterwards gets to see why.
        """
        limits = self._door.limits
        least = limits.least_bytes_per_second * limits.patience_seconds
        self._looks += 1
        if self._thrown_away < least or self._looks >= MOST_LOOKS:
            self._close()
            return
        self._thrown_away = 0
        self._timer = self.loop.call_later(limits.patience_seconds, self._look)

    def _expect_reading(self) -> None:
        before = self.transport.get_write_buffer_size()
        seconds = self._door.limits.unread_seconds

        def look() -> None:
            """Something must have been read since: else nobody is there."""
            if self.transport.get_write_buffer_size() >= before:
                self.transport.abort()
            else:
                self._expect_reading()

        self._stalled = self.loop.call_later(seconds, look)

    def _turn_away(self, status: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        cycle = self._cycle()
        begun = False
        if cycle is not None and not cycle.response_complete:
            begun = cycle.response_started
            cycle.disconnected = True  # whoever works on it hears so
            cycle.message_event.set()
        # Half an answer cannot become another one: words of ours would be read as its
        # body.
        if begun or not self._door.may_speak():
            self.transport.abort()
            return
        self._speaking = True
        self.transport.write(self._door.answers[status])
        # The client reads to the end of the stream and then closes: a plain close would
        # reset what it has not read.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def _cycle(self) -> RequestResponseCycle | None:
        """The latest request; uvicorn's annotation forgets that there may be none."""
        return self.cycle

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
