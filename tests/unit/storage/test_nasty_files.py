"""Files that are made to be slow: their search is paid in steps and never overdrawn."""

import random

import pytest

from corpus import nasty
from storage.domain.budget import STEPS, SearchBudget, SpentError
from storage.domain.findings import Finding
from storage.domain.gate import compile_trust
from storage.domain.traces import traces
from storage.domain.verdict import VerdictCode, prefixes, search
from support.forging.case import flip, sound
from support.forging.copy import PINS
from support.forging.pki import ours, trust_document
from support.settings import share

SMALL_BYTES = 2 << 20
"""This test counts steps; ``make bench ONLY=hard`` measures all files in seconds."""
PROVEN = {VerdictCode.GENUINE, VerdictCode.CHANGED, VerdictCode.UNRECORDED}


@pytest.fixture(scope="module")
def trust():
    return compile_trust(trust_document(ours(), PINS))


def steps(data, trust):
    budget = SearchBudget()
    found = search(data, prefixes(data).whole, trust, budget)
    assert found.code not in PROVEN
    return STEPS - budget.left


@pytest.mark.drawn
def test_a_sample_of_each_family_stays_within_the_budget(trust):
    count = share(4 * len(nasty.FAMILIES))
    sample = [data for _, data in nasty.files(count, seed=1)]
    small = [data for data in sample if len(data) < SMALL_BYTES]
    assert len(small) > count // 2
    assert all(0 <= steps(data, trust) <= STEPS for data in small)


def test_literals_that_begin_within_one_another_are_read_once(trust):
    """The file of 193 bytes that cost four seconds: as much as one string now."""
    filling = b"\\1" * (1 << 15)
    one = steps(nasty._pdf(nasty._packed(b"/Contents(" + filling)), trust)
    many = steps(nasty._pdf(nasty._packed(b"/Contents(" * 200 + filling)), trust)
    assert many < 1.2 * one


def test_what_was_asked_once_is_not_asked_for_each_set(trust):
    """Sets within sets before an attribute that names nobody cost as much as one."""
    behind = nasty.NAMED + b"\x31\x82\x07\x08" + b"\x05\x00" * 900
    one = steps(nasty._pdf((b"\xa0\x82\x10\x00" + behind) * 50), trust)
    many = steps(nasty._pdf((b"\xa0\x82\x10\x00" * 500 + behind) * 50), trust)
    assert many < 1.5 * one


def test_a_search_that_cannot_be_paid_says_so(trust):
    """Neither foreign nor changed: the signature may stand where nobody looked."""
    data = sound()[:-1] + b" "
    whole = prefixes(data).whole
    found = search(data, whole, trust, SearchBudget(1000))
    assert (found.code, found.finding) == (
        VerdictCode.UNREADABLE,
        Finding.NOT_IN_FULL,
    )
    assert not traces(data, trust, SearchBudget(1000)).complete


def test_a_copy_of_ours_that_cannot_be_judged_in_full_is_not_called_changed(
    trust,
):
    """Whatever the budget: unrecorded with all of it, changed with none of it."""
    data, proven = sound(), set()
    for left in (10**3, 10**4, 10**5, 10**6, 10**7, STEPS):
        found = search(data, prefixes(data).whole, trust, SearchBudget(left))
        proven.add(found.code)
    assert proven == {VerdictCode.UNREADABLE, VerdictCode.UNRECORDED}


def test_a_changed_copy_is_found_long_before_the_budget_ends(trust):
    budget, data = SearchBudget(), flip(sound(), 5000)
    found = search(data, prefixes(data).whole, trust, budget)
    assert found.code is VerdictCode.CHANGED
    assert STEPS - budget.left < STEPS // 10


def test_a_budget_pays_nothing_beyond_itself():
    budget = SearchBudget(10)
    with pytest.raises(SpentError):
        budget.spend(11)
    assert budget.left == 0


def test_the_generator_makes_the_same_files_again():
    first = [name for name, _ in nasty.files(3, seed=7)]
    assert first == ["literals-0", "hexadecimal-1", "opened-2"]
    made = [make(random.Random(7)) for make in (nasty.literals, nasty.literals)]
    assert made[0] == made[1]
