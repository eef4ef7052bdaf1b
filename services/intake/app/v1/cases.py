"""Cases, as programs file and follow them: the use cases of the desk's pages.

Start at ``open_case``.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app.responses import json_response
from intake.app.v1 import shown, tags
from intake.app.v1.answers import CasesResponse
from intake.app.v1.asked import (
    BroughtRequest,
    CaseRequest,
    CasesRequest,
    EndRequest,
    ExtensionRequest,
    HandOverRequest,
    PaperRequest,
    RequesterRequest,
    SupplementRequested,
)
from intake.app.v1.bodies import query, read
from intake.app.v1.misfits import Misfit, MistakeAt
from intake.app.visit import Unreadable, Visit
from intake.domain import board_filters, intake_form
from intake.domain.calendar import local_day
from intake.domain.desk_ends import DeskEnd
from intake.domain.extending import ExtensionForm
from intake.domain.intake_form import Mistaken, TypedCase
from intake.domain.supplementing import SupplementForm, TypedLack

NOTHING: Final[Mapping[str, str]] = {}
AT_CASE: Final = "/v1/cases/{case}"
_OF_REQUESTER: Final = {
    "requester": "name",
    **{name: name for name in ("id_kind", "id_number", "birth_date", "phone", "email")},
    **{name: name for name in ("address", "proxy", "originals_back")},
}


async def open_case(visit: Visit) -> Response:
    """File a case with its papers: the rules of this moment settle code, due hour and
    fee.
    """
    asked = read(visit, CaseRequest)
    opened = visit.desk.pages.new_case(visit.by)
    try:
        form = intake_form.parse(_typed(asked), opened.kinds, local_day(opened.now))
    except Mistaken as mistaken:
        raise misfit_of(visit, mistaken) from mistaken
    opening = await visit.desk.receiving.open_case(form, visit.by)
    return await shown_case(visit, opening.case.code, made=True)


async def case(visit: Visit) -> Response:
    """A case with its papers: state, who acts next and since when, and what the machine
    does by itself.
    """
    return await shown_case(visit, visit.path("code"))


async def cases(visit: Visit) -> Response:
    """A page of cases, filtered as on the board, or what a search has found."""
    asked = query(visit, CasesRequest)
    if asked.after and not asked.q and board_filters.after(asked.after) is None:
        raise Unreadable("after")
    said = {name: str(value) for name, value in asked.model_dump().items()}
    view = await visit.desk.board.view(visit.by, said, flat=True)
    rows = [row for group in view.groups for row in group.rows]
    return json_response(
        CasesResponse(cases=list(map(shown.line, rows)), next=view.more)
    )


async def add_paper(visit: Visit) -> Response:
    """One more paper of a case that is still open."""
    asked = read(visit, PaperRequest)
    version, kinds = tags.version(visit), visit.desk.pages.kinds(visit.by)
    try:
        paper = intake_form.parse_paper(paper_fields(asked), kinds)
    except Mistaken as mistaken:
        raise misfit_of(visit, mistaken) from mistaken
    code = visit.path("code")
    await visit.desk.receiving.add_document(code, paper, version, visit.by)
    return await shown_case(visit, code)


async def end(visit: Visit) -> Response:
    """Papers end at the desk: taken back by their requester, or not accepted."""
    asked, code = read(visit, EndRequest), visit.path("code")
    ended = DeskEnd(
        asked.way, tags.papers(visit, asked.papers), asked.ground, asked.words
    )
    await visit.desk.casework.end(code, ended, visit.by)
    return await shown_case(visit, code)


async def ask(visit: Visit) -> Response:
    """The case waits for what its requester has to bring; the clock stands."""
    asked, code = read(visit, SupplementRequested), visit.path("code")
    versions = tags.papers(visit, [lack.paper for lack in asked.lacks])
    lacks = tuple(
        TypedLack(lack.paper, versions[lack.paper], lack.ground, lack.words)
        for lack in asked.lacks
    )
    form = SupplementForm(lacks, asked.words, asked.until)
    faults = visit.desk.casework.supplement_faults(form, visit.by)
    if faults:
        raise Misfit(
            *(
                MistakeAt(f"/{field}", _says(visit, key))
                for field, key in faults.items()
            )
        )
    await visit.desk.casework.ask(code, form, visit.by)
    return await shown_case(visit, code)


async def extend(visit: Visit) -> Response:
    """Put the due hour off, on a ground that the law knows, before it has come."""
    asked, code = read(visit, ExtensionRequest), visit.path("code")
    form = ExtensionForm(asked.ground, asked.days, asked.agreement, tags.version(visit))
    faults = await visit.desk.extending.faults(code, form, visit.by)
    if faults:
        raise Misfit(
            *(
                MistakeAt(f"/{field}", _says(visit, key))
                for field, key in faults.items()
            )
        )
    await visit.desk.extending.extend(code, form, visit.by)
    return await shown_case(visit, code)


async def bring(visit: Visit) -> Response:
    """What was missing of these papers is there. After the last of them the due hour is
    promised anew.
    """
    asked, code = read(visit, BroughtRequest), visit.path("code")
    versions = tags.papers(visit, asked.papers)
    await visit.desk.casework.bring(code, versions, visit.by)
    return await shown_case(visit, code)


async def hand_over(visit: Visit) -> Response:
    """Put down how the result of these papers went out."""
    asked, code = read(visit, HandOverRequest), visit.path("code")
    versions = tags.papers(visit, asked.papers)
    await visit.desk.handing.hand_over(code, asked.ways, versions, visit.by)
    return await shown_case(visit, code)


async def shown_case(visit: Visit, code: str, *, made: bool = False) -> Response:
    """The case as it is now, with its tag."""
    view = await visit.desk.pages.case(code, visit.by)
    versions = (view.version, *(each.version for each in view.documents))
    return tags.tagged(
        visit,
        shown.case(visit, view),
        versions,
        status=HTTPStatus.CREATED if made else HTTPStatus.OK,
        location=f"/v1/cases/{view.code}" if made else "",
    )


def _typed(asked: CaseRequest) -> TypedCase:
    """The request as the form of a new case has it, so that one parser judges both."""
    fields = requester_fields(asked.channel, asked.requester)
    fields["privacy"] = "1" if asked.privacy_shown else ""
    return TypedCase(fields, [paper_fields(paper) for paper in asked.papers])


def requester_fields(
    channel: str, who: RequesterRequest, before: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """The requester as a form has it; *before* is what stands where nothing is said."""
    later = ("address", "proxy", "originals_back")
    return {
        "channel": channel,
        "requester_kind": who.kind,
        "requester": who.name,
        "birth_date": who.birth_date.isoformat() if who.birth_date else "",
        **{n: getattr(who, n) for n in ("id_kind", "id_number", "phone", "email")},
        **{n: _said(getattr(who, n), before.get(n, "")) for n in later},
    }


def paper_fields(asked: PaperRequest, copies: str = "") -> dict[str, str]:
    """A paper as a form has it, with so many *copies* where it does not say."""
    fields = asked.model_dump()
    return {name: _said(value, copies) for name, value in fields.items()}


def _said(value: str | int | None, before: str) -> str:
    return before if value is None else str(value)


def misfit_of(visit: Visit, mistaken: Mistaken, applicant: str = "") -> Misfit:
    """Each mistake of a form with its place in the body, of which *applicant* is the
    part that says who asks.
    """
    return Misfit(
        *(
            MistakeAt(
                _pointer(error.field, applicant),
                _says(visit, error.key, **error.values),
            )
            for error in mistaken.errors
        )
    )


def _pointer(field: str, applicant: str) -> str:
    """Where a field of the form stands in the body."""
    name, _, nth = field.rpartition("-")
    if name:
        return f"/papers/{nth}/{name}"
    if field == "privacy":
        return "/privacy_shown"
    known = _OF_REQUESTER.get(field)
    return f"{applicant}/requester/{known}" if known else f"{applicant}/{field}"


def _says(visit: Visit, key: str, **values: str | int) -> str:
    return visit.desk.render.pages.words["en"](key, **values)
