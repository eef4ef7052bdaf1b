"""HTTP in every service: security headers, problem+json, one line a request, limits at
the door, a graceful end. Pages are the services' own.

``dressed`` is what every service puts round its application, ``serve`` what listens.
Connections have their limits in ``doors``, bodies theirs in ``bodies``. Start at
``dressed``.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import structlog
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.bodies import BoundedBodies, CrowdedError, SlowBodyError
from chassis.clients import ClientAddresses
from chassis.doors import BoundedProtocol
from chassis.listening import bound_sockets
from chassis.places import Door
from chassis.settings import ConnectionSettings
from chassis.web.plain import plain_page

log = structlog.get_logger()

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' blob: data:; "
    "script-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
GRACE_SECONDS: Final = 5
USUAL: Final = ConnectionSettings()
AGAIN_SECONDS: Final = 10
"""What an answer at the door tells a client to wait."""
SAID_AT_THE_DOOR: Final = (400, 408, 503)


class SecurityHeaders:
    """Every answer carries them; what a route says itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class RequestLog:
    """One canonical line a request: the route's name, never the path (it may hold a
    link token), never a query, never a body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = scope.get("route")
            log.info(
                "request",
                method=scope["method"],
                route=getattr(route, "path", None),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )


class LastWord:
    """What no handler answered, answered here: a stranger's fault without a trace in
    the log, ours with one, and both with a page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            status = _status_of(error)
            if status == HTTPStatus.INTERNAL_SERVER_ERROR:
                log.exception("request_failed")
            if not started:
                await _plainly(status)(scope, receive, send)


def dressed(
    app: ASGIApp,
    limits: ConnectionSettings = USUAL,
    *,
    trusted_proxies: Sequence[str] = (),
) -> ASGIApp:
    """The application with log, headers, a last word and limits for bodies. From
    outside: what a framework answers in its outermost layer has the headers, too.
    """
    bounded = BoundedBodies(app, limits, ClientAddresses(trusted_proxies))
    return RequestLog(SecurityHeaders(LastWord(bounded)))


def _status_of(error: Exception) -> int:
    if isinstance(error, SlowBodyError):
        return HTTPStatus.REQUEST_TIMEOUT
    if isinstance(error, CrowdedError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, ClientDisconnect):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _plainly(status: int) -> HTMLResponse:
    answer = HTMLResponse(plain_page(status), status)
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.SERVICE_UNAVAILABLE}:
        answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def door_answer(status: int) -> bytes:
    """A whole response for a connection that no application sees."""
    page = _plainly(status)
    headers = {name.decode(): value.decode() for name, value in page.raw_headers}
    headers |= {name.lower(): value for name, value in HEADERS.items()}
    headers |= {"cache-control": "no-store", "connection": "close"}
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}{lines}\r\n".encode() + bytes(page.body)


def problem(
    status: int, title: str, *, detail: str = "", slug: str = "", **more: object
) -> JSONResponse:
    """RFC 9457. ``slug`` names the kind for programs, ``detail`` tells a person."""
    body: dict[str, object] = {"type": f"urn:ecopy:{slug or 'problem'}", "title": title}
    body |= {"status": status, **({"detail": detail} if detail else {}), **more}
    return JSONResponse(body, status, media_type="application/problem+json")


class _Quiet(uvicorn.Server):
    """Signals belong to ``chassis.process``."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    *,
    limits: ConnectionSettings = USUAL,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Listen until *stop*, then let the requests in hand end. Raises CannotStart."""
    answers = {status: door_answer(status) for status in SAID_AT_THE_DOOR}
    protocol: Any = partial(
        BoundedProtocol, Door(limits, answers, trusted_proxies=trusted_proxies)
    )
    server = _Quiet(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=protocol,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # whom to believe is each service's own setting
            date_header=True,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=limits.idle_seconds,
        )
    )
    serving = asyncio.create_task(server.serve(await bound_sockets(host, port)))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Also when another task has failed and this one is cancelled: uvicorn runs in a
        # task of its own, and would keep its sockets.
        server.should_exit = True
        stopping.cancel()
        await serving
    if not stop.is_set():
        raise RuntimeError(f"the HTTP server on {host}:{port} ended by itself")
