"""A file on its way to somebody, and how much of it arrived (decision 0055)."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.lines import line_of

PIECE_BYTES: Final = 1 << 16
"""Handed over at once: as much as may wait in this process."""
MACHINES: Final = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|externalhit|whatsapp|scanner|safelinks|unfurl"
)
"""In the names of programs that open a link before, or instead of, a person. (CUBOT
makes telephones.)"""
AHEAD: Final = ("sec-purpose", "purpose", "x-moz", "x-purpose")
"""Headers in which browsers say that nobody has asked for this yet."""


def by_a_person(request: Request) -> bool:
    """Neither a browser that fetches ahead, nor a program that draws a preview, as far
    as they say so.
    """
    ahead = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    if "prefetch" in ahead or "preview" in ahead or "prerender" in ahead:
        return False
    agent = request.headers.get("user-agent", "").lower()
    return MACHINES.search(agent) is None


class DownloadResponse(Response):
    """Streams a body; then says how much of it arrived at least, and whether all."""

    def __init__(
        self,
        body: AsyncIterator[bytes],
        status: int,
        headers: Mapping[str, str],
        *,
        media_type: str,
        on_end: Callable[[int, bool], Awaitable[None]],
    ) -> None:
        super().__init__(None, status, headers, media_type)
        self._body = body
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # the line itself says when the other end is gone
        line, sent, cut = line_of(scope), 0, False
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        async for piece in _pieces(self._body):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            cut = line.ended
            if cut:
                break
            sent += len(piece)
        # ``send`` returned says that the server has the bytes, not that the other end
        # has them: the kernel is asked before a fetch is noted.
        whole = not cut and await line.arrived()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        # A client that closed over unread bytes resets the line a moment later.
        whole = whole and await line.stays()
        await self._on_end(max(0, sent - line.outstanding()), whole)


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        for at in range(0, len(chunk), PIECE_BYTES):
            yield chunk[at : at + PIECE_BYTES]
