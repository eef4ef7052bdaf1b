"""A due hour is put off: the grounds, the limits, the agreement, and never too late."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from intake.domain import extending
from intake.domain.extending import ExtensionForm
from intake.domain.records import Conflict
from intake.domain.states import OPEN, NotAllowed, State
from support.casework import CASE, HA, MAN, NOW, on_desk, paper
from support.casework_views import AGREEMENT, REQUEST
from support.intake import AGENCY, house_rules

RULES = house_rules()
RULE = RULES.extensions[0]
DUE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Monday, the close of that day."""
DUE_CASE = replace(CASE, due_at=DUE)


def form(days=1, ground="pages", agreement="", version=1):
    return ExtensionForm(ground, days, agreement, version)


def extend(case, given_form, at=NOW, by=HA):
    due = RULES.put_off(AGENCY, case.due_at, given_form.days)
    return extending.extend(
        on_desk(case=case), given_form, by, at, rule=RULE, due=due
    ).case


def refused(case, given_form, at=NOW):
    with pytest.raises(NotAllowed) as raised:
        extend(case, given_form, at)
    return raised.value.key


def test_the_hour_is_a_working_days_close_and_the_line_says_why():
    """Two working days from Monday: Wednesday; the case keeps what was promised."""
    change = extending.extend(
        on_desk(case=DUE_CASE), form(2), HA, NOW, rule=RULE, due=DUE + timedelta(days=2)
    )
    (note,) = change.notes
    assert note.values == {
        "ground": "pages",
        "days": 2,
        "due": "2026-11-25T10:00:00+00:00",
    }
    (made,) = change.case.extensions
    assert (made.due_before, made.by) == (DUE, HA.name)
    assert extend(DUE_CASE, form(2)).due_at == datetime(2026, 11, 25, 10, tzinfo=UTC)


def test_two_days_are_all_that_needs_no_agreement():
    """One after the other they count together; with an agreement there are more."""
    once = extend(DUE_CASE, form(1))
    twice = extend(once, form(1, version=2), by=MAN)
    assert extending.days_left(twice, RULE) == 0
    assert refused(twice, form(1, version=3)) == "error.extend-agreement"
    agreed = replace(twice, agreements=(AGREEMENT,))
    longer = extend(agreed, form(10, agreement="a1", version=3))
    assert refused(longer, form(1, agreement="a1", version=4)) == (
        "error.extend-agreement"
    )
    assert refused(DUE_CASE, form(3)) == "error.extend-agreement"
    assert refused(agreed, form(61, agreement="a1", version=3)) == "error.extend-days"


def test_only_before_the_hour_and_on_a_ground_of_the_law():
    """Late is late; what waits for its requester has no clock to put off; what has
    ended has none either.
    """
    assert refused(DUE_CASE, form(), at=DUE + timedelta(seconds=1)) == (
        "error.extend-late"
    )
    assert extend(DUE_CASE, form(), at=DUE).due_at > DUE
    assert refused(DUE_CASE, form(ground="weather")) == "error.extend-ground"
    assert refused(DUE_CASE, form(0)) == "error.extend-days"
    stands = replace(DUE_CASE, supplements=(REQUEST,))
    assert refused(stands, form()) == "error.extend-stands"
    for state in State:
        assert extending.may_extend(DUE_CASE, (paper(state),), NOW) is (state in OPEN)
    with pytest.raises(Conflict):
        extend(DUE_CASE, form(version=2))


def test_a_clock_that_starts_anew_has_its_days_again():
    """A supplement restarts it; what was put off before counts no more."""
    once = extend(DUE_CASE, form(2))
    anew = replace(once, complete_at=NOW + timedelta(hours=1))
    assert extending.latest(once) is not None
    assert (extending.latest(anew), extending.days_left(anew, RULE)) == (None, 2)


def test_an_agreement_is_kept_once_and_five_at_most():
    """The same bytes twice are one; each is good for one extension."""
    change = extending.attach(on_desk(case=DUE_CASE), AGREEMENT, HA, NOW)
    case = change.case
    assert [note.action for note in change.notes] == ["agreement-attached"]
    again = replace(AGREEMENT, id="a2")
    assert extending.attach(on_desk(case=case), again, HA, NOW).case is None
    full = replace(case, agreements=(AGREEMENT,) * extending.MOST_AGREEMENTS)
    with pytest.raises(NotAllowed, match="agreements"):
        extending.check_takes(full, (paper(),), NOW)


def test_a_due_hour_that_is_put_off_is_later_and_never_on_a_day_off():
    """Whatever the day and however far."""
    first = datetime(2026, 1, 5, 10, tzinfo=UTC)
    for days in range(600):
        due = first + timedelta(days=days)
        later = RULES.put_off(AGENCY, due, 1 + days * 7 % 60)
        assert later > due
        assert RULES.calendar.works(later.date())
        assert later.hour == 17


def test_a_case_keeps_the_rule_of_its_day():
    """A newer row counts for cases that come from then on; before all is none."""
    newer = replace(RULE, valid_from=date(2027, 1, 1), days=5)
    assert extending.in_force((newer, RULE), date(2026, 12, 31)) == RULE
    assert extending.in_force((newer, RULE), date(2027, 1, 1)) == newer
    with pytest.raises(NotAllowed, match="extend-rule"):
        extending.in_force((newer,), date(2026, 12, 31))
