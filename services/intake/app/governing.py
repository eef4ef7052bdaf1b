"""The administrator's pages of calendar, delegations, fees and switches."""

from datetime import date, datetime, time
from typing import Final, cast, get_args

from starlette.responses import Response

from intake.app.acts import done
from intake.app.visit import Unreadable, Visit, whole
from intake.domain import text
from intake.domain.calendar import ZONE
from intake.domain.delegating import TypedDelegation
from intake.domain.own_fees import TypedFee
from intake.domain.own_tables import Kind
from intake.domain.states import NotAllowed
from intake.domain.switches import Switch
from intake.domain.taking_back import Plan
from intake.domain.views.page import Receipt

AT_CALENDAR: Final = "/calendar"
AT_DELEGATIONS: Final = "/delegations"
AT_FEES: Final = "/fees"
AT_SWITCHES: Final = "/switches"
YEARS: Final = (2020, 2099)
MOMENT_CHARACTERS: Final = 30


async def calendar(visit: Visit) -> Response:
    year = visit.query("year", MOMENT_CHARACTERS)
    tried = visit.query("at", MOMENT_CHARACTERS)
    view = visit.desk.governing.calendar(
        _year(year) if year else None, _moment(tried) if tried else None, visit.by
    )
    return visit.desk.render("calendar.html", visit.request, view=view, me=visit.me)


async def change_days(visit: Visit) -> Response:
    typed = visit.typed
    kind = typed.one("kind")
    if kind not in get_args(Kind):
        raise NotAllowed("error.calendar-kind")
    first = typed_day(typed.one("first"))
    last = typed_day(typed.one("last")) if typed.one("last").strip() else first
    row = await visit.desk.governing.change_days(
        cast("Kind", kind),
        (first, last),
        typed.one("name"),
        version=typed.number("version"),
        by=visit.by,
    )
    there = f"{AT_CALENDAR}?year={row.first.year}"
    slug = "year-entered" if row.kind == "year" else "days-changed"
    values: dict[str, str | int] = {
        "first": f"{row.first:%d/%m/%Y}",
        "last": f"{row.last:%d/%m/%Y}",
        "year": str(row.first.year),
    }
    return done(visit, there, Receipt(slug, values))


async def change_hour(visit: Visit) -> Response:
    typed = visit.typed
    row = await visit.desk.governing.change_hour(
        _hour(typed.one("closes")),
        typed_day(typed.one("valid_from")),
        version=typed.number("version"),
        by=visit.by,
    )
    values: dict[str, str | int] = {
        "hour": f"{row.closes:%H:%M}",
        "day": f"{row.valid_from:%d/%m/%Y}",
    }
    return done(visit, AT_CALENDAR, Receipt("hour-changed", values))


async def delegations(visit: Visit) -> Response:
    view = visit.desk.governing.delegations(visit.by)
    return visit.desk.render("delegations.html", visit.request, view=view, me=visit.me)


async def delegate(visit: Visit) -> Response:
    typed = visit.typed
    entered = await visit.desk.governing.delegate(
        TypedDelegation(
            number=typed.one("number"),
            signed_on=typed_day(typed.one("signed_on")),
            delegator=typed.one("delegator"),
            delegate=typed.one("delegate"),
            kinds=typed.all("kinds"),
            title_line=typed.one("title_line"),
            valid_from=typed_day(typed.one("valid_from")),
            valid_until=typed_day(typed.one("valid_until")),
        ),
        visit.by,
    )
    values: dict[str, str | int] = {
        "number": entered.number,
        "who": entered.delegate_name,
    }
    return done(visit, AT_DELEGATIONS, Receipt("delegated", values))


async def revoke(visit: Visit) -> Response:
    seq = whole(visit.path("delegation"), "delegation")
    await visit.desk.governing.revoke(seq, visit.typed.one("reason"), visit.by)
    return done(visit, AT_DELEGATIONS, Receipt("delegation-revoked", {}))


async def switches(visit: Visit) -> Response:
    view = visit.desk.governing.switches(visit.by)
    return visit.desk.render("switches.html", visit.request, view=view, me=visit.me)


async def turn(visit: Visit) -> Response:
    typed = visit.typed
    if typed.one("switch") not in set(Switch) or typed.one("on") not in {"0", "1"}:
        raise NotAllowed("error.switch")
    row = await visit.desk.governing.turn(
        Switch(typed.one("switch")),
        on=typed.one("on") == "1",
        valid_from=typed_day(typed.one("valid_from")),
        version=typed.number("version"),
        by=visit.by,
    )
    values: dict[str, str | int] = {"day": f"{row.valid_from:%d/%m/%Y}"}
    return done(visit, AT_SWITCHES, Receipt("switched", values))


async def fees(visit: Visit) -> Response:
    view = visit.desk.governing.fees(visit.by)
    return visit.desk.render("fees.html", visit.request, view=view, me=visit.me)


async def issue_fee(visit: Visit) -> Response:
    typed = visit.typed
    fee = await visit.desk.governing.issue_fee(
        TypedFee(
            basis=typed.one("basis"),
            valid_from=typed_day(typed.one("valid_from")),
            first_rate=_amount(typed.one("first_rate")),
            further_rate=_amount(typed.one("further_rate")),
            ceiling=_amount(typed.one("ceiling")),
        ),
        typed.number("version"),
        visit.by,
    )
    values: dict[str, str | int] = {"day": f"{fee.valid_from:%d/%m/%Y}"}
    return done(visit, AT_FEES, Receipt("fee-issued", values))


async def take_days_back(visit: Visit) -> Response:
    return await _taken_back(visit, "calendar", AT_CALENDAR)


async def take_hour_back(visit: Visit) -> Response:
    return await _taken_back(visit, "hours", AT_CALENDAR)


async def take_fee_back(visit: Visit) -> Response:
    return await _taken_back(visit, "fees", AT_FEES)


async def take_switch_back(visit: Visit) -> Response:
    return await _taken_back(visit, "switches", AT_SWITCHES)


async def _taken_back(visit: Visit, table: Plan, there: str) -> Response:
    """A planned row will not count."""
    seq = whole(visit.path("row"), "row")
    await visit.desk.governing.take_back(table, seq, visit.by)
    return done(visit, there, Receipt("row-taken-back", {}))


def _amount(typed: str) -> int:
    """VND, also with the dots that people put between thousands."""
    try:
        return text.whole_number(typed.strip().replace(".", ""))
    except ValueError as error:
        raise NotAllowed("error.fee-figures") from error


def _year(typed: str) -> int:
    year = whole(typed, "year")
    if not YEARS[0] <= year <= YEARS[1]:
        raise Unreadable("year")
    return year


def typed_day(typed: str) -> date:
    """Raises NotAllowed with a sentence that names the form of a day."""
    try:
        day = text.day(typed)
    except ValueError:
        day = None
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise NotAllowed("error.calendar-day")
    return day


def _hour(typed: str) -> time:
    try:
        return time.fromisoformat(typed.strip()).replace(second=0, microsecond=0)
    except ValueError as error:
        raise NotAllowed("error.closing-hour", least="15:00", most="22:00") from error


def _moment(typed: str) -> datetime:
    """A moment of the desk's own clock, as a browser's field writes it."""
    try:
        local = datetime.fromisoformat(typed).replace(tzinfo=ZONE)
    except ValueError as error:
        raise Unreadable("at") from error
    if not YEARS[0] <= local.year <= YEARS[1]:
        raise Unreadable("at")
    return local
