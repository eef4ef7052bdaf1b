"""The citizen's link: one page, one button, one file (spec 3.5)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ecopy.refusals import Trouble
from storage.app.delivery import Delivery, by_a_person
from storage.app.throttling import Counter
from storage.domain.copies import ArchivedCopy
from storage.domain.deliveries import Deliveries, Part
from storage.domain.names import attachment
from storage.domain.ranges import (
    Span,
    UnsatisfiableRangeError,
    matches,
    parse_range,
    range_still_holds,
)
from storage.usecases import Opened, Storage
from storage.web.rendering import Faces

log = structlog.get_logger()
READING = ["GET", "HEAD"]
KEPT = "private, no-store"
"""A shared computer must not keep a citizen's paper."""
MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class Links:
    """Unknown, expired and revoked links answer alike, and count as a try."""

    storage: Storage
    faces: Faces
    counter: Counter
    deliveries: Deliveries

    def routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/c/{token}", self.page, methods=READING)
        router.add_api_route("/c/{token}/download", self.download, methods=READING)
        return router

    async def page(self, request: Request, token: str) -> Response:
        found = await self._opened(request, token)
        if found is None:
            return self.faces.page(request, "closed.html.j2", 404)
        if request.method == "GET" and by_a_person(request):
            await self._note(request, found.copy, "opened")
        last_day = found.link.expires_at - timedelta(seconds=1)
        return self.faces.page(
            request, "link.html.j2", copy=found.copy, token=token, last_day=last_day
        )

    async def download(self, request: Request, token: str) -> Response:
        found = await self._opened(request, token)
        if found is None:
            return self.faces.page(request, "closed.html.j2", 404)
        copy, etag = found.copy, _etag(found.copy)
        if matches(request.headers.get("if-none-match"), etag):
            kept = {"ETag": etag, "Cache-Control": KEPT}
            return Response(status_code=304, headers=kept)
        try:
            span = _span(request, copy)
        except UnsatisfiableRangeError:
            answer = self.faces.error(request, 416)
            answer.headers["Content-Range"] = f"bytes */{copy.size}"
            return answer
        return await self._file(request, found, span)

    async def _file(
        self, request: Request, found: Opened, span: Span | None
    ) -> Response:
        copy = found.copy
        status = 200 if span is None else 206
        headers = _headers(copy, span)
        if request.method == "HEAD":
            return Response(None, status, headers, media_type=MEDIA_TYPE)
        body = await _begun(self.storage.read(copy, span))
        ended = partial(self._ended, request, found, span or Span(0, copy.size - 1))
        return Delivery(body, status, headers, media_type=MEDIA_TYPE, on_end=ended)

    async def _ended(
        self, request: Request, found: Opened, span: Span, arrived: int, whole: bool
    ) -> None:
        """Note a fetch when the last byte of the file arrived, in one piece or many."""
        if not by_a_person(request):
            return
        end = span.last + 1 if whole else span.first + arrived
        part = Part(span.first, end, broken=not whole)
        key = f"{found.link.token_sha256} {self.counter.address(request)}"
        if self.deliveries.add(key, found.copy.size, part):
            await self._note(request, found.copy, "fetched")

    async def _opened(self, request: Request, token: str) -> Opened | None:
        self.counter.link(request)
        found: Opened | None = None
        tried = False
        try:
            found = await self.storage.open_link(token)
            tried = True
        finally:
            if found is not None or not tried:  # trouble of ours is no guess either
                self.counter.right_link(request)
        return found

    async def _note(self, request: Request, copy: ArchivedCopy, what: str) -> None:
        address = self.counter.address(request)
        try:
            await self.storage.note_access(copy, what, address)
        except Trouble:  # a full disk must not keep a citizen from their copy
            log.exception("access_not_logged", entry=copy.entry, what=what)


def _etag(copy: ArchivedCopy) -> str:
    """Strong: the digest of the bytes themselves."""
    return f'"{copy.sha256}"'


def _headers(copy: ArchivedCopy, span: Span | None) -> dict[str, str]:
    headers = {
        "ETag": _etag(copy),
        "Accept-Ranges": "bytes",
        "Cache-Control": KEPT,
        "Content-Disposition": attachment(copy.facts.number, copy.title),
        "Content-Length": str(copy.size),
    }
    if span is not None:
        headers["Content-Length"] = str(span.length)
        headers["Content-Range"] = span.content_range(copy.size)
    return headers


def _span(request: Request, copy: ArchivedCopy) -> Span | None:
    """Ranges are for GET, and only while the file is the one the client has."""
    if request.method != "GET":
        return None
    if not range_still_holds(request.headers.get("if-range"), _etag(copy)):
        return None
    return parse_range(request.headers.get("range"), copy.size)


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Read the first chunk before the answer begins: what fails can still be said."""
    first = await anext(chunks)

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return whole()
