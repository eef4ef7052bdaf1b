"""The desk as an application: each route of ``routes`` behind its rule.

The application is FastAPI's. Its own reading of parameters and bodies is not used: the
guard has to look at the session, the rule and the form's token before a byte of a body
is believed, and files are streamed (``guard``, ``uploads``). Pages and pictures for
people are left out of the OpenAPI document; ``openapi`` describes the rest
(docs/decisions/0074). Start at ``create_app``.
"""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp

from chassis import http
from chassis.settings import ConnectionSettings
from intake.app import openapi, refusals, tus
from intake.app.desk import Desk
from intake.app.guard import guarded
from intake.app.route import Route
from intake.app.routes import ROUTES
from intake.app.sender import reader
from intake.app.v1 import keyed
from intake.web import NamedRoute, mount_static

Handler = Callable[[Request], Awaitable[Response]]


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
        answer = refusals.refused(status, key, request, desk, me=me)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = _allowed(app, request)
        return answer

    async def broken(request: Request, _: Exception) -> Response:
        # Starlette raises it again for ``LastWord``, which writes it to the log.
        return refusals.refused(
            HTTPStatus.INTERNAL_SERVER_ERROR, "error.500", request, desk
        )

    app = _fastapi()
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(Exception, broken)
    for route in ROUTES:
        endpoint = route.endpoint
        if route.terms.keyed:
            endpoint = keyed.once(endpoint, route.terms)
        handle = guarded(endpoint, route.rule, desk, route.outcome)
        _add(app, route, tus.spoken(handle) if route.tus else handle)
    mount_static(app)
    return http.dressed(app, limits, trusted_proxies=trusted_proxies)


def described() -> dict[str, Any]:
    """The OpenAPI document of the programs' interface, without a desk behind it."""
    app = _fastapi()
    for route in ROUTES:
        if route.answer is not None:
            _describe(app, route, route.answer)
    return openapi.document(app, ROUTES)


def _allowed(app: FastAPI, request: Request) -> str:
    """Each method of that address: the framework names those of one row alone."""
    rows = [row for row in app.routes if row.matches(request.scope)[0] != Match.NONE]
    return ", ".join(sorted({m for row in rows for m in getattr(row, "methods", ())}))


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
    """Serve *route*, and HEAD where GET is served."""
    # FastAPI's own kind of route reads the endpoint's signature and source, a tenth of
    # a millisecond for each of 140, for parameters and a document that are not here:
    # ``_describe`` makes the document.
    served = NamedRoute(route.path, handle, methods=[str(route.method)])
    app.router.routes.append(served)


def _describe(app: FastAPI, route: Route, answer: type[BaseModel]) -> None:
    """Put *route* into the document, as one for programs."""
    app.add_api_route(
        route.path,
        _undone,
        methods=[route.method],
        response_model=None,
        status_code=openapi.success(route),
        operation_id=openapi.name(route),
        name=openapi.name(route),
        description=openapi.description(route),
        responses=openapi.responses(route, answer),
        openapi_extra=openapi.extras(route),
    )


async def _undone(_request: Request) -> Response:
    raise AssertionError("this application only describes itself")
