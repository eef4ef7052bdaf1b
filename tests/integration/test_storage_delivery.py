"""*Fetched* is said of a file that somebody has: real sockets, clients that stop."""

import asyncio
import contextlib
import socket
import struct

import pytest
from sqlalchemy import select

from chassis import http
from storage.adapters import tables
from storage.wiring.public_face import face
from support import build
from support.servers import free_port
from support.storage import TOKEN, shelf
from support.waiting import LONG_SECONDS

SIZE = 12_000_000
"""More than a sender and a receiver on one machine may hold in their buffers."""
LARGE = (bytes(range(256)) * (SIZE // 256 + 1))[:SIZE]
MEDIUM = LARGE[:900_000]
SMALL = LARGE[:20_000]
RECEIVES_BYTES = 64 << 10


@contextlib.asynccontextmanager
async def served(tmp_path, content):
    """The public face on a port of its own; gives the port and the notes so far."""
    database = f"sqlite:///{tmp_path}/storage.db"
    port, stop = free_port(), asyncio.Event()
    async with shelf(tmp_path, database) as store:
        await store.archived(content)
        app = face(store.settings, store.storage, clock=store.hands)
        serving = asyncio.create_task(http.serve(app, "127.0.0.1", port, stop))
        while not await _listens(port):
            await asyncio.sleep(0.02)
        try:
            yield store, port
        finally:
            stop.set()
            await serving


async def _listens(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def notes(store, expected, seconds=LONG_SECONDS):
    """What is noted by now; waits a little if less is there than expected."""
    query = select(tables.accesses.c.what).order_by(tables.accesses.c.position)
    for _ in range(int(seconds / 0.05)):
        rows = await store.database.read(lambda tx: tx.execute(query).all())
        if len(rows) >= len(expected) and expected:
            break
        await asyncio.sleep(0.05)
    return [row.what for row in rows]


class Client:
    """A client with a small buffer of its own, who reads as much as it likes."""

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES_BYTES)
        self.socket.setblocking(False)
        self.port = port

    async def ask(self, method="GET", path=f"/c/{TOKEN}/download", **headers):
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        lines = [f"{method} {path} HTTP/1.1", "Host: x"]
        lines += [
            f"{name.replace('_', '-')}: {value}" for name, value in headers.items()
        ]
        await loop.sock_sendall(self.socket, "\r\n".join([*lines, "", ""]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await loop.sock_recv(self.socket, 1)
        return head.decode("latin-1")

    async def read(self, count, pause=0.0):
        loop = asyncio.get_running_loop()
        content = bytearray()
        while len(content) < count:
            chunk = await loop.sock_recv(self.socket, min(65536, count - len(content)))
            assert chunk, "the server broke off"
            content += chunk
            await asyncio.sleep(pause)
        return bytes(content)

    def close(self):
        self.socket.close()

    def reset(self):
        """Closed by force: the machine sends a reset at once."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()


@pytest.mark.parametrize("content", [LARGE, SMALL], ids=["large", "small"])
async def test_a_whole_file_is_noted_once(tmp_path, content):
    """Read to its last byte, whether the client then closes or asks for more."""
    async with served(tmp_path, content) as (store, port):
        client = Client(port)
        await client.ask()
        assert await client.read(len(content)) == content
        client.close()
        assert await notes(store, ["fetched"]) == ["fetched"]
        again = Client(port)
        await again.ask(Connection="close")
        await again.read(len(content))
        assert await notes(store, ["fetched"] * 2) == ["fetched"] * 2
        again.close()


async def test_a_slow_reader_is_noted_at_the_end(tmp_path):
    """Nothing while bytes are still under way, then once."""
    async with served(tmp_path, LARGE) as (store, port):
        client = Client(port)
        await client.ask()
        await client.read(SIZE // 2)
        assert await notes(store, [], 1.2) == []
        await client.read(SIZE - SIZE // 2 - 1000)
        assert await client.read(1000) == LARGE[-1000:]
        assert await notes(store, ["fetched"]) == ["fetched"]
        client.close()


async def gone(port, part, wait, end):
    """A client that read so much, hesitated, and went away."""
    client = Client(port)
    await client.ask()
    await client.read(part)
    await asyncio.sleep(wait)
    getattr(client, end)()


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_a_broken_download_is_not_noted(tmp_path, end):
    """However much was read before the client went away."""
    async with served(tmp_path, LARGE) as (store, port):
        parts = (0, 1000, SIZE // 2, SIZE * 9 // 10)
        await asyncio.gather(*(gone(port, part, 0.0, end) for part in parts))
        assert await notes(store, [], 1.2) == []


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_half_a_file_in_our_buffers_is_not_noted(tmp_path, end):
    """Our kernel takes all of it at once, and the client's only what it has room for:
    what waits on our side has not arrived, however long the client hesitates.
    """
    async with served(tmp_path, MEDIUM) as (store, port):
        part = len(MEDIUM) // 4
        await asyncio.gather(*(gone(port, part, wait, end) for wait in (0.0, 1.0)))
        assert await notes(store, [], 1.2) == []


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_half_a_file_in_their_buffer_is_not_noted(tmp_path, end):
    """All of it has reached the machine when the client stops: it says so at once."""
    async with served(tmp_path, SMALL) as (store, port):
        client = Client(port)
        await client.ask()
        await client.read(len(SMALL) // 2)
        getattr(client, end)()
        assert await notes(store, [], 1.2) == []


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Range": "bytes=0-0"}),
        ("GET", {"Range": "bytes=-1"}),
        ("GET", {"If_None_Match": f'"{build.digest(SMALL)}"'}),
        ("GET", {"Sec_Purpose": "prefetch"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"User_Agent": "facebookexternalhit/1.1"}),
        ("GET", {"User_Agent": "TelegramBot (like TwitterBot)"}),
    ],
)
async def test_a_probe_is_not_noted(tmp_path, method, headers):
    """Neither of the file nor of the page: nobody has looked at anything."""
    async with served(tmp_path, SMALL) as (store, port):
        for path in (f"/c/{TOKEN}/download", f"/c/{TOKEN}"):
            if path == f"/c/{TOKEN}" and ("Range" in headers or len(headers) == 0):
                continue
            client = Client(port)
            head = await client.ask(method, path, Connection="close", **headers)
            await asyncio.sleep(0.3)
            client.close()
            assert head.split()[1] in ("200", "206", "304")
        expected = ["opened"] if "If_None_Match" in headers else []
        assert await notes(store, expected, 0.6) == expected


async def test_opening_by_a_person_is_noted(tmp_path):
    """The page itself, by a browser that somebody uses."""
    async with served(tmp_path, SMALL) as (store, port):
        for method in ("HEAD", "GET"):
            client = Client(port)
            agent = "Mozilla/5.0 (Linux; Android 13; CUBOT X50) Chrome/130 Zalo"
            await client.ask(method, f"/c/{TOKEN}", User_Agent=agent)
            client.close()
        assert await notes(store, ["opened"]) == ["opened"]


async def test_a_resumed_download_is_noted_when_it_ends(tmp_path):
    """It breaks off in the middle; the client goes on from what it has."""
    async with served(tmp_path, LARGE) as (store, port):
        client = Client(port)
        await client.ask()
        had = await client.read(SIZE // 2)
        client.close()
        await asyncio.sleep(0.3)
        rest = Client(port)
        etag = f'"{build.digest(LARGE)}"'
        await rest.ask(Range=f"bytes={len(had)}-", If_Range=etag)
        assert had + await rest.read(SIZE - len(had)) == LARGE
        assert await notes(store, ["fetched"]) == ["fetched"]
        rest.close()


async def test_parallel_parts_are_noted_when_all_are_there(tmp_path):
    """Four connections, a quarter each; three quarters are nothing yet."""
    step = SIZE // 4

    async def fetch(port, number):
        client = Client(port)
        last = SIZE - 1 if number == 3 else (number + 1) * step - 1
        await client.ask(Range=f"bytes={number * step}-{last}")
        await client.read(last + 1 - number * step)
        client.close()

    async with served(tmp_path, LARGE) as (store, port):
        await asyncio.gather(*(fetch(port, number) for number in (3, 0, 2)))
        assert await notes(store, [], 0.8) == []
        await fetch(port, 1)
        assert await notes(store, ["fetched"]) == ["fetched"]


async def test_the_beginning_broken_and_only_the_end_asked_for_is_no_file(tmp_path):
    """As viewers of PDF do: they stop, and look at the table at the end."""
    async with served(tmp_path, LARGE) as (store, port):
        client = Client(port)
        await client.ask()
        await client.read(100_000)
        client.close()
        tail = Client(port)
        await tail.ask(Range=f"bytes={SIZE - 50_000}-")
        await tail.read(50_000)
        tail.close()
        assert await notes(store, [], 1.2) == []
