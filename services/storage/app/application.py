"""The public face as an application: each route of ``routes`` behind its rule. The
mirror of ``intake.app.application``. Start at ``create_app``.
"""

import inspect
from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chassis.clock import Clock
from ecopy.trust import Merger
from storage.app.office import Office
from storage.app.refusals import REFUSALS, refused
from storage.app.routes import ROUTES, PublicRoute
from storage.app.throttling import Admission, AdmissionLimits
from storage.app.visit import PublicFace, PublicVisit
from storage.domain.deliveries import Deliveries
from storage.usecases import Storage
from storage.web import load_pages
from storage.web.rendering import PublicRenderer


def create_app(
    storage: Storage,
    *,
    clock: Clock,
    office: Office,
    demo: bool,
    limits: AdmissionLimits,
    trusted_proxies: tuple[str, ...],
    public_host: str,
    mergers: tuple[Merger, ...] = (),
) -> FastAPI:
    """The public face over these use cases."""
    texts = load_pages(demo=demo, office=office, mergers=mergers)
    face = PublicFace(
        storage=storage,
        render=PublicRenderer(texts, clock, file_bytes=limits.file_bytes),
        admission=Admission(limits, clock, trusted_proxies=trusted_proxies),
        deliveries=Deliveries(),
        public_host=public_host,
        clock=clock,
        mergers=mergers,
    )
    # No /docs: its page loads scripts from another host, which our headers forbid.
    app = FastAPI(
        title="ecopy",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        servers=[{"url": public_host}],
    )
    app.mount("/static", texts.assets, "static")
    for route in ROUTES:
        _add(app, route, face)
    for kind, refusing in REFUSALS.items():
        app.add_exception_handler(kind, refused(refusing, face))
    return app


def admitted(
    route: PublicRoute, face: PublicFace
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind its rule."""

    async def answer(request: Request) -> Response:
        with face.admission.admit(route.rule, request):
            return await route.endpoint(PublicVisit(request, face))

    return answer


def _add(app: FastAPI, route: PublicRoute, face: PublicFace) -> None:
    documented = route.documented
    if documented is None:
        app.add_api_route(
            route.path,
            admitted(route, face),
            methods=[*route.methods],
            include_in_schema=False,
        )
        return
    parameter = documented.parameter
    # Name and words are given, because FastAPI would take them from ``answer``.
    app.add_api_route(
        route.path,
        admitted(route, face),
        methods=[*route.methods],
        name=route.endpoint.__name__,
        description=inspect.getdoc(route.endpoint),
        response_model=documented.answer,
        dependencies=[] if parameter is None else [Depends(parameter)],
        openapi_extra=documented.body,
        tags=["verify"],
    )
