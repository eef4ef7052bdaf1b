"""Papers that the office hands out, and the register's prints.

A print is a GET, so that a button opens it in one step; that it was printed is noted,
as a certifier's look at a page is (``pages.large``). Start at ``ROUTES``.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.responses import Response

from intake.app.acts import done
from intake.app.route import (
    APOLOGISERS,
    CERTIFIERS,
    CLERKS,
    DESK,
    STAFF,
    Route,
)
from intake.app.visit import Unreadable, Visit, ahead, whole
from intake.domain import text as texts
from intake.domain.closing import Period
from intake.domain.numbers import short_code
from intake.domain.people import Actor
from intake.domain.states import NotAllowed
from intake.domain.views.page import Receipt

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
PRIVATE: Final = {"Cache-Control": "private, no-store"}
"""A citizen's words: no copy stays in a browser or on the way there."""
AT_REGISTER: Final = "/register"
YEARS: Final = (2000, 2999)
MONTHS: Final = 12

_Print: TypeAlias = Callable[[str, Actor], Awaitable[bytes]]


async def receipt(visit: Visit) -> Response:
    return await _of_case(visit, visit.desk.printing.receipt, "giay-hen")


async def apology(visit: Visit) -> Response:
    return await _of_case(visit, visit.desk.printing.apology, "thu-xin-loi")


async def extension(visit: Visit) -> Response:
    return await _of_case(visit, visit.desk.printing.extension, "thu-gia-han")


async def supplement(visit: Visit) -> Response:
    return await _of_case(visit, visit.desk.printing.supplement, "phieu-bo-sung")


async def refusal(visit: Visit) -> Response:
    return await _of_document(visit, visit.desk.printing.refusal, "tu-choi")


async def not_accepted(visit: Visit) -> Response:
    made = visit.desk.printing.not_accepted
    return await _of_document(visit, made, "khong-tiep-nhan")


async def link(visit: Visit) -> Response:
    return await _of_document(visit, visit.desk.printing.link, "giao")


async def _of_case(visit: Visit, made: _Print, name: str) -> Response:
    code = visit.path("code")
    made_now = partial(made, code, visit.by)
    return await _file(visit, made_now, f"{name}-{short_code(code)}.pdf")


async def _of_document(visit: Visit, made: _Print, name: str) -> Response:
    document = visit.path("document")
    short = "-".join(document.split("-")[-3:])
    return await _file(visit, partial(made, document, visit.by), f"{name}-{short}.pdf")


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
    number, year = texts.line(visit.typed.one("number")), visit.typed.number("year")
    text = visit.typed.one("text")
    line = await visit.desk.bookkeeping.remark(number, year, text, visit.by)
    there = _there(year, line.entry.date.month)
    return done(visit, there, Receipt("noted", {"number": line.entry.number}))


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
    return answer_file(await make(), name, media_type)


def answer_file(content: bytes, name: str, media_type: str) -> Response:
    """A file that a person asked for: a PDF is shown, any other is kept."""
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


def _name(period: Period) -> str:
    return f"{period.year}-{period.month:02d}" if period.month else str(period.year)


ROUTES: Final = (
    Route("GET", "/cases/{code}/handouts/receipt", receipt, DESK),
    Route("GET", "/cases/{code}/handouts/supplement", supplement, DESK),
    Route("GET", "/cases/{code}/handouts/apology", apology, APOLOGISERS),
    Route("GET", "/cases/{code}/handouts/extension", extension, DESK),
    Route("GET", "/documents/{document}/handouts/refusal", refusal, DESK),
    Route("GET", "/documents/{document}/handouts/not-accepted", not_accepted, DESK),
    Route("GET", "/documents/{document}/handouts/link", link, CLERKS),
    Route("GET", "/register/print.pdf", register_print, STAFF),
    Route("GET", "/register/export.xlsx", register_xlsx, STAFF),
    Route("GET", "/register/export.csv", register_csv, STAFF),
    Route("POST", "/register/close", close, CERTIFIERS, AT_REGISTER),
    Route("POST", "/register/notes", remark, CERTIFIERS, AT_REGISTER),
)
