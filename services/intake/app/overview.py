"""The dashboard and its figures for a spreadsheet. Start at ``ROUTES``."""

from typing import Final

from starlette.responses import Response

from intake.app.handouts import CSV, PRIVATE
from intake.app.route import OVERVIEW, Route
from intake.app.visit import Unreadable, Visit
from intake.usecases.measuring import PLOTS

SLUG_CHARACTERS: Final = 10


async def overview(visit: Visit) -> Response:
    try:
        view = await visit.desk.measuring.overview(_slug(visit), visit.by)
    except ValueError as error:
        raise Unreadable("span") from error
    return visit.desk.render("overview.html", visit.request, view=view, me=visit.me)


async def export(visit: Visit) -> Response:
    plot = next((each for each in PLOTS if each == visit.path("plot")), None)
    if plot is None:
        raise Unreadable("plot")
    try:
        made = await visit.desk.measuring.csv(_slug(visit), plot, visit.by)
    except ValueError as error:
        raise Unreadable("span") from error
    name = f"tong-quan-{plot}-{_slug(visit) or 'thang-nay'}.csv"
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=CSV, headers=headers)


def _slug(visit: Visit) -> str:
    return visit.query("span", SLUG_CHARACTERS)


ROUTES: Final = (
    Route("GET", "/overview", overview, OVERVIEW),
    Route("GET", "/overview/{plot}.csv", export, OVERVIEW),
)
