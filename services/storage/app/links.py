"""The citizen's link: one page, one button, one file.

Unknown and expired links answer alike, and count as a guess. A link that was replaced
or closed says so, and nothing of the copy. A link that opens something is never refused
for the wrong ones of its neighbours (docs/decisions/0072). Start at ``link_page``.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from starlette.responses import RedirectResponse, Response

from ecopy.refusals import Trouble
from storage.app.delivery import DownloadResponse, by_a_person
from storage.app.fields import typed_fields
from storage.app.visit import PublicVisit
from storage.domain.copies import ArchivedCopy
from storage.domain.deliveries import ArrivedPart
from storage.domain.factors import PASS_LIFE
from storage.domain.names import attachment
from storage.domain.ranges import (
    Span,
    UnsatisfiableRangeError,
    matches,
    parse_range,
    range_still_holds,
    still_the_same,
)
from storage.usecases import AskedLink, ClosedLink, Met, OpenedLink

log = structlog.get_logger()
COOKIE: Final = "ecopy-link"
"""The cookie of a browser that has answered, for the addresses of that link alone."""
FORM_BYTES: Final = 1000
NOT_KEPT: Final = "private, no-store"
"""The Cache-Control of a copy: a shared computer must not keep a citizen's paper."""
MEDIA_TYPE: Final = "application/pdf"


async def link_page(visit: PublicVisit) -> Response:
    found = await opened(visit)
    if isinstance(found, Response):
        return found
    if visit.request.method == "GET" and by_a_person(visit.request):
        await _note(visit, found, "opened")
    return visit.page(
        "link.html.j2",
        copy=found.copy,
        token=visit.path("token"),
        last_day=last_day(found),
        rated=found.rated,
        unrated=False,
    )


def last_day(found: OpenedLink) -> datetime:
    """A moment of the last day on which the link opens: it ends at midnight."""
    return found.link.expires_at - timedelta(seconds=1)


async def download(visit: PublicVisit) -> Response:
    found = await opened(visit)
    if isinstance(found, Response):
        return found
    copy, etag = found.copy, _etag(found.copy)
    # In the order of RFC 9110 §13.2.2: a program that asks for the rest of a file by
    # If-Match must hear that this is another file, not get the rest of the other.
    if not still_the_same(visit.header("if-match"), etag):
        return visit.face.render.error(visit.request, 412)
    if matches(visit.header("if-none-match"), etag):
        headers = {"ETag": etag, "Cache-Control": NOT_KEPT}
        return Response(status_code=304, headers=headers)
    try:
        span = _span(visit, copy)
    except UnsatisfiableRangeError:
        answer = visit.face.render.error(visit.request, 416)
        answer.headers["Content-Range"] = f"bytes */{copy.size}"
        return answer
    return await _file(visit, found, span)


def _given_up(visit: PublicVisit, copy: ArchivedCopy) -> Response:
    """410: the file was kept until a day, and what its holder can do now."""
    return visit.page("given-up.html.j2", 410, copy=copy)


async def _file(visit: PublicVisit, opened: OpenedLink, span: Span | None) -> Response:
    copy = opened.copy
    status = 200 if span is None else 206
    headers = _headers(copy, span)
    if visit.request.method == "HEAD":
        # Its length is a promise, too: a program that asks first hears what is wrong.
        await visit.storage.check_archived(copy)
        return Response(None, status, headers, media_type=MEDIA_TYPE)
    body = await _begun(visit.storage.read(copy, span))
    on_end = partial(_ended, visit, opened, span or Span(0, copy.size - 1))
    return DownloadResponse(body, status, headers, media_type=MEDIA_TYPE, on_end=on_end)


async def _ended(
    visit: PublicVisit, opened: OpenedLink, span: Span, arrived: int, whole: bool
) -> None:
    """Note a fetch when the last byte of the file arrived, in one piece or many."""
    if not by_a_person(visit.request):
        return
    end = span.last + 1 if whole else span.first + arrived
    part = ArrivedPart(span.first, end, broken=not whole)
    key = f"{opened.link.token_sha256} {visit.address}"
    if visit.face.deliveries.add(key, opened.copy.size, part):
        await _note(visit, opened, "fetched")


async def opened(visit: PublicVisit) -> OpenedLink | Response:
    """What the link opens, or the page that says why it opens nothing."""
    cookie = visit.request.cookies.get(COOKIE, "")
    met = await visit.storage.open_link(visit.path("token"), cookie)
    return met if isinstance(met, OpenedLink) and _kept(met) else _said(visit, met)


def _kept(opened: OpenedLink) -> bool:
    return opened.copy.given_up_at is None


def _said(visit: PublicVisit, found: Met | None) -> Response:
    """The page of a link that does not open, or not yet."""
    if found is None:
        visit.face.admission.count_wrong_link(visit.request)
        return visit.page("closed.html.j2", 404)
    if isinstance(found, ClosedLink):
        return visit.page("link-over.html.j2", 410, why=found.why)
    if isinstance(found, AskedLink):
        return _question(visit, found, wrong=False)
    return _given_up(visit, found.copy)


def _question(visit: PublicVisit, asked: AskedLink, *, wrong: bool) -> Response:
    token = visit.path("token")
    if visit.request.method != "POST" and visit.request.url.path != f"/c/{token}":
        return RedirectResponse(f"/c/{token}", HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    kept = {"kind": asked.kind, "left": asked.left, "wrong": wrong, "token": token}
    return visit.page("link-factor.html.j2", status, **kept)


async def answer(visit: PublicVisit) -> Response:
    """The digits that somebody typed before the link opens."""
    token, digits = visit.path("token"), await _digits(visit)
    met = await visit.storage.answer_link(token, digits)
    if isinstance(met, AskedLink):
        return _question(visit, met, wrong=True)
    if met is not None and not isinstance(met, (str, OpenedLink)):
        return _said(visit, met)
    if met is None:
        return _said(visit, None)
    there = RedirectResponse(f"/c/{token}", HTTPStatus.SEE_OTHER)
    if isinstance(met, str):
        there.set_cookie(
            COOKIE,
            met,
            max_age=int(PASS_LIFE.total_seconds()),
            path=f"/c/{token}",
            secure=visit.face.public_host.startswith("https:"),
            httponly=True,
            samesite="strict",
        )
    return there


async def _digits(visit: PublicVisit) -> str:
    """What was typed, without what people put between digits; empty for anything that
    our form does not send.
    """
    fields = await typed_fields(visit.request, most_bytes=FORM_BYTES)
    return "".join(c for c in fields.get("digits", "") if c.isdecimal())


async def _note(visit: PublicVisit, opened: OpenedLink, what: str) -> None:
    try:
        await visit.storage.note_access(opened.link, what, visit.address)
    except Trouble:  # a full disk must not keep a citizen from their copy
        log.exception("access_not_logged", entry=opened.copy.entry, what=what)


def _etag(copy: ArchivedCopy) -> str:
    """A strong one: the digest of the bytes themselves."""
    return f'"{copy.sha256}"'


def _headers(copy: ArchivedCopy, span: Span | None) -> dict[str, str]:
    headers = {
        "ETag": _etag(copy),
        "Accept-Ranges": "bytes",
        "Cache-Control": NOT_KEPT,
        "Content-Disposition": attachment(copy.facts.number, copy.title),
        "Content-Length": str(copy.size),
    }
    if span is not None:
        headers["Content-Length"] = str(span.length)
        headers["Content-Range"] = span.content_range(copy.size)
    return headers


def _span(visit: PublicVisit, copy: ArchivedCopy) -> Span | None:
    """Ranges are for GET, and only while the file is the one the client has."""
    if visit.request.method != "GET":
        return None
    if not range_still_holds(visit.header("if-range"), _etag(copy)):
        return None
    return parse_range(visit.header("range"), copy.size)


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, the first of them read already."""
    # The status line leaves with the first chunk. A store that does not answer must be
    # met before it, while there is still a 503 to say.
    first = await anext(chunks)
    return _with_first(first, chunks)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
