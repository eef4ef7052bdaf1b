"""HTTP in every service: security headers, problem+json, one line a request, a
graceful end. Pages are the services' own.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

import structlog
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.lines import LinedProtocol

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


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event) -> None:
    """Listen until *stop*, then let the requests in hand end."""
    server = _Quiet(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=LinedProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # whom to believe is each service's own setting
            date_header=True,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=30,
        )
    )
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
    if not stop.is_set():
        raise RuntimeError(f"the HTTP server on {host}:{port} ended by itself")
