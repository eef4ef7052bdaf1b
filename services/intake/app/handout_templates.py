"""Templates of the papers that the office hands out: looked at, tried and issued.

Start at ``ROUTES``.
"""

from datetime import date
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.handouts import PDF, PRIVATE, answer_file
from intake.app.office_forms import handout_of
from intake.app.route import ADMINISTRATORS, OFFICE, Route
from intake.app.visit import Unreadable, Visit, whole
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.language import BadTemplate
from intake.domain.views.page import Receipt
from intake.web import language

AT_TEMPLATES: Final = "/templates"


async def templates(visit: Visit) -> Response:
    view = await visit.desk.templating.overview(visit.by)
    return visit.desk.render("templates.html", visit.request, view=view, me=visit.me)


async def template(visit: Visit) -> Response:
    return await _template(visit)


async def template_picture(visit: Visit) -> Response:
    made = await visit.desk.templating.picture(handout_of(visit), visit.by)
    return Response(made, media_type="image/png", headers=PRIVATE)


async def template_preview(visit: Visit) -> Response:
    """The text of the form as it stands there, set with invented words."""
    handout, text = handout_of(visit), visit.typed.one("text")
    try:
        made = await visit.desk.templating.preview(handout, text, visit.by)
    except BadTemplate as bad:
        return await _template(visit, bad)
    return answer_file(made, f"mau-{handout}.pdf", PDF)


async def template_issue(visit: Visit) -> Response:
    handout, text = handout_of(visit), visit.typed.one("text")
    try:
        issued = await visit.desk.templating.issue(
            handout, text, _day(visit.typed.one("valid_from")), visit.by
        )
    except BadTemplate as bad:
        return await _template(visit, bad)
    values: dict[str, str | int] = {
        "day": f"{issued.valid_from:%d/%m/%Y}",
        "handout": _title(visit, handout),
    }
    return done(visit, f"{AT_TEMPLATES}/{handout}", Receipt("template-issued", values))


async def template_take_back(visit: Visit) -> Response:
    handout, seq = handout_of(visit), whole(visit.path("row"), "row")
    await visit.desk.templating.take_back(seq, visit.by)
    return done(visit, f"{AT_TEMPLATES}/{handout}", Receipt("row-taken-back", {}))


async def _template(visit: Visit, bad: BadTemplate | None = None) -> Response:
    view = await visit.desk.templating.template(handout_of(visit), visit.by)
    typed = {name: visit.typed.one(name) for name in ("text", "valid_from")}
    return visit.desk.render(
        "template.html",
        visit.request,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if bad else HTTPStatus.OK,
        view=view,
        me=visit.me,
        faults=bad.faults if bad else (),
        form=typed if bad else {},
    )


def _title(visit: Visit, handout: Handout) -> str:
    words = visit.desk.render.pages.words[language(visit.request)]
    return words(f"handout.{handout}")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Unreadable("valid_from") from error


ROUTES: Final = (
    Route("GET", "/templates", templates, OFFICE),
    Route("GET", "/templates/{handout}", template, ADMINISTRATORS),
    Route("GET", "/templates/{handout}/sample.png", template_picture, ADMINISTRATORS),
    Route("POST", "/templates/{handout}/preview", template_preview, ADMINISTRATORS),
    Route("POST", "/templates/{handout}", template_issue, ADMINISTRATORS, AT_TEMPLATES),
    Route(
        "POST",
        "/templates/{handout}/{row}/take-back",
        template_take_back,
        ADMINISTRATORS,
        AT_TEMPLATES,
    ),
)
