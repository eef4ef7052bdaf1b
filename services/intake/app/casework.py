"""Forms about a whole case, each a page of its own. Start at ``ROUTES``."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.case_forms import (
    CORRECTED,
    paper_columns,
    requester_sent,
    show_correction,
)
from intake.app.route import AT_CASE, CLERKS, Route
from intake.app.visit import Unreadable, Visit, program
from intake.domain.correcting import (
    CorrectedPaper,
    CorrectedRequester,
    CorrectionForm,
)
from intake.domain.intake_form import Mistaken, TypedCase
from intake.domain.records import Conflict
from intake.domain.views.page import Receipt

MISTAKEN = HTTPStatus.UNPROCESSABLE_ENTITY


async def correction(visit: Visit) -> Response:
    return await show_correction(visit, status=HTTPStatus.OK)


async def correct(visit: Visit) -> Response:
    """Put right what was typed. Whoever is second keeps what they typed, and reads who
    was first and what differs.
    """
    code = visit.path("code")
    try:
        form = _form(visit)
    except Mistaken as mistaken:
        return await show_correction(visit, status=MISTAKEN, errors=mistaken.errors)
    try:
        _, fields = await visit.desk.casework.correct(code, form, visit.by)
    except Conflict as first:
        if program(visit.request):
            raise
        differs = await visit.desk.casework.differences(code, form, visit.by)
        return await show_correction(
            visit, status=HTTPStatus.CONFLICT, first=first, differs=differs
        )
    slug = "corrected" if fields else "corrected-nothing"
    return done(visit, f"/cases/{code}", Receipt(slug, {"n": fields}))


def _form(visit: Visit) -> CorrectionForm:
    """Raises Mistaken, Unreadable."""
    typed = visit.typed
    fields = {name: typed.one(name) for name in typed.fields}
    ids, stamps = typed.all("paper"), typed.all("was")
    rows = paper_columns(typed, CORRECTED)
    if len(ids) != len(stamps) or len(rows) != len(ids):
        raise Unreadable("paper")
    parsed = visit.desk.casework.read_correction(
        TypedCase(fields, rows), requester=requester_sent(typed)
    )
    requester = parsed.requester
    return CorrectionForm(
        requester=requester
        and CorrectedRequester(*requester, stamp=typed.one("requester_was")),
        papers={
            name: CorrectedPaper(paper, stamp)
            for name, paper, stamp in zip(ids, parsed.papers, stamps, strict=True)
        },
    )


ROUTES: Final = (
    Route("GET", "/cases/{code}/correct", correction, CLERKS),
    Route("POST", "/cases/{code}/correct", correct, CLERKS, AT_CASE),
)
