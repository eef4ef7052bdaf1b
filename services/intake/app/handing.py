"""How a result went out, as a clerk puts it down. Start at ``hand_over``."""

from starlette.responses import Response

from intake.app import receipts
from intake.app.acts import done
from intake.app.visit import Unreadable, Visit, whole
from intake.domain.certifications import Way
from intake.domain.views.page import Receipt


async def hand_over(visit: Visit) -> Response:
    """Several papers of a case, each given in the same ways."""
    code, versions = visit.path("code"), visit.typed.versions()
    ways = [_way(value) for value in visit.typed.all("way")]
    handed = await visit.desk.handing.hand_over(code, ways, versions, visit.by)
    receipt = Receipt("handed", {"n": len(handed)})
    return done(visit, f"/cases/{code}", receipt)


async def mistaken(visit: Visit) -> Response:
    document = await visit.desk.handing.mistaken(
        visit.path("document"),
        whole(visit.path("nth"), "number"),
        visit.typed.number("version"),
        visit.by,
    )
    title = receipts.short(document.paper.title)
    there = f"/cases/{document.case}"
    return done(visit, there, Receipt("handed-mistake", {"title": title}))


def _way(value: str) -> Way:
    try:
        return Way(value)
    except ValueError as error:
        raise Unreadable("way") from error
