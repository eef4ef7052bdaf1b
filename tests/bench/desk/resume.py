"""What an upload sends twice when its line is cut, over real sockets.

A sender that does as the page's script does (``web/static/tus.js``): requests of 8 MiB,
and after a cut it asks where the server is and goes on there. Between the two lies a
line (``support.line``) that is reset at random points; the kernel's buffers on it are
64 KiB, as of a line of some Mbit/s. Every byte that went over the line counts, headers
too. ``python -m bench.desk.resume`` prints the figure.
"""

import asyncio
import hashlib
import os
import random
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.figures import Figure
from chassis.objects.opening import open_objects
from chassis.settings import ConnectionSettings, ObjectsSettings
from support.knocking import listening
from support.line import BUFFER, Line, line_to
from support.tus import PIECES, Sender, two_replicas

SIZE = 100_000_000
CUTS = 10
REQUEST_BYTES = 8 << 20
CHUNK = 64 << 10
PAUSE_SECONDS = 1.0
"""Of the page's script after a first failure."""
SEED = 11


@dataclass
class Resuming:
    """One upload, and how often it was cut."""

    sender: Sender
    content: bytes
    sent: int = 0
    """Bytes over the line."""
    cuts: int = 0

    async def run(self, document: str, line: Line, chance: random.Random) -> None:
        begun = await self.sender.begin(document, len(self.content))
        url = begun.headers["Location"]
        offset, due = 0, sorted(chance.sample(range(SIZE), CUTS))
        while offset < len(self.content):
            if due and due[0] < offset + REQUEST_BYTES:
                line.cut_behind(max(1, due.pop(0) - offset))
            try:
                end = offset + REQUEST_BYTES
                answer = await self.sender.patch(
                    url, offset, self._chunks(offset, end), Content_Type=PIECES
                )
                answer.raise_for_status()
                offset = int(answer.headers["Upload-Offset"])
            except (httpx.TransportError, httpx.HTTPStatusError):
                self.cuts += 1
                await asyncio.sleep(PAUSE_SECONDS)
                offset = await self.sender.offset(url)
        self.sent = line.passed

    async def _chunks(self, offset: int, end: int) -> AsyncIterator[bytes]:
        for start in range(offset, min(end, len(self.content)), CHUNK):
            yield self.content[start : min(end, start + CHUNK)]


async def measure() -> dict[str, Figure]:
    content = os.urandom(SIZE)
    with tempfile.TemporaryDirectory() as name:
        resuming, arrived = await _uploaded(content, Path(name))
    if arrived != hashlib.sha256(content).hexdigest():
        raise AssertionError("the file is not the one that was sent")
    overhead = (resuming.sent - SIZE) / SIZE
    cut = f"{SIZE // 1_000_000} MB, cut {resuming.cuts} times, digest equal"
    return {"desk.resume_overhead": Figure(overhead, "of the size", "<= 0.02", cut)}


async def _uploaded(content: bytes, folder: Path) -> tuple[Resuming, str]:
    """The upload, and the digest of the file that came of it."""
    objects = open_objects(ObjectsSettings(url=f"file:{folder}/store"))
    url, limit = f"sqlite:///{folder}/intake.db", {"file_bytes": 2 * SIZE}
    narrow = [(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)]
    async with (
        two_replicas(url, objects, folder, **limit) as house,
        listening(house.apps[0], ConnectionSettings()) as port,
        house.sender() as known,
    ):
        document = await house.papers.received()
        with line_to(port) as line:
            async with httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(socket_options=narrow),
                base_url=f"http://127.0.0.1:{line.port}",
                timeout=60,
            ) as http:
                resuming = Resuming(Sender(http, known.headers), content)
                await resuming.run(document, line, random.Random(SEED))
        (file,) = (await house.known(document)).files
        return resuming, file.raw.sha256


if __name__ == "__main__":
    for name, figure in asyncio.run(measure()).items():
        print(name, figure)
