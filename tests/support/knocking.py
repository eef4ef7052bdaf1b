"""Clients of raw sockets at a real server: slow, half, many, from several addresses."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from chassis import http
from chassis.settings import ConnectionSettings
from support.servers import free_port
from support.waiting import LONG_SECONDS

HONEST = "127.0.0.1"
STRANGER = "127.0.0.2"
_connected: list[asyncio.StreamWriter] = []
"""Closed with the server at the latest."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


class Client:
    """One connection from an address of one's choice."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    async def send(self, *pieces: str | bytes) -> None:
        for piece in pieces:
            data = piece.encode() if isinstance(piece, str) else piece
            self.writer.write(data)
            await self.writer.drain()

    async def hear(self) -> Answer:
        """The next answer; status 0 if the connection ends without one."""
        async with asyncio.timeout(LONG_SECONDS):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionError):
                return Answer(0, {}, "")
            first, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines)
            }
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, body.decode("utf-8", "replace"))

    async def ended(self) -> bool:
        """Wait until the server has closed the connection."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(LONG_SECONDS):
                while await self.reader.read(1 << 16):
                    pass
        return True

    def close(self) -> None:
        self.writer.close()


async def knock(port: int, source: str = HONEST) -> Client:
    pair = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    _connected.append(pair[1])
    return Client(*pair)


async def ask(port: int, path: str, source: str = HONEST) -> Answer:
    client = await knock(port, source)
    await client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        return await client.hear()
    finally:
        client.close()


@contextlib.asynccontextmanager
async def listening(app, limits: ConnectionSettings) -> AsyncIterator[int]:
    """The application on a port of its own."""
    port, stop = free_port(), asyncio.Event()
    serving = asyncio.create_task(
        http.serve(app, "127.0.0.1", port, stop, limits=limits)
    )
    async with asyncio.timeout(LONG_SECONDS):
        while not await _open(port):
            await asyncio.sleep(0.02)
    try:
        yield port
    finally:
        for writer in _connected:
            writer.close()
        _connected.clear()
        stop.set()
        await serving


async def _open(port: int) -> bool:
    try:
        client = await knock(port)
    except OSError:
        return False
    client.close()
    return True
