"""Who acts under a delegation in writing, and what of one may be entered."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from intake.domain import delegating, permissions
from intake.domain.calendar import ZONE
from intake.domain.delegations import Delegation, Revocation
from intake.domain.own_tables import NONE, OwnTables
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict, NotFound
from intake.domain.showing_delegations import delegations_view
from intake.domain.states import NotAllowed
from support.delegated import HIEN, TYPED, delegated_rules
from support.intake import AGENCY, KINDS, MORNING

RULES = delegated_rules()
ENTRY = RULES.agencies[AGENCY]
LONG = Actor("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}))
HIEN_ACTS = Actor("hien", "Nông Thế Hiển", AGENCY, frozenset({Role.CERTIFIER}), HIEN)
DAY = timedelta(days=1)
ACT = {"by": LONG, "at": MORNING}


def entered(known=NONE, **changes) -> Delegation:
    typed = replace(TYPED, **changes)
    entry, _ = delegating.entered(known, typed, ENTRY, KINDS, **ACT)
    return replace(entry, seq=1)


def key_of(known=NONE, **changes):
    with pytest.raises(NotAllowed) as refused:
        entered(known, **changes)
    return refused.value.key


def rules_with(*given):
    return replace(RULES, own=lambda _: OwnTables(delegations=given))


def at(day):
    return datetime.combine(day, MORNING.astimezone(ZONE).time(), ZONE)


def test_whoever_needs_a_document_acts_on_its_days_alone():
    """From the first to the last, both included, and never without one."""
    given = entered()
    assert not permissions.may_sign(RULES, HIEN_ACTS, MORNING)
    for day, may in (
        (TYPED.valid_from - DAY, False),
        (TYPED.valid_from, True),
        (TYPED.valid_until, True),
        (TYPED.valid_until + DAY, False),
    ):
        assert permissions.may_sign(rules_with(given), HIEN_ACTS, at(day)) is may, day
    ended = replace(given, revoked=Revocation(1, "x", "Long", MORNING))
    assert not permissions.may_sign(rules_with(ended), HIEN_ACTS, MORNING)


def test_the_title_says_in_whose_stead_somebody_signs():
    """The document's line stands first, in place of a line of that kind."""
    identities = rules_with(entered()).identities(HIEN_ACTS, MORNING, "diploma")
    assert identities.officer.title_lines == ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG TƯ PHÁP")
    assert identities.under.number == "19/UQ-UBND"
    vinh = replace(HIEN_ACTS, officer="pham-quoc-vinh")
    own = RULES.identities(vinh, MORNING)
    assert (own.under, own.officer.title_lines[0]) == (None, "KT. CHỦ TỊCH")


def test_a_document_covers_the_kinds_that_it_names():
    """Another one may cover the rest; one that names none covers all."""
    given = entered()
    with pytest.raises(NotAllowed, match="out-of-scope"):
        rules_with(given).identities(HIEN_ACTS, MORNING, "birth-certificate")
    more = replace(entered(number="20/UQ", kinds=()), seq=2)
    under = rules_with(given, more).identities(HIEN_ACTS, MORNING, "birth-certificate")
    assert under.under.number == "20/UQ"


def test_nobody_passes_a_delegation_on():
    """Nor is one given to whoever has the office, or by whoever holds none that day."""
    assert key_of(delegator=HIEN) == "error.no-redelegation"
    assert key_of(delegate="pham-quoc-vinh") == "error.no-redelegation"
    assert key_of(delegator="nobody") == "error.delegation-office"
    later = {"valid_from": date(2027, 1, 1), "valid_until": date(2027, 2, 1)}
    assert key_of(**later) == "error.delegation-office"


def test_a_document_has_a_number_a_title_and_an_end():
    today = MORNING.astimezone(ZONE).date()
    assert key_of(number=" ") == "error.delegation-words"
    assert key_of(title_line="") == "error.delegation-title"
    assert key_of(kinds=("passport",)) == "error.kind"
    assert key_of(signed_on=today + DAY) == "error.delegation-signed"
    assert key_of(valid_from=TYPED.signed_on - DAY) == "error.delegation-days"
    assert key_of(valid_until=TYPED.valid_from - DAY) == "error.delegation-days"
    assert key_of(valid_until=date(2036, 1, 1)) == "error.delegation-until"
    gone = {"valid_from": TYPED.signed_on, "valid_until": today - DAY}
    assert key_of(**gone) == "error.delegation-until"
    known = OwnTables(delegations=(entered(),))
    assert key_of(known) == "error.delegation-number"


def test_a_document_is_revoked_once_with_a_reason():
    """The second hears who was first."""
    given = entered()
    known = OwnTables(delegations=(given,))
    with pytest.raises(NotAllowed, match="delegation-reason"):
        delegating.revoked(known, 1, " ", **ACT)
    with pytest.raises(NotFound):
        delegating.revoked(known, 2, "x", **ACT)
    ended, note = delegating.revoked(known, 1, "Nghỉ hưu", **ACT)
    assert note.values == {"number": "19/UQ-UBND", "reason": "Nghỉ hưu"}
    again = OwnTables(delegations=(replace(given, revoked=ended),))
    with pytest.raises(Conflict) as conflict:
        delegating.revoked(again, 1, "x", **ACT)
    assert conflict.value.who == LONG.name


def test_the_list_warns_before_the_last_day():
    """Forty-five days ahead: a new document takes an office some weeks."""
    given = entered()
    (row,) = delegations_view(rules_with(given), AGENCY, MORNING).rows
    assert (row.standing, row.days_left, row.soon) == ("in-force", 38, True)
    assert row.title == "TUQ. CHỦ TỊCH / TRƯỞNG PHÒNG TƯ PHÁP"
    far = delegations_view(rules_with(given), AGENCY, MORNING - 20 * DAY)
    assert (far.rows[0].standing, far.rows[0].soon) == ("later", False)
    assert [office.id for office in far.delegates] == [HIEN]
    assert [office.id for office in far.delegators] == ["pham-quoc-vinh"]
