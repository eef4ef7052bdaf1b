"""The public face on a port of its own, in a thread, over a shelf that tests fill."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chassis import http
from storage.domain.gate import Trust
from storage.wiring.public_face import face
from support.servers import free_port, listening, wait_for
from support.storage import TRUST, Shelf, shelf

T = TypeVar("T")


@dataclass
class PublicFace:
    origin: str
    store: Shelf
    loop: asyncio.AbstractEventLoop

    def run(self, work: Awaitable[T]) -> T:
        """Something to be done in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextlib.contextmanager
def public_face(
    directory: Path, trust: Trust = TRUST, **settings: object
) -> Iterator[PublicFace]:
    port, opened = free_port(), list[PublicFace]()
    stop: list[Callable[[], None]] = []

    async def serve() -> None:
        database = f"sqlite:///{directory}/storage.db"
        async with shelf(directory, database, trust, **settings) as store:
            loop, ending = asyncio.get_running_loop(), asyncio.Event()
            stop.append(lambda: loop.call_soon_threadsafe(ending.set))
            opened.append(PublicFace(f"http://127.0.0.1:{port}", store, loop))
            app = face(store.settings, store.storage, clock=store.hands)
            await http.serve(app, "127.0.0.1", port, ending)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        wait_for(lambda: bool(opened) and listening(port), "the public face")
        yield opened[0]
    finally:
        stop[0]()
        thread.join(20)
