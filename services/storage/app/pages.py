"""Pages that look nothing up: the way in, how to check, what robots may read."""

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from storage.app.visit import PublicVisit

ROBOTS = "User-agent: *\nDisallow: /c/\nDisallow: /k/\n"
"""Links and codes in a search engine would be found by strangers. Every page says
noindex as well (``chassis.http``): robots that ask neither are nobody's business."""


async def way_in(_: PublicVisit) -> Response:
    return RedirectResponse("/kiem-tra", 303)


async def how_to_check(visit: PublicVisit) -> Response:
    return visit.page("how.html.j2")


async def robots(_: PublicVisit) -> Response:
    return PlainTextResponse(ROBOTS)
