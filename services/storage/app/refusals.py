"""Every way to say no: a page for people, problem+json for programs.

Which error gets which answer is the table ``REFUSALS``. Start there.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from chassis.bodies import CrowdedError
from chassis.http import problem
from chassis.multipart import MultipartError
from chassis.web.formats import format_size
from chassis.web.plain import plain_page
from ecopy.refusals import Trouble
from storage.app.checking import ForeignPageError
from storage.app.throttling import TooOftenError
from storage.app.uploads import NamedTooLargeError
from storage.app.visit import PublicFace, PublicVisit
from storage.ports import BusyError, NotWholeError
from storage.web.rendering import language

log = structlog.get_logger()
Refusing = Callable[[PublicVisit, Exception], Response]

SPOKEN: Final = frozenset({400, 403, 404, 405, 408, 413})
"""Statuses that have words of their own; any other is told as 400."""
BUSY_SECONDS: Final = 10
"""Longer than a usual verdict, so that a place is likely free at the next try."""
TROUBLE_SECONDS: Final = 60
"""Stores and databases that are restarted come back within about a minute."""


def refused(
    refusing: Refusing, face: PublicFace
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The handler that FastAPI calls for one kind of error."""

    async def answer(request: Request, error: Exception) -> Response:
        return refusing(PublicVisit(request, face), error)

    return answer


def by_status(visit: PublicVisit, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _by_status(visit, error.status_code, str(error.detail))
    return _by_status(visit, 422, "")


def _by_status(visit: PublicVisit, status: int, title: str) -> Response:
    if visit.program and title:
        return problem(status, title)
    if visit.program:
        return visit.problem(status, "not-understood")
    answer = _error_page(visit, status if status in SPOKEN else 400)
    answer.status_code = status
    return answer


def too_often(visit: PublicVisit, error: Exception) -> Response:
    again_at = getattr(error, "again_at", visit.now())
    return _again(visit, 429, "too-often", again_at)


def too_large(visit: PublicVisit, error: Exception) -> Response:
    lang = language(visit.request)
    limit = getattr(error, "limit", visit.face.render.file_bytes)
    size = format_size(limit, lang=lang)
    if visit.program:
        return visit.problem(413, "too-large", detail=f"limit {size}")
    name = getattr(error, "name", "") or visit.words("facts.this_file")
    values = {"name": name, "limit": size}
    return visit.face.render.error(visit.request, 413, values=values)


def busy(visit: PublicVisit, _: Exception) -> Response:
    return _again(visit, 503, "busy", visit.after(BUSY_SECONDS), words="busy")


def troubled(visit: PublicVisit, error: Exception) -> Response:
    log.error("not_answered", reason=str(error))
    return _again(visit, 503, "503", visit.after(TROUBLE_SECONDS))


def not_whole(visit: PublicVisit, error: Exception) -> Response:
    number = getattr(error, "number", "")
    if visit.program:
        return visit.problem(503, "not-whole", detail=number)
    values = {"number": number}
    return visit.face.render.error(visit.request, 503, slug="not-whole", values=values)


def too_slow(visit: PublicVisit, _: Exception) -> Response:
    return _again(visit, 408, "too-slow", visit.after(BUSY_SECONDS))


def plainly(status: int, slug: str, visit: PublicVisit, _: Exception) -> Response:
    if visit.program:
        return visit.problem(status, slug)
    return _error_page(visit, status)


def broken(visit: PublicVisit, _: Exception) -> Response:
    """A fault of ours; ``chassis.http.LastWord`` puts it into the log."""
    if visit.program:
        return visit.problem(500, "500")
    # Not a template: the fault may be in the templates or in the words.
    return HTMLResponse(plain_page(500), 500)


REFUSALS: Final[Mapping[type[Exception], Refusing]] = {
    HTTPException: by_status,
    RequestValidationError: by_status,
    TooOftenError: too_often,
    NamedTooLargeError: too_large,
    BusyError: busy,
    NotWholeError: not_whole,
    CrowdedError: busy,
    Trouble: troubled,
    MultipartError: partial(plainly, 400, "no-form"),
    ClientDisconnect: partial(plainly, 400, "cut-off"),
    ForeignPageError: partial(plainly, 403, "foreign-page"),
    TimeoutError: too_slow,
    Exception: broken,
}


def _again(
    visit: PublicVisit, status: int, slug: str, again_at: datetime, *, words: str = ""
) -> Response:
    """An answer that says when to come again, in its words and as Retry-After."""
    page = visit.face.render.error(visit.request, status, slug=words, again_at=again_at)
    if not visit.program:
        return page
    answer = visit.problem(status, slug)
    answer.headers["Retry-After"] = page.headers["Retry-After"]
    return answer


def _error_page(visit: PublicVisit, status: int) -> Response:
    return visit.face.render.error(visit.request, status)
