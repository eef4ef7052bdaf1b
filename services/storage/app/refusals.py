"""What is neither link, code nor check: the way in, health, and every refusal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)

from chassis.bodies import CrowdedError
from chassis.http import problem
from chassis.web.formats import format_size
from chassis.web.plain import plain_page
from ecopy.refusals import Trouble
from storage.app.checking import ForeignPageError
from storage.app.responses import wants_json
from storage.app.throttling import TooOftenError
from storage.app.uploads import NamedTooLargeError
from storage.ports import BusyError
from storage.usecases import Storage
from storage.web.forms import FormError
from storage.web.rendering import Faces, language

log = structlog.get_logger()
Refuse = Callable[[Request, Exception], Awaitable[Response]]
KNOWN = (400, 403, 404, 405, 408, 413)
BUSY_SECONDS = 10
TROUBLE_SECONDS = 60


def routes(storage: Storage, faces: Faces) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def way_in() -> Response:
        return RedirectResponse("/kiem-tra", 303)

    @router.api_route("/cach-kiem-tra", methods=["GET", "HEAD"])
    @router.api_route("/how-to-check", methods=["GET", "HEAD"])
    async def how(request: Request) -> Response:
        return faces.page(request, "how.html.j2")

    @router.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /c/\nDisallow: /k/\n")

    @router.get("/healthz")
    async def healthz() -> Response:
        """Alive: nothing else is asked."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def readyz() -> Response:
        """The bus and the database answer too."""
        ready = await storage.ready()
        words = {"status": "ready" if ready else "waiting"}
        return JSONResponse(words, 200 if ready else 503)

    return router


@dataclass(frozen=True, slots=True)
class Refusals:
    """Each way to say no: a page for people, problem+json for programs."""

    faces: Faces

    def handlers(self) -> Mapping[type[Exception], Refuse]:
        return {
            HTTPException: self.by_status,
            RequestValidationError: self.by_status,
            TooOftenError: self.too_often,
            NamedTooLargeError: self.too_large,
            BusyError: self.later,
            CrowdedError: self.later,
            Trouble: self.later,
            FormError: partial(self.plainly, 400),
            ClientDisconnect: partial(self.plainly, 400),
            ForeignPageError: partial(self.plainly, 403),
            TimeoutError: self.too_slow,
            Exception: self.broken,
        }

    async def by_status(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 422
        if _program(request):
            return problem(status, getattr(error, "detail", "") or "Not understood")
        answer = self.faces.error(request, status if status in KNOWN else 400)
        answer.status_code = status
        return answer

    async def too_often(self, request: Request, error: Exception) -> Response:
        again_at = getattr(error, "again_at", self.faces.now())
        page = self.faces.error(request, 429, again_at=again_at)
        if not _program(request):
            return page
        return _with_retry(page, problem(429, "Too many tries", slug="too-often"))

    async def too_large(self, request: Request, error: Exception) -> Response:
        lang = language(request)
        limit = format_size(getattr(error, "limit", self.faces.most), lang=lang)
        if _program(request):
            return problem(413, "Too large", detail=f"limit {limit}", slug="too-large")
        this_file = self.faces.pages.text("facts.this_file", lang=lang)
        name = getattr(error, "name", "") or this_file
        values = {"name": name, "limit": limit}
        return self.faces.error(request, 413, values=values)

    async def later(self, request: Request, error: Exception) -> Response:
        busy = isinstance(error, BusyError | CrowdedError)
        if not busy:
            log.error("not_answered", reason=str(error))
        again_at = self.faces.after(BUSY_SECONDS if busy else TROUBLE_SECONDS)
        slug = "busy" if busy else "503"
        page = self.faces.error(request, 503, slug=slug, again_at=again_at)
        if not _program(request):
            return page
        return _with_retry(page, problem(503, "Try again later", slug=slug))

    async def plainly(
        self, status: int, request: Request, error: Exception
    ) -> Response:
        if _program(request):
            return problem(status, str(error) or type(error).__name__)
        return self.faces.error(request, status)

    async def too_slow(self, request: Request, error: Exception) -> Response:
        del error
        again_at = self.faces.after(BUSY_SECONDS)
        page = self.faces.error(request, 408, again_at=again_at)
        if not _program(request):
            return page
        return _with_retry(page, problem(408, "Too slow", slug="too-slow"))

    async def broken(self, request: Request, error: Exception) -> Response:
        """A fault of ours; ``chassis.http.LastWord`` puts it into the log."""
        del error
        if _program(request):
            return problem(500, "A fault of the server")
        return HTMLResponse(plain_page(500), 500)


def _program(request: Request) -> bool:
    return request.url.path.startswith("/v1/") or wants_json(request)


def _with_retry(page: Response, answer: Response) -> Response:
    answer.headers["Retry-After"] = page.headers["Retry-After"]
    return answer
