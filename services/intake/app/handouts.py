"""Papers that the office hands out, the register's prints, and their templates.

A print is a GET, so that a button opens it in one step; that it was printed is noted,
as a certifier's look at a page is (``pages.large``). Start at ``ROUTES``.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from intake.app.acts import done
from intake.app.office_forms import handout_of
from intake.app.route import (
    ADMINISTRATORS,
    APOLOGISERS,
    CERTIFIERS,
    CLERKS,
    DESK,
    OFFICE,
    STAFF,
    Route,
)
from intake.app.visit import Unreadable, Visit, ahead, whole
from intake.domain.closing import Period
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.language import BadTemplate
from intake.domain.numbers import short_code
from intake.domain.states import NotAllowed
from intake.domain.views.page import Receipt
from intake.web import language

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
PRIVATE: Final = {"Cache-Control": "private, no-store"}
"""A citizen's words: no copy stays in a browser or on the way there."""
AT_REGISTER: Final = "/register"
AT_TEMPLATES: Final = "/templates"
YEARS: Final = (2000, 2999)
MONTHS: Final = 12


async def receipt(visit: Visit) -> Response:
    code = visit.path("code")
    made = partial(visit.desk.printing.receipt, code, visit.by)
    return await _file(visit, made, f"giay-hen-{short_code(code)}.pdf")


async def apology(visit: Visit) -> Response:
    code = visit.path("code")
    made = partial(visit.desk.printing.apology, code, visit.by)
    return await _file(visit, made, f"thu-xin-loi-{short_code(code)}.pdf")


async def supplement(visit: Visit) -> Response:
    code = visit.path("code")
    made = partial(visit.desk.printing.supplement, code, visit.by)
    return await _file(visit, made, f"phieu-bo-sung-{short_code(code)}.pdf")


async def refusal(visit: Visit) -> Response:
    document = visit.path("document")
    made = partial(visit.desk.printing.refusal, document, visit.by)
    return await _file(visit, made, f"tu-choi-{'-'.join(document.split('-')[-3:])}.pdf")


async def not_accepted(visit: Visit) -> Response:
    document = visit.path("document")
    made = partial(visit.desk.printing.not_accepted, document, visit.by)
    name = "-".join(document.split("-")[-3:])
    return await _file(visit, made, f"khong-tiep-nhan-{name}.pdf")


async def link(visit: Visit) -> Response:
    document = visit.path("document")
    made = partial(visit.desk.printing.link, document, visit.by)
    return await _file(visit, made, f"giao-{'-'.join(document.split('-')[-3:])}.pdf")


async def register_print(visit: Visit) -> Response:
    period = _period(visit)
    made = partial(visit.desk.bookkeeping.printed, period, visit.by)
    return await _file(visit, made, f"so-chung-thuc-{_name(period)}.pdf")


async def register_xlsx(visit: Visit) -> Response:
    period = _period(visit)
    made = partial(visit.desk.bookkeeping.xlsx, period, visit.by)
    return await _file(visit, made, f"so-chung-thuc-{_name(period)}.xlsx", XLSX)


async def register_csv(visit: Visit) -> Response:
    period = _period(visit)
    made = partial(visit.desk.bookkeeping.csv, period, visit.by)
    return await _file(visit, made, f"so-chung-thuc-{_name(period)}.csv", CSV)


async def close(visit: Visit) -> Response:
    """A certifier closes a month, or a year (month 0)."""
    typed = visit.typed
    period = _checked(typed.number("year"), typed.number("month"))
    if not typed.one("confirmed"):
        raise NotAllowed("error.close-confirm", period=period.shown)
    closing = await visit.desk.bookkeeping.close(period, visit.by)
    values: dict[str, str | int] = {
        "period": period.shown,
        "n": closing.totals.lines,
        "who": closing.by_name,
    }
    there = _there(period.year, period.month or 12)
    return done(visit, there, Receipt("period-closed", values))


async def remark(visit: Visit) -> Response:
    """A correction beside the line of a number of that year."""
    number, year = visit.typed.one("number"), visit.typed.number("year")
    line = await visit.desk.bookkeeping.remark(
        whole(number.partition("/")[0].strip(), "number"),
        year,
        visit.typed.one("text"),
        visit.by,
    )
    there = _there(year, line.entry.date.month)
    return done(visit, there, Receipt("noted", {"number": line.entry.number}))


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
    return _answer(made, f"mau-{handout}.pdf", PDF)


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


async def _file(
    visit: Visit,
    make: Callable[[], Awaitable[bytes]],
    name: str,
    media_type: str = PDF,
) -> Response:
    """The file. A browser that fetches ahead of a person, or asks only for the head,
    gets nothing: a print that nobody wanted must not be noted as one.
    """
    if visit.request.method != "GET" or ahead(visit.request):
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=PRIVATE)
    return _answer(await make(), name, media_type)


def _answer(content: bytes, name: str, media_type: str) -> Response:
    where = "inline" if media_type == PDF else "attachment"
    headers = PRIVATE | {"Content-Disposition": f'{where}; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _period(visit: Visit) -> Period:
    """The month that the address names; the year where it names none."""
    query = visit.request.query_params
    year, month = query.get("year", ""), query.get("month") or "0"
    return _checked(whole(year, "year"), whole(month, "month"))


def _checked(year: int, month: int) -> Period:
    if not YEARS[0] <= year <= YEARS[1] or not 0 <= month <= MONTHS:
        raise Unreadable("number")
    return Period(year, month)


def _there(year: int, month: int) -> str:
    return f"{AT_REGISTER}?year={year}&month={month}"


def _title(visit: Visit, handout: Handout) -> str:
    words = visit.desk.render.pages.words[language(visit.request)]
    return words(f"handout.{handout}")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Unreadable("valid_from") from error


def _name(period: Period) -> str:
    return f"{period.year}-{period.month:02d}" if period.month else str(period.year)


ROUTES: Final = (
    Route("GET", "/cases/{code}/handouts/receipt", receipt, DESK),
    Route("GET", "/cases/{code}/handouts/supplement", supplement, DESK),
    Route("GET", "/cases/{code}/handouts/apology", apology, APOLOGISERS),
    Route("GET", "/documents/{document}/handouts/refusal", refusal, DESK),
    Route("GET", "/documents/{document}/handouts/not-accepted", not_accepted, DESK),
    Route("GET", "/documents/{document}/handouts/link", link, CLERKS),
    Route("GET", "/register/print.pdf", register_print, STAFF),
    Route("GET", "/register/export.xlsx", register_xlsx, STAFF),
    Route("GET", "/register/export.csv", register_csv, STAFF),
    Route("POST", "/register/close", close, CERTIFIERS, AT_REGISTER),
    Route("POST", "/register/notes", remark, CERTIFIERS, AT_REGISTER),
    Route("GET", "/templates", templates, OFFICE),
    Route("GET", "/templates/{handout}", template, ADMINISTRATORS),
    Route("GET", "/templates/{handout}/sample.png", template_picture, ADMINISTRATORS),
    Route("POST", "/templates/{handout}/preview", template_preview, ADMINISTRATORS),
    Route("POST", "/templates/{handout}", template_issue, ADMINISTRATORS, AT_TEMPLATES),
)
