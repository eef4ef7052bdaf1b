"""What Prometheus and a health check ask: ``/healthz`` and ``/metrics``, read-only.

Plain asyncio, because the process that reaches keys carries no web framework; it has
this endpoint alone, and no request can make it sign. A service with a face has it
beside, on the operations network. Anything but these two GETs is 404.
What is measured stands where it happens; how it is written, in ``measures.py``.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from chassis.listening import listening
from chassis.measures import Measure, metrics_text

log = structlog.get_logger()

READ_SECONDS: Final = 5.0
LONGEST_LINE: Final = 4096
_REASONS: Final = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str


@dataclass(slots=True)
class Operations:
    """The endpoint and the counts of what happened. ``healthy`` says whether the
    service can work; ``measured`` is asked when ``/metrics`` is.
    """

    healthy: Callable[[], Awaitable[bool]]
    measured: Callable[[], Awaitable[Iterable[Measure]]]
    _counts: Counter[str] = field(default_factory=Counter)

    def count(self, name: str) -> None:
        """Count one more of *name*, in Prometheus' text form with its labels."""
        self._counts[name] += 1

    async def serve(self, host: str, port: int, stop: asyncio.Event) -> None:
        """Until *stop*. Raises CannotStart where *port* is taken."""
        with listening(host, port):
            server = await asyncio.start_server(
                self._connected, host, port, limit=LONGEST_LINE
            )
        log.info("operations_ready", host=host, port=port)
        async with server:
            await stop.wait()

    async def reply(self, method: str, path: str) -> Reply:
        if (method, path) == ("GET", "/healthz"):
            fine = await self.healthy()
            return Reply(200, "ok\n") if fine else Reply(503, "not ready\n")
        if (method, path) == ("GET", "/metrics"):
            measures = [*sorted(self._counts.items()), *await self.measured()]
            return Reply(200, metrics_text(measures))
        return Reply(404, "not found\n")

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                reply = await self.reply(*await _request(reader))
                writer.write(_encoded(reply))
                await writer.drain()
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            log.debug("operations_dropped", error=repr(error))
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> tuple[str, str]:
    """The request's method and path. Headers are read and dropped, a body is never
    read.
    """
    method, path, _ = (await reader.readuntil(b"\r\n")).decode("ascii").split(" ", 2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return method, path


def _encoded(reply: Reply) -> bytes:
    body = reply.body.encode()
    head = (
        f"HTTP/1.1 {reply.status} {_REASONS[reply.status]}\r\n"
        f"Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n"
        f"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
