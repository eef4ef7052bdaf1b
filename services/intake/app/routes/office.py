"""How the office is arranged: what its administrator decides in the browser."""

from typing import Final

from intake.app import accounts, governing, programs, tabling
from intake.app.governing import AT_CALENDAR, AT_DELEGATIONS, AT_FEES, AT_SWITCHES
from intake.app.route import ADMINISTRATORS, OFFICE, Route
from intake.app.tabling import AT_TABLE

_ACCOUNT: Final = "/accounts/{user}"
_AFTER: Final = accounts.AT_ACCOUNTS

ROUTES: Final = (
    Route("GET", "/accounts", accounts.page, OFFICE),
    Route("POST", "/accounts", accounts.add, ADMINISTRATORS, _AFTER),
    Route("GET", _ACCOUNT, accounts.page, ADMINISTRATORS),
    Route("POST", _ACCOUNT, accounts.change, ADMINISTRATORS, _AFTER),
    Route("POST", f"{_ACCOUNT}/lock", accounts.lock, ADMINISTRATORS, _AFTER),
    Route("POST", f"{_ACCOUNT}/unlock", accounts.unlock, ADMINISTRATORS, _AFTER),
    Route(
        "POST", f"{_ACCOUNT}/password", accounts.give_password, ADMINISTRATORS, _AFTER
    ),
    Route("GET", "/delegations", governing.delegations, OFFICE),
    Route("POST", "/delegations", governing.delegate, ADMINISTRATORS, AT_DELEGATIONS),
    Route(
        "POST",
        "/delegations/{delegation}/revoke",
        governing.revoke,
        ADMINISTRATORS,
        AT_DELEGATIONS,
    ),
    Route("GET", "/programs", programs.page, OFFICE),
    Route("POST", "/programs", programs.issue, ADMINISTRATORS, programs.AT_PROGRAMS),
    Route(
        "POST",
        "/programs/{program}/revoke",
        programs.revoke,
        ADMINISTRATORS,
        programs.AT_PROGRAMS,
    ),
    Route("GET", "/fees", governing.fees, OFFICE),
    Route("POST", "/fees", governing.issue_fee, ADMINISTRATORS, AT_FEES),
    Route("GET", "/switches", governing.switches, OFFICE),
    Route("POST", "/switches", governing.turn, ADMINISTRATORS, AT_SWITCHES),
    Route("GET", "/calendar", governing.calendar, OFFICE),
    Route("POST", "/calendar", governing.change_days, ADMINISTRATORS, AT_CALENDAR),
    *(
        Route("POST", f"{there}/{{row}}/take-back", take_back, ADMINISTRATORS, after)
        for there, take_back, after in (
            (AT_CALENDAR, governing.take_days_back, AT_CALENDAR),
            ("/calendar/hours", governing.take_hour_back, AT_CALENDAR),
            (AT_FEES, governing.take_fee_back, AT_FEES),
            (AT_SWITCHES, governing.take_switch_back, AT_SWITCHES),
        )
    ),
    Route(
        "POST", "/calendar/hours", governing.change_hour, ADMINISTRATORS, AT_CALENDAR
    ),
    Route("GET", AT_TABLE, tabling.page, OFFICE),
    Route("POST", AT_TABLE, tabling.enter, ADMINISTRATORS, AT_TABLE),
    Route("POST", f"{AT_TABLE}/preview", tabling.preview, ADMINISTRATORS),
    Route(
        "POST",
        f"{AT_TABLE}/{{row}}/take-back",
        tabling.take_back,
        ADMINISTRATORS,
        AT_TABLE,
    ),
    Route("POST", f"{_ACCOUNT}/sign-out", accounts.sign_out, ADMINISTRATORS, _AFTER),
)
