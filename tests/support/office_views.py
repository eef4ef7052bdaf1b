"""Sample views of the administrator's pages."""

from dataclasses import replace
from datetime import date, time

from intake.domain.own_tables import CalendarRow, ClosingHour, OwnTables
from intake.domain.people import Role
from intake.domain.showing_calendar import calendar_view
from intake.domain.views.accounts import AccountRow, AccountsView, OfficeChoice
from support.desk_views import NOW
from support.intake import AGENCY, house_rules

OFFICES = (OfficeChoice("pham-quoc-vinh", "Phạm Quốc Vĩnh, KT. CHỦ TỊCH"),)


def account(user: str = "man", name: str = "Cao Xuân Mẫn", **changes) -> AccountRow:
    known = {
        "user": user,
        "name": name,
        "roles": frozenset({"clerk"}),
        "officer": "",
        "office": "",
        "active": True,
        "must_change": False,
        "signed_in_at": NOW,
        "sessions": 1,
        "version": 3,
        "mine": False,
    }
    return AccountRow(**{**known, **changes})


def accounts(row: AccountRow | None = None, given: str = "") -> AccountsView:
    rows = (
        account("vinh", roles=frozenset({"certifier"}), office=OFFICES[0].label),
        account(),
        account("may", "Sùng Thị Máy", must_change=True, signed_in_at=None, sessions=0),
        account("nhat", "Quách Văn Nhật", active=False, sessions=0),
    )
    return AccountsView(rows, tuple(Role), OFFICES, NOW, row=row, given=given)


def calendar(year: int = 2026):
    """With a day and an hour of the agency's own."""
    day = date(2026, 11, 24)
    own = OwnTables(
        (CalendarRow(AGENCY, day, day, "holiday", "Ngày Văn hóa", "Long", NOW),),
        (ClosingHour(AGENCY, day, time(16, 30), "Long", NOW),),
    )
    rules = replace(house_rules(), own=lambda _: own)
    return calendar_view(rules, AGENCY, year, tried_at=NOW, now=NOW)
