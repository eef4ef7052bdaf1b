"""Sample views of the administrator's pages."""

from dataclasses import replace
from datetime import date, time

from intake.domain.delegations import Delegation, Revocation
from intake.domain.office_tables import TABLES
from intake.domain.own_fees import OwnFee
from intake.domain.own_tables import CalendarRow, ClosingHour, OwnTables, unchanged
from intake.domain.people import Role
from intake.domain.programs import Scope
from intake.domain.showing_calendar import calendar_view
from intake.domain.showing_delegations import delegations_view
from intake.domain.showing_fees import fees_view
from intake.domain.showing_switches import switches_view
from intake.domain.showing_tables import table_view
from intake.domain.switches import Switch, Switching
from intake.domain.table_rows import TableRow, TakenBack
from intake.domain.views.accounts import AccountRow, AccountsView, OfficeChoice
from intake.domain.views.programs import ProgramRow, ProgramsView
from intake.domain.views.sealing import SealRow, SealView
from support.delegated import HIEN, delegated_rules
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


def programs(*, given: str = "") -> ProgramsView:
    """One in use that was just made, one that was revoked, one that has ended."""
    day = date(2026, 12, 31)
    made = {"made_by": "Hà Bảo Long", "made_at": NOW}
    rows = (
        ProgramRow(
            *("aaaa2345", "Một cửa tỉnh", tuple(Scope), day, 38, "in-force"),
            **made,
            revoked_by="",
            used_at=NOW,
        ),
        ProgramRow(
            *("bbbb2345", "Cổng cũ", (Scope.READ_CASES,), day, 38, "revoked"),
            **made,
            revoked_by="Hà Bảo Long",
            used_at=None,
        ),
    )
    latest = date(2027, 11, 24)
    return ProgramsView(
        rows, tuple(Scope), NOW, day, latest, given, "Một cửa tỉnh" if given else ""
    )


def delegations(*, kept: bool = True):
    """One in force that ends soon, one to come for some kinds, one ended early."""
    entry = Delegation(
        agency=AGENCY,
        number="12/UQ-UBND",
        signed_on=date(2026, 6, 28),
        delegator="pham-quoc-vinh",
        delegator_name="Phạm Quốc Vĩnh",
        delegate=HIEN,
        delegate_name="Nông Thế Hiển",
        kinds=(),
        title_line="TUQ. CHỦ TỊCH",
        valid_from=date(2026, 7, 1),
        valid_until=date(2026, 12, 31),
        by="Long",
        at=NOW,
        seq=1,
    )
    later = {"valid_from": date(2027, 1, 1), "kinds": ("diploma",), "seq": 2}
    ended = Revocation(3, "Nghỉ hưu", "Long", NOW)
    known = (entry, replace(entry, **later), replace(entry, seq=3, revoked=ended))
    own = OwnTables(delegations=known)
    rules = delegated_rules() if kept else house_rules()
    rules = replace(rules, own=(lambda _: own) if kept else unchanged)
    return delegations_view(rules, AGENCY, NOW)


def fees():
    """The program's rule, and one of the agency's own to come."""
    fee = OwnFee(AGENCY, "NQ 1/2026", date(2027, 1, 1), 1000, 500, 100000, "Long", NOW)
    own = OwnTables(fees=(fee,))
    return fees_view(replace(house_rules(), own=lambda _: own), AGENCY, NOW)


def table(slug: str = "numbers", samples: tuple[str, ...] = ()):
    """The program's rows, one of the agency's own to come, and one taken back."""
    values = {
        "numbers": {"number": "{so}/ĐT", "book": "{quyen:2}/{nam}", "ordinal": "3"},
        "grounds": {"vi": "Lý do <mới>", "en": "", "act": "refuse", "by": "both"},
    }[slug]
    key = "E" if slug == "numbers" else "D99"
    row = TableRow(slug, key, date(2027, 1, 1), values, AGENCY, "Long", NOW, seq=1)
    back = replace(row, seq=2, taken_back=TakenBack("Long", NOW))
    own = OwnTables(rows=(row, back))
    rules = replace(house_rules(), own=lambda _: own)
    view = table_view(TABLES[slug], rules, AGENCY, NOW)
    return replace(view, samples=samples)


def switches():
    """One that was turned on, and one that nobody has answered."""
    row = Switching(AGENCY, Switch.MANUAL_SEAL, True, NOW.date(), "Hà Bảo Long", NOW)
    own = OwnTables(switches=(row,))
    return switches_view(replace(house_rules(), own=lambda _: own), AGENCY, NOW)


def seal(*, waiting=True):
    """Two copies that wait, one of them late; or none, where the seal is automatic."""
    row = SealRow(
        *("H99-1", 3, "1184/2026", "Quyết định nghỉ hưu", "Tạ Duy Khoát"),
        *("H99", "261123-0001", 3, "Phạm Quốc Vĩnh", NOW, NOW),
        late=False,
    )
    late = replace(row, document="H99-2", number="1185/2026", late=True)
    return SealView(NOW, (row, late) if waiting else (), manual=waiting)
