"""The inbox: page and pictures of what came through hot folders, and the forms there.

The script of the page sends the same forms. Start at ``page``.
"""

from urllib.parse import urlencode

from starlette.responses import Response

from intake.app import receipts
from intake.app.acts import done, see_other
from intake.app.visit import Visit, whole
from intake.domain.arrivals import MOST_AT_ONCE, Arrival
from intake.domain.states import NotAllowed
from intake.domain.views.page import Receipt

ID_CHARACTERS = 64
HERE = "/inbox"


async def page(visit: Visit) -> Response:
    paper = visit.query("document", ID_CHARACTERS)
    view = await visit.desk.inbox.page(visit.by, document=paper)
    return visit.desk.render("inbox.html", visit.request, view=view, me=visit.me)


async def thumb(visit: Visit) -> Response:
    return await _picture(visit, large=False)


async def large(visit: Visit) -> Response:
    return await _picture(visit, large=True)


async def assign(visit: Visit) -> Response:
    document = visit.typed.one("document")
    assigned = await visit.desk.inbox.assign(
        visit.typed.all("arrival"), document, visit.by
    )
    if len(assigned) > 1:
        return done(visit, HERE, Receipt("assigned-several", {"n": len(assigned)}))
    return _done(visit, "assigned", assigned[0])


async def new_case(visit: Visit) -> Response:
    """To the form of a new case, which takes the chosen arrivals along."""
    chosen = visit.typed.all("arrival")
    if not chosen:
        raise NotAllowed("error.arrival-none")
    if len(chosen) > MOST_AT_ONCE:
        raise NotAllowed("error.too-many-files", most=MOST_AT_ONCE)
    return see_other(f"/cases/new?{urlencode([('arrival', each) for each in chosen])}")


async def give_back(visit: Visit) -> Response:
    arrival = await visit.desk.inbox.give_back(visit.path("arrival"), visit.by)
    return _done(visit, "given-back", arrival)


async def set_aside(visit: Visit) -> Response:
    arrival = await visit.desk.inbox.set_aside(
        visit.path("arrival"), visit.typed.one("reason"), visit.by
    )
    return _done(visit, "set-aside", arrival)


def _done(visit: Visit, slug: str, arrival: Arrival) -> Response:
    return done(visit, HERE, Receipt(slug, {"name": receipts.short(arrival.name)}))


async def _picture(visit: Visit, *, large: bool) -> Response:
    picture = await visit.desk.inbox.picture(
        visit.path("arrival"), whole(visit.path("page"), "page"), visit.by, large=large
    )
    headers = {"Cache-Control": "private, no-store"}
    return Response(picture, media_type="image/jpeg", headers=headers)
