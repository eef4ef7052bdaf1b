"""The administrator's page of programs. A token that is made here is in the answer to
the form that made it, and nowhere else.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.visit import Visit
from intake.domain import text
from intake.domain.views.page import Receipt

AT_PROGRAMS: Final = "/programs"


async def page(visit: Visit) -> Response:
    """Every program of the agency, and the form of a new one."""
    view = await visit.desk.programs.admitting.view(visit.by)
    return visit.desk.render("programs.html", visit.request, view=view, me=visit.me)


async def issue(visit: Visit) -> Response:
    """No redirect: the page would have to fetch the token from somewhere. Sent again
    the form leads to the list, which has none.
    """
    typed = visit.typed
    form = visit.desk.programs.admitting.form(
        typed.one("name"), typed.all("scopes"), _day(typed.one("last_day"))
    )
    program, token = await visit.desk.programs.admitting.issue(form, visit.by)
    view = await visit.desk.programs.admitting.view(visit.by)
    answer = visit.desk.render(
        "programs.html",
        visit.request,
        view=replace(view, given=token, given_to=program.name),
        me=visit.me and replace(visit.me, key=visit.desk.forms.key(visit.by.user)),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def revoke(visit: Visit) -> Response:
    program = await visit.desk.programs.admitting.revoke(
        visit.path("program"), visit.by
    )
    return done(visit, AT_PROGRAMS, Receipt("program-revoked", {"who": program.name}))


def _day(typed: str) -> date | None:
    try:
        return text.day(typed)
    except ValueError:
        return None
