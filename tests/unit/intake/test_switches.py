"""What an office has one way or the other: each answer from its day on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from intake.domain import switches
from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor
from intake.domain.records import Conflict
from intake.domain.states import NotAllowed
from intake.domain.switches import Switch
from support.intake import AGENCY, MORNING, OTHER, house_rules

LONG = Actor("long", "Hà Bảo Long", AGENCY)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def switched(known=(), *, on=True, day=TODAY, version=None, switch=Switch.MANUAL_SEAL):
    row, _ = switches.switched(
        known,
        switch,
        on=on,
        valid_from=day,
        version=len(known) if version is None else version,
        by=LONG,
        at=MORNING,
    )
    return row


def test_an_answer_counts_from_its_day_on():
    """Before it the usual; of one day the last one entered."""
    on = switched(day=TODAY + DAY)
    off = switched((on,), on=False, day=TODAY + 3 * DAY)
    known = (off, on)
    days = [TODAY + n * DAY for n in range(5)]
    held = [switches.is_on(known, Switch.MANUAL_SEAL, day, usual=False) for day in days]
    assert held == [False, True, True, False, False]
    assert switches.is_on((), Switch.SAME_PERSON, TODAY, usual=True)
    first = switched()
    again = (first, switched((first,), on=False))
    assert not switches.is_on(again, Switch.MANUAL_SEAL, TODAY, usual=True)


def test_nothing_is_answered_for_days_that_are_over():
    for day in (TODAY - DAY, TODAY + 367 * DAY):
        with pytest.raises(NotAllowed, match="table-from"):
            switched(day=day)


def test_who_is_second_is_told_who_was_first():
    with pytest.raises(Conflict):
        switched((switched(),), version=0)
    with pytest.raises(NotAllowed):
        switched(version=1)


def test_each_change_is_a_line_of_the_audit():
    _, note = switches.switched(
        (),
        Switch.SAME_PERSON,
        on=True,
        valid_from=TODAY,
        version=0,
        by=LONG,
        at=MORNING,
    )
    assert (note.action, note.values) == (
        "switched",
        {"switch": "same-person", "on": 1, "from": "2026-11-23"},
    )


def test_an_agency_has_what_its_administrator_decided_that_day():
    """Over what the agencies' file says, and no other agency has it."""
    same = switched(switch=Switch.SAME_PERSON, on=False)
    rows = {OTHER: (same, switched((same,), day=TODAY + DAY))}
    base = house_rules()
    rules = replace_own(base, rows)
    assert base.agency_on(OTHER, MORNING).same_person_may_certify
    today, next_day = (rules.agency_on(OTHER, MORNING + n * DAY) for n in range(2))
    assert not today.same_person_may_certify
    assert (today.release, next_day.release) == ("automatic", "manual")
    assert rules.agency_on(AGENCY, MORNING + DAY).release == "automatic"
    late = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)
    moments = (late, late + timedelta(seconds=1))
    assert [rules.agency_on(OTHER, at).release for at in moments] == [
        "automatic",
        "manual",
    ]


def replace_own(rules, rows):
    return replace(rules, own=lambda code: OwnTables(switches=rows.get(code, ())))
