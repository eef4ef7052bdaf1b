"""What an administrator does to accounts, decided on values."""

from dataclasses import replace

import pytest

from intake.domain import accounts, duties
from intake.domain.accounts import AccountForm, BadAccount
from intake.domain.agencies import parse
from intake.domain.passwords import check_password, drawn
from intake.domain.people import Actor, Role, User
from intake.domain.records import Conflict
from intake.domain.states import NotAllowed
from support.intake import AGENCIES, AGENCY, MORNING

AGENCY_ENTRY = parse(AGENCIES)[AGENCY]
LONG = User("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}), None, "x")
OTHER = replace(LONG, id="dung", name="Mã Thị Dung")
VINH = User(
    *("vinh", "Phạm Quốc Vĩnh", AGENCY, frozenset({Role.CERTIFIER})),
    officer="pham-quoc-vinh",
    password="x",
)
BY = Actor("long", LONG.name, AGENCY, LONG.roles)
CLERK = AccountForm("Hà Bảo Long", frozenset({Role.CLERK}), None)
ACT = {"by": BY, "at": MORNING}


def parsed(*roles, name="Sùng Thị Máy", officer=""):
    return accounts.parse_form(name, roles, officer, AGENCY_ENTRY)


def keys(*roles, **typed):
    with pytest.raises(BadAccount) as bad:
        parsed(*roles, **typed)
    return [key for _, key, _ in bad.value.faults]


def test_a_form_is_read_whole_or_each_fault_is_named():
    """Roles of nobody are left out, and an office is kept for a certifier alone."""
    clerk = parsed("clerk", "king", name="  Sùng   Thị Máy ", officer="pham-quoc-vinh")
    assert clerk == AccountForm("Sùng Thị Máy", frozenset({Role.CLERK}), None)
    assert parsed("certifier", officer="pham-quoc-vinh").officer == "pham-quoc-vinh"
    assert keys("king", name=" ") == ["error.account-name", "error.account-roles"]
    assert keys("certifier", officer="nobody") == ["error.account-office"]


@pytest.mark.parametrize("typed", ["Sùng", "a", "-may", "may sung", "x" * 41, ""])
def test_a_sign_in_name_is_plain(typed):
    """It stands in addresses and in the audit for ever."""
    with pytest.raises(BadAccount, match="account-id"):
        accounts.parse_id(typed)
    assert accounts.parse_id(" SungThi.May-2 ") == "sungthi.may-2"


def test_who_administers_signs_nothing_and_who_audits_does_nothing_else():
    """Two keys of one door are not in one hand."""
    apart = {frozenset(pair) for pair in duties.APART}
    both = {
        frozenset({one, other})
        for one in Role
        for other in Role
        if one != other and duties.clash({one, other})
    }
    assert both == apart
    assert frozenset({Role.ADMINISTRATOR, Role.CERTIFIER}) in apart
    assert {pair for pair in apart if Role.AUDITOR in pair} == {
        frozenset({Role.AUDITOR, other}) for other in Role if other != Role.AUDITOR
    }
    assert keys("auditor", "clerk") == ["error.roles-apart"]
    assert parsed("clerk", "administrator").roles == {Role.CLERK, Role.ADMINISTRATOR}


def test_the_last_administrator_keeps_role_and_access():
    """A locked one does not count; a second one in use does."""
    asleep = replace(OTHER, active=False)
    for others in ((LONG, VINH), (LONG, asleep)):
        with pytest.raises(NotAllowed, match="last-administrator"):
            accounts.changed(LONG, CLERK, 1, others, **ACT)
        with pytest.raises(NotAllowed, match="last-administrator"):
            accounts.locked(LONG, 1, others, **ACT)
    assert not accounts.locked(LONG, 1, (LONG, OTHER), **ACT).user.active
    changed = accounts.changed(LONG, CLERK, 1, (LONG, OTHER), **ACT)
    assert (changed.user.roles, changed.ends_sessions) == (CLERK.roles, True)
    assert changed.note.values["before"] == "administrator"


def test_an_office_is_held_by_one_account():
    """Else two people would sign in one name; a locked account holds none."""
    form = AccountForm("Trần Hữu Lộc", VINH.roles, VINH.officer)
    with pytest.raises(BadAccount, match="office-taken"):
        accounts.added("loc", form, (LONG, VINH), **ACT)
    asleep = replace(VINH, active=False)
    loc = accounts.added("loc", form, (LONG, asleep), **ACT).user
    with pytest.raises(NotAllowed, match="office-taken"):
        accounts.unlocked(asleep, 1, (LONG, loc, asleep), **ACT)


def test_a_stale_form_changes_nothing_and_names_who_was_first():
    changed = replace(LONG, version=2, changed_by="Mã Thị Dung", changed_at=MORNING)
    with pytest.raises(Conflict) as conflict:
        accounts.changed(changed, CLERK, 1, (changed, OTHER), **ACT)
    assert (conflict.value.who, conflict.value.when) == ("Mã Thị Dung", MORNING)


def test_a_new_name_alone_ends_no_session():
    form = AccountForm("Phạm Quốc Vinh", VINH.roles, VINH.officer)
    change = accounts.changed(VINH, form, 1, (LONG, VINH), **ACT)
    assert (change.user.version, change.ends_sessions) == (2, False)


def test_a_drawn_password_has_eighty_bits_and_may_be_used():
    """And no letter that is taken for another when it is read out."""
    assert drawn(lambda bits: (1 << bits) - 1) == "zzzz-zzzz-zzzz-zzzz"
    assert drawn(lambda _: 1 << 79 | 33) == "1100-0000-0000-000g"
    check_password(drawn(lambda _: int.from_bytes(b"0123456789")))
    assert set("ilou") & set(accounts_letters()) == set()


def accounts_letters():
    return "".join(drawn(lambda _, n=n: n * ((1 << 80) // 31)) for n in range(32))
