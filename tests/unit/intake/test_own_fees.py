"""An agency's own fees: which counts on a day, and that no copy costs more for less."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from intake.domain import fee, own_fees
from intake.domain.fee import FeeRule
from intake.domain.own_fees import OwnFee, TypedFee
from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict
from intake.domain.showing_fees import fees_view
from intake.domain.states import NotAllowed
from support.intake import AGENCY, MORNING, house_rules

LONG = Actor("long", "Hà Bảo Long", AGENCY, frozenset({Role.ADMINISTRATOR}))
DECEMBER = date(2026, 12, 1)
TYPED = TypedFee("NQ 1/2026", DECEMBER, 1000, 500, 100_000)
ACT = {"version": 0, "by": LONG, "at": MORNING}
PAGES = 400


def issued(known=(), version=0, **changes) -> OwnFee:
    typed = replace(TYPED, **changes)
    return own_fees.issued(known, typed, **ACT | {"version": version})[0]


def key_of(known=(), version=0, **changes):
    with pytest.raises(NotAllowed) as refused:
        issued(known, version, **changes)
    return refused.value.key


def rules_with(*fees):
    return replace(house_rules(), own=lambda _: OwnTables(fees=fees))


def test_a_case_has_the_fee_of_its_own_day_and_keeps_it():
    """The last second of November in Hà Nội has the program's; the next one does not,
    and the rule of a case is found by its name ever after.
    """
    later = issued((issued(),), 1, basis="NQ 2/2027", valid_from=date(2027, 3, 1))
    rules = rules_with(issued(), later)
    november = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
    assert rules.fee_rule(AGENCY, november, "counter").fee(3) == 5000
    december = rules.fee_rule(AGENCY, november + timedelta(seconds=1), "counter")
    assert december.fee(3) == 2500
    assert fee.rule_set(rules.fees_of(AGENCY), december.rule_set) == december


def test_of_one_day_the_agencys_own_counts_and_of_its_own_the_later():
    common = FeeRule("TT", DECEMBER, 2, 9000, 9000, 900_000)
    again = replace(issued(), basis="NQ 2/2026", first_rate=700)
    first, second, third = own_fees.over((issued(), again), (common,))
    assert [rule.first_rate for rule in (first, second, third)] == [700, 1000, 9000]


def test_a_fee_has_a_document_figures_and_a_day_to_come():
    assert key_of(basis=" ") == "error.fee-basis"
    assert key_of(ceiling=999) == "error.fee-figures"
    assert key_of(further_rate=10_000_001) == "error.fee-figures"
    assert key_of(valid_from=date(2026, 11, 23)) == "error.table-from"
    assert key_of((issued(),), 1) == "error.fee-twice"
    with pytest.raises(Conflict):
        issued((issued(),), basis="NQ 2")


def test_no_copy_costs_less_for_more_pages_or_more_than_the_ceiling():
    """Whatever an agency issues."""
    chance = random.Random(20261129)
    for _ in range(40):
        first = chance.randrange(5000)
        ceiling = first + chance.randrange(500_000)
        rates = {"first_rate": first, "further_rate": chance.randrange(5000)}
        rule = issued(ceiling=ceiling, **rates).rule
        costs = [rule.fee(pages) for pages in range(1, PAGES)]
        assert costs == sorted(costs)
        assert costs[-1] <= ceiling
        assert min(costs) >= 0


def test_the_page_says_which_counts_today():
    view = fees_view(rules_with(issued()), AGENCY, MORNING)
    assert [(row.standing, row.own) for row in view.rows] == [
        ("later", True),
        ("now", False),
    ]
    assert dict(view.examples)[199] == 200_000
    december = fees_view(rules_with(issued()), AGENCY, MORNING + timedelta(days=10))
    assert [row.standing for row in december.rows] == ["now", "before"]
