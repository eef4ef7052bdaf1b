"""Every route of the public face with its rule, on one screen: what the rules mean
stands in ``throttling``. No route signs, none needs an account. The mirror of
``intake.app.routes``.

Start at ``ROUTES``.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.clock import Clock
from storage.app import api, checking, codes, links, pages
from storage.app.office import Office
from storage.app.refusals import REFUSALS, refused
from storage.app.responses import CodeResponse, VerdictResponse
from storage.app.throttling import Admission, AdmissionLimits, PublicRule
from storage.app.visit import PublicEndpoint, PublicFace, PublicVisit
from storage.domain.deliveries import Deliveries
from storage.usecases import Storage
from storage.web import load_pages
from storage.web.rendering import PublicRenderer

GET: Final = ("GET",)
READ: Final = ("GET", "HEAD")
POST: Final = ("POST",)


@dataclass(frozen=True, slots=True)
class Documented:
    """What OpenAPI says of a route for programs, beside the endpoint's own words."""

    answer: type[BaseModel]
    parameter: Callable[[str], str] | None = None
    """A function whose one argument documents a part of the path."""
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PublicRoute:
    """A route cannot be written without the rule by which its requests are counted."""

    methods: tuple[str, ...]
    path: str
    endpoint: PublicEndpoint
    rule: PublicRule
    documented: Documented | None = None


VERIFY: Final = Documented(VerdictResponse, body=api.FILE_BODY)
DIGEST: Final = Documented(VerdictResponse, api.sha256_parameter)
CODE: Final = Documented(CodeResponse, api.code_parameter)
ROUTES: Final = (
    PublicRoute(READ, "/c/{token}", links.link_page, PublicRule.LINKS),
    PublicRoute(READ, "/c/{token}/download", links.download, PublicRule.LINKS),
    PublicRoute(GET, "/k", codes.code_form, PublicRule.FREE),
    PublicRoute(READ, "/k/{code}", codes.code_page, PublicRule.CODES),
    PublicRoute(READ, "/kiem-tra", checking.check_form, PublicRule.FREE),
    PublicRoute(POST, "/kiem-tra", checking.check, PublicRule.UPLOADS),
    PublicRoute(READ, "/verify", checking.check_form, PublicRule.FREE),
    PublicRoute(POST, "/verify", checking.check, PublicRule.UPLOADS),
    PublicRoute(POST, "/v1/verify", api.verify, PublicRule.UPLOADS, VERIFY),
    PublicRoute(GET, "/v1/digests/{sha256}", api.digest, PublicRule.FILES, DIGEST),
    PublicRoute(GET, "/v1/codes/{code}", api.code, PublicRule.CODES, CODE),
    PublicRoute(READ, "/", pages.way_in, PublicRule.FREE),
    PublicRoute(READ, "/cach-kiem-tra", pages.how_to_check, PublicRule.FREE),
    PublicRoute(READ, "/how-to-check", pages.how_to_check, PublicRule.FREE),
    PublicRoute(GET, "/robots.txt", pages.robots, PublicRule.FREE),
    PublicRoute(GET, "/healthz", api.healthz, PublicRule.FREE),
    PublicRoute(GET, "/readyz", api.readyz, PublicRule.FREE),
    PublicRoute(GET, "/metrics", api.metrics, PublicRule.FREE),
)


def create_app(
    storage: Storage,
    *,
    clock: Clock,
    office: Office,
    demo: bool,
    limits: AdmissionLimits,
    trusted_proxies: tuple[str, ...],
    public_host: str,
) -> FastAPI:
    """The public face over these use cases."""
    texts = load_pages(demo=demo, office=office)
    face = PublicFace(
        storage=storage,
        render=PublicRenderer(texts, clock, file_bytes=limits.file_bytes),
        admission=Admission(limits, clock, trusted_proxies=trusted_proxies),
        deliveries=Deliveries(),
        public_host=public_host,
        clock=clock,
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
