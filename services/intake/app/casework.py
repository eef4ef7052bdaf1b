"""Forms about a whole case, each a page of its own. Start at ``ROUTES``."""

from collections.abc import Collection
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.case_forms import (
    CORRECTED,
    correction_page,
    ending_page,
    paper_columns,
    paper_versions,
    requester_sent,
    supplement_page,
)
from intake.app.route import AT_CASE, CLERKS, Route
from intake.app.typed_pages import show
from intake.app.visit import Unreadable, Visit, program
from intake.domain import text
from intake.domain.correcting import (
    CorrectedPaper,
    CorrectedRequester,
    CorrectionForm,
)
from intake.domain.desk_ends import MOVE, DeskEnd, Way
from intake.domain.intake_form import Mistaken, TypedCase
from intake.domain.records import Conflict
from intake.domain.supplementing import SupplementForm, TypedLack
from intake.domain.views.page import FieldError, Receipt

MISTAKEN = HTTPStatus.UNPROCESSABLE_ENTITY
LACK: Final = ("ground", "words")


async def correction(visit: Visit) -> Response:
    return await show(visit, correction_page)


async def correct(visit: Visit) -> Response:
    """Put right what was typed. Whoever is second keeps what they typed, and reads who
    was first and what differs.
    """
    code = visit.path("code")
    try:
        form = _form(visit)
    except Mistaken as mistaken:
        return await show(
            visit, correction_page, status=MISTAKEN, errors=mistaken.errors
        )
    try:
        _, fields = await visit.desk.casework.correct(code, form, visit.by)
    except Conflict as first:
        if program(visit.request):
            raise
        differs = await visit.desk.casework.differences(code, form, visit.by)
        gather = partial(correction_page, first=first, differs=differs)
        return await show(visit, gather, status=HTTPStatus.CONFLICT, same_form=True)
    slug = "corrected" if fields else "corrected-nothing"
    return done(visit, f"/cases/{code}", Receipt(slug, {"n": fields}))


async def ending(visit: Visit) -> Response:
    return await show(visit, ending_page)


async def end(visit: Visit) -> Response:
    """Papers of the case end without a copy: taken back, or not accepted."""
    code, typed = visit.path("code"), visit.typed
    way: Way = "not-accept" if typed.one("way") == "not-accept" else "take-back"
    ended = DeskEnd(way, paper_versions(typed), typed.one("ground"), typed.one("text"))
    errors = _missing(ended, typed.one("way"), visit.desk.casework.grounds(visit.by))
    if errors:
        return await show(visit, ending_page, status=MISTAKEN, errors=errors)
    after = await visit.desk.casework.end(code, ended, visit.by)
    receipt = Receipt(f"ended-{way}", {"n": len(after.documents)})
    return done(visit, f"/cases/{code}", receipt)


async def asking(visit: Visit) -> Response:
    return await show(visit, supplement_page)


async def ask(visit: Visit) -> Response:
    """The case waits for what its requester has to bring."""
    code = visit.path("code")
    form = _supplement(visit)
    errors = tuple(
        FieldError(_named(field), key)
        for field, key in visit.desk.casework.supplement_faults(form, visit.by).items()
    )
    if errors:
        return await show(visit, supplement_page, status=MISTAKEN, errors=errors)
    await visit.desk.casework.ask(code, form, visit.by)
    values: dict[str, str | int] = {"n": len(form.lacks)}
    return done(visit, f"/cases/{code}", Receipt("supplement-asked", values))


async def bring(visit: Visit) -> Response:
    """What was missing is there, of the papers that are ticked."""
    code = visit.path("code")
    papers = paper_versions(visit.typed)
    after = await visit.desk.casework.bring(code, papers, visit.by)
    waits = after.case is not None and after.case.supplement is not None
    slug = "supplement-some" if waits else "supplement-brought"
    return done(visit, f"/cases/{code}", Receipt(slug, {"n": len(papers)}))


def _supplement(visit: Visit) -> SupplementForm:
    typed = visit.typed
    ticked = paper_versions(typed)
    lacks = (
        TypedLack(name, version, *(typed.one(f"{f}-{_ordinal(name)}") for f in LACK))
        for name, version in ticked.items()
    )
    try:
        until = text.day(typed.one("until")) or date.min
    except ValueError:
        until = date.min
    return SupplementForm(tuple(lacks), typed.one("extra"), until)


def _named(field: str) -> str:
    """The field's id on the page."""
    name, _, document = field.partition(":")
    return f"{name}-{_ordinal(document)}" if document else name


def _ordinal(document: str) -> str:
    return document.rpartition("-")[2]


def _missing(
    ended: DeskEnd, way: str, grounds: Collection[str]
) -> tuple[FieldError, ...]:
    """What the form lacks, in the order of the page."""
    wanted = (
        ("way-take-back", "error.end-way", way not in MOVE),
        ("paper-0", "error.end-papers", not ended.papers),
        ("ground", "error.end-ground", ended.ground not in grounds),
        ("text", "error.end-words", not ended.words.strip()),
    )
    only_not_accepted = {"ground", "text"}
    return tuple(
        FieldError(field, key)
        for field, key, lacks in wanted
        if lacks and (field not in only_not_accepted or way == "not-accept")
    )


def _form(visit: Visit) -> CorrectionForm:
    """Raises Mistaken, Unreadable."""
    typed = visit.typed
    fields = {name: typed.one(name) for name in typed.fields}
    ids, stamps = typed.all("paper"), typed.all("was")
    rows = paper_columns(typed, CORRECTED)
    if len(ids) != len(stamps) or len(rows) != len(ids):
        raise Unreadable("paper")
    parsed = visit.desk.casework.read_correction(
        TypedCase(fields, rows), visit.by, requester=requester_sent(typed)
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
    Route("GET", "/cases/{code}/supplement", asking, CLERKS),
    Route("POST", "/cases/{code}/supplement", ask, CLERKS, AT_CASE),
    Route("POST", "/cases/{code}/supplement/brought", bring, CLERKS, AT_CASE),
    Route("GET", "/cases/{code}/end", ending, CLERKS),
    Route("POST", "/cases/{code}/end", end, CLERKS, AT_CASE),
)
