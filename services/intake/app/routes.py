"""Every route with its rule, on one screen. A route without one cannot be written.

The application is FastAPI's. Its own reading of parameters and bodies is not used: the
guard has to look at the session, the rule and the form's token before a byte of a body
is believed, and files are streamed (``guard``, ``uploads``). Pages and pictures for
people are left out of the OpenAPI document; ``openapi`` describes the rest
(docs/decisions/0074). Start at ``ROUTES``.
"""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from chassis import http
from chassis.settings import ConnectionSettings
from intake.app import (
    acts,
    api,
    arranging,
    describing,
    inbox,
    openapi,
    pages,
    refusals,
    sessions,
    system,
    tus,
    uploads,
)
from intake.app.desk import Desk
from intake.app.guard import guarded, reader
from intake.app.responses import (
    ApprovedResponse,
    ApproveRequest,
    CaseResponse,
    FilesRequest,
    FilesResponse,
    LettersResponse,
    PlacesRequest,
    PlacesResponse,
    QuoteRequest,
    QuoteResponse,
    ReadyResponse,
    SessionResponse,
    SignInRequest,
    StatusResponse,
)
from intake.app.route import (
    ADMINISTRATORS,
    ANYBODY,
    CERTIFIERS,
    CLERKS,
    DESK,
    STAFF,
    UPLOADERS,
    Route,
)
from intake.web import mount_static

Handler = Callable[[Request], Awaitable[Response]]

AT_CASE: Final = "/cases/{case}"
AT_DESK: Final = "/documents/{document}/desk"
AT_READING: Final = f"{AT_DESK}#live-reading"
AT_SIGN_IN: Final = "/sign-in?notice=password-changed"
AT_WALL: Final = "/wall"
AT_SYSTEM: Final = "/system"
AT_INBOX: Final = "/inbox"
ROUTES: Final = (
    Route("GET", "/healthz", api.healthz, ANYBODY, answer=StatusResponse),
    Route("GET", "/readyz", api.readyz, ANYBODY, answer=ReadyResponse),
    Route("GET", "/metrics", api.metrics, ANYBODY),
    Route("GET", "/sign-in", pages.sign_in, ANYBODY),
    Route("POST", "/sign-in", sessions.sign_in, ANYBODY),
    Route(
        "POST",
        "/v1/sign-in",
        api.sign_in,
        ANYBODY,
        answer=SessionResponse,
        takes=SignInRequest,
    ),
    Route("POST", "/sign-out", sessions.sign_out, STAFF),
    Route("GET", "/account", pages.account, STAFF),
    Route("POST", "/account/password", sessions.change_password, STAFF, AT_SIGN_IN),
    Route("GET", "/", pages.board, STAFF),
    Route("GET", "/cases/new", pages.new_case, CLERKS),
    Route("POST", "/cases", acts.open_case, CLERKS, AT_DESK),
    Route(
        "GET", "/v1/quote", api.quote, CLERKS, answer=QuoteResponse, takes=QuoteRequest
    ),
    Route("GET", "/cases/{code}", pages.case, DESK),
    Route("GET", "/v1/cases/{code}", api.case, DESK, answer=CaseResponse),
    Route("POST", "/cases/{code}/documents", acts.add_document, CLERKS, AT_DESK),
    Route("GET", "/documents/{document}/desk", pages.page_desk, DESK),
    Route("GET", "/documents/{document}/pictures/{page}/thumb", pages.thumb, DESK),
    Route("GET", "/documents/{document}/pictures/{page}/large", pages.large, DESK),
    Route(
        "GET", "/documents/{document}/pictures/{page}/tiles/{tile}", pages.tile, DESK
    ),
    Route(
        "POST",
        "/documents/{document}/places",
        uploads.reserve,
        CLERKS,
        answer=PlacesResponse,
        takes=PlacesRequest,
    ),
    Route(
        "POST",
        "/documents/{document}/files",
        uploads.upload,
        UPLOADERS,
        answer=FilesResponse,
        takes=FilesRequest,
    ),
    *tus.ROUTES,
    Route(
        "POST",
        "/documents/{document}/files/{file}/remove",
        acts.remove_file,
        CLERKS,
        f"{AT_DESK}#live-files",
    ),
    Route("POST", "/documents/{document}/pages", arranging.step, CLERKS, AT_DESK),
    *(
        Route("POST", f"/documents/{{document}}/pages/{name}", act, CLERKS, AT_DESK)
        for name, act in (
            ("insert", arranging.insert),
            ("replace", arranging.replace),
            ("send", arranging.send),
            ("split", arranging.split),
            ("merge", arranging.merge),
        )
    ),
    Route(
        "POST", "/documents/{document}/details", describing.describe, CLERKS, AT_READING
    ),
    Route(
        "POST",
        "/documents/{document}/read-again",
        describing.read_again,
        CLERKS,
        AT_READING,
    ),
    Route("POST", "/documents/{document}/compare", acts.compare, CLERKS, AT_DESK),
    Route("POST", "/documents/{document}/submit", acts.submit, CLERKS, AT_CASE),
    Route("GET", "/documents/{document}/link.svg", pages.link_qr, DESK),
    Route("GET", "/inbox", inbox.page, CLERKS),
    Route("GET", "/inbox/{arrival}/pages/{page}/thumb", inbox.thumb, CLERKS),
    Route("GET", "/inbox/{arrival}/pages/{page}/large", inbox.large, CLERKS),
    Route("POST", "/inbox/assign", inbox.assign, CLERKS, AT_INBOX),
    Route("POST", "/inbox/{arrival}/give-back", inbox.give_back, CLERKS, AT_INBOX),
    Route("POST", "/inbox/{arrival}/set-aside", inbox.set_aside, CLERKS, AT_INBOX),
    Route("GET", "/wall", pages.wall, CERTIFIERS),
    Route("GET", "/wall/{document}", pages.wall, CERTIFIERS),
    Route("POST", "/documents/{document}/approve", acts.approve, CERTIFIERS, AT_WALL),
    Route(
        "POST",
        "/v1/documents/{document}/approve",
        api.approve,
        CERTIFIERS,
        answer=ApprovedResponse,
        takes=ApproveRequest,
    ),
    Route("POST", "/documents/{document}/refuse", acts.refuse, CERTIFIERS, AT_WALL),
    Route(
        "POST", "/documents/{document}/send-back", acts.send_back, CERTIFIERS, AT_WALL
    ),
    Route(
        "POST",
        "/documents/{document}/order-again",
        acts.order_again,
        CERTIFIERS,
        AT_CASE,
    ),
    Route("POST", "/documents/{document}/void", acts.void, CERTIFIERS, AT_CASE),
    Route("GET", "/register", pages.register, STAFF),
    Route("GET", "/system", system.overview, ADMINISTRATORS),
    Route("GET", "/system/letters/{number}", system.letter, ADMINISTRATORS),
    Route(
        "POST",
        "/system/letters/{number}/replay",
        system.replay,
        ADMINISTRATORS,
        AT_SYSTEM,
    ),
    Route(
        "POST",
        "/system/letters/{number}/dismiss",
        system.dismiss,
        ADMINISTRATORS,
        AT_SYSTEM,
    ),
    Route(
        "GET",
        "/v1/system/letters",
        system.letters,
        ADMINISTRATORS,
        answer=LettersResponse,
    ),
)


def create_app(
    desk: Desk,
    limits: ConnectionSettings = http.USUAL,
    *,
    trusted_proxies: Sequence[str] = (),
) -> ASGIApp:
    """The desk's pages, forms and programs' interface."""

    async def unknown(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        key = f"error.{status}" if status == HTTPStatus.NOT_FOUND else "error.400"
        me = await reader(request, desk)
        return refusals.refused(status, key, request, desk, me=me)

    async def broken(request: Request, _: Exception) -> Response:
        # Starlette raises it again for ``LastWord``, which writes it to the log.
        return refusals.refused(
            HTTPStatus.INTERNAL_SERVER_ERROR, "error.500", request, desk
        )

    app = _fastapi()
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(Exception, broken)
    for route in ROUTES:
        handle = guarded(route.endpoint, route.rule, desk, route.outcome)
        _add(app, route, tus.spoken(handle) if route.tus else handle)
    mount_static(app)
    return http.dressed(app, limits, trusted_proxies=trusted_proxies)


def described() -> dict[str, Any]:
    """The OpenAPI document of the programs' interface, without a desk behind it."""
    app = _fastapi()
    for route in ROUTES:
        if route.answer is not None:
            _describe(app, route, route.answer)
    return openapi.document(app)


def _fastapi() -> FastAPI:
    # No address of FastAPI's own: its pages load scripts from elsewhere, which our
    # Content-Security-Policy forbids, and the document is committed (decision 0074).
    return FastAPI(
        title="ecopy: the desk",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )


def _add(app: FastAPI, route: Route, handle: Handler) -> None:
    """Serve *route*. What the document says of it takes most of FastAPI's time, and no
    request needs it: see ``_describe``.
    """
    # FastAPI, unlike Starlette, does not answer HEAD by itself; and it names a route in
    # the scope, where the request log looks for it, only if the route is its own kind.
    methods = ["GET", "HEAD"] if route.method == "GET" else [str(route.method)]
    app.add_api_route(
        route.path,
        handle,
        methods=methods,
        response_model=None,
        include_in_schema=False,
    )


def _describe(app: FastAPI, route: Route, answer: type[BaseModel]) -> None:
    """Put *route* into the document, as one for programs."""
    app.add_api_route(
        route.path,
        _undone,
        methods=[route.method],
        response_model=None,
        operation_id=route.endpoint.__name__,
        name=route.endpoint.__name__,
        description=openapi.description(route),
        responses=openapi.responses(answer),
        openapi_extra=openapi.extras(route),
    )


async def _undone(_request: Request) -> Response:
    raise AssertionError("this application only describes itself")
