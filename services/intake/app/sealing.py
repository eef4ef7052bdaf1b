"""The seal keeper's queue, released many at once or given back one by one."""

from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.visit import Unreadable, Visit, whole
from intake.domain.batch import Chosen, Item
from intake.domain.views.page import Receipt

AT_SEAL: Final = "/seal"


async def queue(visit: Visit) -> Response:
    view = await visit.desk.releasing.view(visit.by)
    return visit.desk.render("seal.html", visit.request, view=view, me=visit.me)


async def release(visit: Visit) -> Response:
    chosen = tuple(map(_chosen, dict.fromkeys(visit.typed.all("item"))))
    results = await visit.desk.releasing.release(chosen, visit.by)
    failed = sum(isinstance(each, Item) for each in results)
    values: dict[str, str | int] = {"n": len(results) - failed, "failed": failed}
    slug = "seal-released-some" if failed else "seal-released"
    return done(visit, AT_SEAL, Receipt(slug, values))


async def withhold(visit: Visit) -> Response:
    document = await visit.desk.releasing.withhold(
        visit.path("document"),
        visit.typed.one("text"),
        visit.typed.number("version"),
        visit.by,
    )
    certified = document.certification
    number = certified.order.clause.number if certified else ""
    return done(visit, AT_SEAL, Receipt("seal-withheld", {"number": number}))


def _chosen(item: str) -> Chosen:
    document, _, version = item.rpartition(":")
    if not document:
        raise Unreadable("item")
    return Chosen(document, whole(version, "item"))
