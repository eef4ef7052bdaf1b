"""Every route with its rule, on one screen. A route without one cannot be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Mounted
from starlette.types import ASGIApp

from chassis import http
from chassis.settings import ConnectionSettings
from intake.app import acts, api, pages, refusals, uploads
from intake.app.desk import Desk
from intake.app.guard import (
    ANYBODY,
    CERTIFIERS,
    CLERKS,
    DESK,
    STAFF,
    UPLOADERS,
    Rule,
    guarded,
    reader,
)
from intake.app.visit import Endpoint
from intake.web import mount_static


@dataclass(frozen=True, slots=True)
class Route:
    method: Literal["GET", "POST"]
    path: str
    endpoint: Endpoint
    rule: Rule
    outcome: str = ""
    """The page that follows the act of a form (``app.once``)."""


AT_CASE: Final = "/cases/{case}"
AT_DESK: Final = "/documents/{document}/desk"
AT_SIGN_IN: Final = "/sign-in?notice=password-changed"
AT_WALL: Final = "/wall"
ROUTES: Final = (
    Route("GET", "/healthz", api.healthz, ANYBODY),
    Route("GET", "/readyz", api.readyz, ANYBODY),
    Route("GET", "/sign-in", pages.sign_in, ANYBODY),
    Route("POST", "/sign-in", acts.sign_in, ANYBODY),
    Route("POST", "/v1/sign-in", api.sign_in, ANYBODY),
    Route("POST", "/sign-out", acts.sign_out, STAFF),
    Route("GET", "/account", pages.account, STAFF),
    Route("POST", "/account/password", acts.change_password, STAFF, AT_SIGN_IN),
    Route("GET", "/", pages.board, STAFF),
    Route("GET", "/cases/new", pages.new_case, CLERKS),
    Route("POST", "/cases", acts.open_case, CLERKS, AT_DESK),
    Route("GET", "/v1/quote", api.quote, CLERKS),
    Route("GET", "/cases/{code}", pages.case, DESK),
    Route("GET", "/v1/cases/{code}", api.case, DESK),
    Route("POST", "/cases/{code}/documents", acts.add_document, CLERKS, AT_DESK),
    Route("GET", "/documents/{document}/desk", pages.page_desk, DESK),
    Route("GET", "/documents/{document}/pictures/{page}/thumb", pages.thumb, DESK),
    Route("GET", "/documents/{document}/pictures/{page}/large", pages.large, DESK),
    Route("POST", "/documents/{document}/places", uploads.reserve, CLERKS),
    Route("POST", "/documents/{document}/files", uploads.upload, UPLOADERS),
    Route(
        "POST",
        "/documents/{document}/files/{file}/remove",
        acts.remove_file,
        CLERKS,
        f"{AT_DESK}#live-files",
    ),
    Route("POST", "/documents/{document}/compare", acts.compare, CLERKS, AT_DESK),
    Route("POST", "/documents/{document}/submit", acts.submit, CLERKS, AT_CASE),
    Route("GET", "/documents/{document}/link.svg", pages.link_qr, DESK),
    Route("GET", "/wall", pages.wall, CERTIFIERS),
    Route("GET", "/wall/{document}", pages.wall, CERTIFIERS),
    Route("POST", "/documents/{document}/approve", acts.approve, CERTIFIERS, AT_WALL),
    Route("POST", "/v1/documents/{document}/approve", api.approve, CERTIFIERS),
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
    Route("GET", "/register", pages.register, STAFF),
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

    app = Starlette(
        routes=[
            Mounted(
                route.path,
                guarded(route.endpoint, route.rule, desk, route.outcome),
                methods=[route.method],
            )
            for route in ROUTES
        ],
        exception_handlers={HTTPException: unknown, Exception: broken},
    )
    mount_static(app)
    return http.dressed(app, limits, trusted_proxies=trusted_proxies)
