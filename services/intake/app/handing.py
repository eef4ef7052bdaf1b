"""How a result went out, as a clerk puts it down. Start at ``hand_over``."""

from typing import cast, get_args

from starlette.responses import Response

from ecopy.link_events import FactorKind
from intake.app import receipts
from intake.app.acts import done
from intake.app.visit import Unreadable, Visit, whole
from intake.domain.certifications import Way
from intake.domain.link_records import ClosingGround, RenewalGround
from intake.domain.records import CaseDocument
from intake.domain.states import NotAllowed
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
    return _to_case(visit, document, "handed-mistake")


async def renew_link(visit: Visit) -> Response:
    """Another link; the one of before opens nothing any more."""
    typed = visit.typed
    document = await visit.desk.handing.renew_link(
        visit.path("document"),
        RenewalGround(_ground(visit, RenewalGround)),
        typed.number("days"),
        typed.number("version"),
        visit.by,
        asked=_asked(typed.one("factor")),
    )
    return _to_case(visit, document, "link-renewed")


async def close_link(visit: Visit) -> Response:
    document = await visit.desk.handing.close_link(
        visit.path("document"),
        ClosingGround(_ground(visit, ClosingGround)),
        visit.typed.number("version"),
        visit.by,
    )
    return _to_case(visit, document, "link-closed")


def _way(value: str) -> Way:
    try:
        return Way(value)
    except ValueError as error:
        raise Unreadable("way") from error


def _asked(value: str) -> FactorKind | None:
    for kind in get_args(FactorKind):
        if value == kind:
            return cast("FactorKind", kind)
    if value:
        raise Unreadable("factor")
    return None


def _ground(visit: Visit, grounds: type[RenewalGround] | type[ClosingGround]) -> str:
    """Raises NotAllowed where none is chosen."""
    ground = visit.typed.one("ground")
    if ground not in set(grounds):
        raise NotAllowed("error.link-ground")
    return ground


def _to_case(visit: Visit, document: CaseDocument, slug: str) -> Response:
    title = receipts.short(document.paper.title)
    there = f"/cases/{document.case}"
    return done(visit, there, Receipt(slug, {"title": title}))
