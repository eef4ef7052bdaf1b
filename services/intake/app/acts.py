"""What people do: every form, answered by the next page (303) or by what to mend.

Files come through ``uploads``, signing in through ``sessions``; GET is in ``pages``. An
act reads the form, calls one use case and leads on. Start at ``open_case``.
"""

from functools import partial
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from intake.app import receipts
from intake.app.case_forms import paper_columns
from intake.app.typed_forms import PAPER, case_page, decision_page, paper_page
from intake.app.typed_pages import show
from intake.app.visit import Visit, case_of
from intake.domain import intake_form
from intake.domain.calendar import local_day
from intake.domain.intake_form import Mistaken
from intake.domain.numbers import short_code
from intake.domain.objecting import TypedObjection
from intake.domain.records import NotFound
from intake.domain.states import NotAllowed
from intake.domain.views.page import Receipt

MISTAKEN = HTTPStatus.UNPROCESSABLE_ENTITY


async def open_case(visit: Visit) -> Response:
    typed = visit.typed
    form = intake_form.TypedCase(
        {name: typed.one(name) for name in typed.fields}, paper_columns(typed, PAPER)
    )
    try:
        opened = visit.desk.pages.new_case(visit.by)
        parsed = intake_form.parse(form, opened.kinds, local_day(opened.now))
    except Mistaken as mistaken:
        return await show(visit, case_page, status=MISTAKEN, errors=mistaken.errors)
    opening = await visit.desk.receiving.open_case(parsed, visit.by)
    first = opening.documents[0].id
    receipt = await _with_arrivals(visit, first, short_code(opening.case.code))
    return done(visit, f"/documents/{first}/desk", receipt)


async def earlier(visit: Visit) -> Response:
    """The form of a new case once more, with whoever came before with that number of
    an identity paper. Nothing is written but the line that says somebody looked.
    """
    found = await visit.desk.recognising.earlier(visit.typed.one("id_number"), visit.by)
    return await show(visit, partial(case_page, earlier=found), same_form=True)


async def _with_arrivals(visit: Visit, document: str, case: str) -> Receipt:
    """What the form brought from the inbox goes into its first paper. The case is open
    whatever becomes of that: after a crash here the scans still wait in the inbox.
    """
    arrivals = visit.typed.all("arrival")
    if not arrivals:
        return Receipt("received", {"case": case})
    try:
        assigned = await visit.desk.inbox.assign(arrivals, document, visit.by)
    except (NotAllowed, NotFound):
        return Receipt("received-without", {"case": case})
    return Receipt("received-with", {"case": case, "n": len(assigned)})


async def add_document(visit: Visit) -> Response:
    code, typed = visit.path("code"), visit.typed
    fields = {name: typed.one(name) for name in PAPER}
    try:
        paper = intake_form.parse_paper(fields, visit.desk.pages.kinds(visit.by))
    except Mistaken as mistaken:
        return await show(visit, paper_page, status=MISTAKEN, errors=mistaken.errors)
    document = await visit.desk.receiving.add_document(
        code, paper, typed.number("version"), visit.by
    )
    added = Receipt("added", _values(document.paper.title, n=document.ordinal))
    return done(visit, f"/documents/{document.id}/desk", added)


async def remove_file(visit: Visit) -> Response:
    document, file = visit.path("document"), visit.path("file")
    after = await visit.desk.files.remove_file(
        document, file, visit.typed.number("version"), visit.by
    )
    name = after.names_with(file)[file]
    there = f"/documents/{document}/desk#live-files"
    return done(visit, there, Receipt("removed", {"name": name}))


async def compare(visit: Visit) -> Response:
    document = visit.path("document")
    if not visit.typed.one("all_present"):
        raise NotAllowed("error.all-present")
    await visit.desk.receiving.compare(
        document, visit.typed.number("version"), visit.typed.all("page"), visit.by
    )
    there = f"/documents/{document}/desk"
    return done(visit, there, Receipt("compared", {"who": visit.by.name}))


async def submit(visit: Visit) -> Response:
    document = visit.path("document")
    submitted = await visit.desk.receiving.submit(
        document, visit.typed.number("version"), visit.by
    )
    receipt = Receipt("submitted", _values(submitted.paper.title))
    return done(visit, f"/cases/{submitted.case}", receipt)


async def approve(visit: Visit) -> Response:
    certified = await visit.desk.certifying.approve(
        visit.path("document"), visit.typed.number("version"), seen(visit), visit.by
    )
    order = certified.order
    values = _values(order.document.title, number=order.clause.number)
    return _decided(visit, "approved", values)


async def refuse(visit: Visit) -> Response:
    typed = visit.typed
    ground = typed.one("code")
    refused = await visit.desk.certifying.refuse(
        visit.path("document"),
        ground,
        typed.one("text"),
        version=typed.number("version"),
        by=visit.by,
    )
    values = _values(refused.paper.title, code=ground)
    return _decided(visit, refused.state, values)


async def send_back(visit: Visit) -> Response:
    typed = visit.typed
    objections = tuple(
        TypedObjection(page, typed.one(f"reason-{page}"), typed.one(f"words-{page}"))
        for page in typed.all("page")
    )
    try:
        returned = await visit.desk.certifying.send_back(
            visit.path("document"),
            typed.one("text"),
            typed.number("version"),
            visit.by,
            objections=objections,
        )
    except Mistaken as mistaken:
        return await show(visit, decision_page, status=MISTAKEN, errors=mistaken.errors)
    return _decided(visit, "returned", _values(returned.paper.title))


async def order_again(visit: Visit) -> Response:
    document = visit.path("document")
    ordered = await visit.desk.standing_still.order_again(
        document, visit.typed.number("version"), visit.by
    )
    order = ordered.order
    values = _values(order.document.title, number=order.clause.number)
    there = f"/cases/{case_of(document)}"
    return done(visit, there, Receipt("ordered-again", values))


async def void(visit: Visit) -> Response:
    """The certifier's word that a number ends without a copy."""
    declared = await visit.desk.standing_still.void(
        visit.path("document"),
        visit.typed.one("text"),
        visit.typed.number("version"),
        visit.by,
    )
    certified = declared.certification
    number = certified.order.clause.number if certified else ""
    values = _values(declared.paper.title, number=number)
    return done(visit, f"/cases/{declared.case}", Receipt("voiding", values))


def seen(visit: Visit) -> tuple[str, ...]:
    """Digests of the pages that the certifier had before their eyes, in order."""
    return visit.typed.all("seen")


def _values(title: str, **more: str | int) -> dict[str, str | int]:
    return {"title": receipts.short(title), **more}


def _decided(visit: Visit, slug: str, values: dict[str, str | int]) -> Response:
    """Redirect to the wall, with a receipt that links to the case of the paper."""
    case = case_of(visit.path("document"))
    return done(visit, "/wall", Receipt(slug, values, case))


def done(visit: Visit, path: str, receipt: Receipt) -> Response:
    """Redirect to the next page, with the receipt that it shows once."""
    response = see_other(path)
    if visit.request.cookies.get(visit.desk.cookie) == visit.token:
        receipts.attach(response, visit.desk, visit.token, receipt)
    return response


def see_other(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
