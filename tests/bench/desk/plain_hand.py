"""A clerk's page desk without a browser: it sends and looks as the desk's script does.

Places first, then two files at a time by tus in requests of 8 MiB (``upload.js``,
``tus.js``), and meanwhile the page again and again (``live.js``).
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Self

import httpx

from onebox.house import Person
from support.tus import PIECES, Sender, metadata

AT_ONCE: Final = 2
REQUEST_BYTES: Final = 8 << 20
LOOK_SECONDS: Final = 0.5
_THUMBS: Final = re.compile(r'<ol class="thumbs.*?</ol>', re.DOTALL)
_PICTURE: Final = re.compile(r'<img src="([^"]+)"')


class PlainHand:
    """One signed-in clerk."""

    name = "the tus client without a browser"

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._sender = Sender(http)

    @classmethod
    @contextlib.asynccontextmanager
    async def signed_in(cls, desk: str, person: Person) -> AsyncIterator[Self]:
        async with httpx.AsyncClient(base_url=desk, timeout=120) as http:
            known = {"user": person.user, "password": person.password}
            answer = await http.post("/v1/sign-in", json=known)
            answer.raise_for_status()
            http.headers["Authorization"] = f"Bearer {answer.json()['session']}"
            yield cls(http)

    async def drop(self, desk: str, files: list[Path]) -> tuple[float, float]:
        """Seconds until the first thumbnail was there, and until all were."""
        document = desk.removeprefix("/documents/").removesuffix("/desk")
        started = time.perf_counter()
        sending = asyncio.create_task(self._send(document, files))
        first = 0.0
        while not sending.done():
            await asyncio.wait({sending}, timeout=LOOK_SECONDS)
            if await self._thumbs(desk) and not first:
                first = time.perf_counter() - started
        await sending
        return first, time.perf_counter() - started

    async def _send(self, document: str, files: list[Path]) -> None:
        asked = {"count": str(len(files))}
        answer = await self._http.post(f"/documents/{document}/places", data=asked)
        answer.raise_for_status()
        place = answer.json()["first"]
        room = asyncio.Semaphore(AT_ONCE)

        async def one(file: Path, at: int) -> None:
            async with room:
                await self._send_one(document, file, at)

        await asyncio.gather(*(one(f, n) for n, f in enumerate(files, start=place)))

    async def _send_one(self, document: str, file: Path, place: int) -> None:
        content = file.read_bytes()
        named = metadata(filename=file.name, place=str(place))
        begun = await self._sender.begin(document, len(content), metadata=named)
        begun.raise_for_status()
        for at in range(0, len(content), REQUEST_BYTES):
            piece = content[at : at + REQUEST_BYTES]
            url = begun.headers["Location"]
            answer = await self._sender.patch(url, at, piece, Content_Type=PIECES)
            answer.raise_for_status()

    async def _thumbs(self, desk: str) -> int:
        """How many pictures the page has and gives."""
        page = await self._http.get(desk, headers={"Accept": "text/html"})
        lists = _THUMBS.findall(page.text)
        pictures = [src for each in lists for src in _PICTURE.findall(each)]
        for picture in pictures:
            (await self._http.get(picture)).raise_for_status()
        return len(pictures)
