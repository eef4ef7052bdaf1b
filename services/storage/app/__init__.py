"""HTTP in, use case, HTTP out: the whole public face on one screen."""

from fastapi import FastAPI

from chassis.clock import Clock
from storage.app import api, codes, refusals
from storage.app.checking import Checks
from storage.app.links import Links
from storage.app.office import Office
from storage.app.throttling import Counter, Limits
from storage.domain.deliveries import Deliveries
from storage.usecases import Storage
from storage.web import load_pages
from storage.web.rendering import Faces


def build_app(
    storage: Storage,
    *,
    clock: Clock,
    office: Office,
    demo: bool,
    limits: Limits,
    trusted_proxies: tuple[str, ...],
    public_host: str,
) -> FastAPI:
    """Every route of the public face; no route signs, none needs an account."""
    pages = load_pages(demo=demo, office=office)
    faces = Faces(pages, clock, most=limits.file_bytes)
    counter = Counter(limits, clock, trusted_proxies=trusted_proxies)
    app = FastAPI(
        title="ecopy",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        servers=[{"url": public_host}],
    )
    app.mount("/static", pages.assets, "static")
    app.include_router(Links(storage, faces, counter, Deliveries()).routes())
    app.include_router(codes.routes(storage, faces, counter))
    app.include_router(Checks(storage, faces, counter, public_host).routes())
    app.include_router(api.routes(storage, counter, clock=clock))
    app.include_router(refusals.routes(storage, faces))
    for kind, handler in refusals.Refusals(faces).handlers().items():
        app.add_exception_handler(kind, handler)
    return app
