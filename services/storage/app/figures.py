"""The public page of what an office is measured by, and the same as CSV.

Start at ``figures``.
"""

import csv
import io
from datetime import date, timedelta
from typing import Final

from starlette.responses import Response

from chassis.clock import LOCAL
from ecopy.figure_events import LEAST_CASES
from storage.app.visit import PublicVisit
from storage.domain.public_figures import AgencyYear

CACHED: Final = "public, max-age=300"
"""Nothing here is anybody's own, and it changes once a day."""
DAY: Final = timedelta(days=1)
CSV: Final = "text/csv; charset=utf-8"
HEAD: Final = ("month", "cases", "on-time", "late", "minutes", "copies", "numbers")
"""Columns, as ``figures.csv.<column>`` of the catalogue."""


async def figures(visit: PublicVisit) -> Response:
    """The newest year of the one agency, or all agencies to choose from."""
    known = await visit.storage.public_figures()
    newest = {year.agency: year for year in reversed(known)}
    if len(newest) == 1:
        return _page(visit, known[0], known)
    agencies = sorted(newest.values(), key=lambda year: year.name)
    page = visit.page("agencies.html.j2", agencies=agencies, least=LEAST_CASES)
    return _cached(page)


async def figures_of(visit: PublicVisit) -> Response:
    known = await visit.storage.public_figures()
    found = _chosen(visit, known)
    if found is None:
        return visit.face.render.error(visit.request, 404)
    return _page(visit, found, known)


async def figures_file(visit: PublicVisit) -> Response:
    found = _chosen(visit, await visit.storage.public_figures())
    if found is None:
        return visit.face.render.error(visit.request, 404)
    name = f"so-lieu-{found.agency}-{found.year}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return _cached(Response(_csv(visit, found), headers=headers, media_type=CSV))


def _chosen(visit: PublicVisit, known: tuple[AgencyYear, ...]) -> AgencyYear | None:
    asked = visit.path("agency"), visit.path("year")
    return next((y for y in known if (y.agency, str(y.year)) == asked), None)


def _page(
    visit: PublicVisit, shown: AgencyYear, known: tuple[AgencyYear, ...]
) -> Response:
    years = [each.year for each in known if each.agency == shown.agency]
    # Days that are over were counted, up to the midnight before the report.
    yesterday = shown.reported_at.astimezone(LOCAL).date() - DAY
    end = date(shown.year, 12, 31)
    page = visit.page(
        "figures.html.j2",
        shown=shown,
        years=years,
        last_day=min(yesterday, end),
        whole_year=yesterday >= end,
        many=len({each.agency for each in known}) > 1,
        least=LEAST_CASES,
    )
    return _cached(page)


def _cached(answer: Response) -> Response:
    answer.headers["Cache-Control"] = CACHED
    return answer


def _csv(visit: PublicVisit, shown: AgencyYear) -> bytes:
    """RFC 4180 in UTF-8 with a mark at its start, by which Excel tells the letters. A
    month that is not counted in public has empty cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([visit.words(f"figures.csv.{column}") for column in HEAD])
    for each in shown.months:
        row: list[str | int] = [f"{shown.year}-{each.month:02d}"]
        counted = each.figures
        if counted is not None:
            late = counted.cases - counted.on_time
            row += [counted.cases, counted.on_time, late, counted.middle_minutes]
            row += [counted.copies, counted.numbered]
        writer.writerow(row + [""] * (len(HEAD) - len(row)))
    return text.getvalue().encode("utf-8-sig")
