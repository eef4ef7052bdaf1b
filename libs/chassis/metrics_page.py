"""``/metrics`` of a service that has a web face: for the operations network alone."""

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis.measures import Measure, metrics_text

MEDIA_TYPE: Final = "text/plain; version=0.0.4"
FORWARDED: Final = ("x-forwarded-for", "forwarded")


def metrics_page(request: Request, measures: Iterable[Measure]) -> Response:
    """404 for whoever comes through a proxy, as the public does: they never hear how
    the house is. The proxy itself adds the header, so that nobody can leave it out.
    """
    if any(name in request.headers for name in FORWARDED):
        return PlainTextResponse("not found\n", 404)
    return PlainTextResponse(metrics_text(measures), media_type=MEDIA_TYPE)
