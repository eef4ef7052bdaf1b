"""A case waits for its requester: its clock stands, and starts anew in the end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from intake.domain import desk_ends, showing, supplementing, waiting
from intake.domain.desk_ends import DeskEnd
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict
from intake.domain.states import MOVES, NotAllowed, State
from intake.domain.supplementing import SupplementForm, TypedLack
from support.casework import CASE, HA, LATER, MAN, on_desk, paper
from support.intake import AGENCY, house_rules

UNTIL = date(2026, 12, 7)
LAST = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
"""The close of that day."""
NEXT_DAY = LATER + timedelta(days=1)
RULES = house_rules()
GROUNDS = RULES.tables(AGENCY).lacks(LATER.date())


def form(*papers, ground="pages", words="trang 4", until=UNTIL, extra=""):
    lacks = (TypedLack(d.id, d.version, ground, words) for d in papers)
    return SupplementForm(tuple(lacks), extra, until)


def ask(case, given, by=HA, at=LATER):
    return supplementing.ask(case, given, LAST, by, at, grounds=GROUNDS)


def after(case, change):
    """The case as the change leaves it."""
    changed = {d.id: d for d in change.documents}
    papers = (changed.get(d.id, d) for d in case.documents)
    return on_desk(*papers, case=change.case or case.case)


def bring(case, *papers, by=MAN, at=NEXT_DAY):
    due = RULES.due_at(AGENCY, at)
    named = {d.id: d.version for d in papers}
    return supplementing.bring(case, named, due, by, at)


@pytest.mark.parametrize("state", State)
def test_only_what_a_clerk_has_in_hand_is_asked_for(state):
    """Received, or sent back for a rescan that needs another sheet."""
    case = on_desk(paper(state))
    if state in {"received", "returned"}:
        (waits,) = ask(case, form(*case.documents)).documents
        assert (waits.state, waits.compared_by) == (State.SUPPLEMENT, None)
        return
    with pytest.raises(NotAllowed):
        ask(case, form(*case.documents))


def test_the_clock_stands_while_it_is_awaited_and_starts_anew_with_the_last():
    """Both moments are kept, and what had been promised before."""
    case = on_desk(paper(), paper(n=2), paper(n=3))
    first, second, _ = case.documents
    asked = after(case, ask(case, form(first, second)))
    request = asked.case.supplement

    assert (request.number, request.until, request.by) == (1, UNTIL, HA.name)
    assert [(k.document, k.ground, k.words) for k in request.lacks] == [
        (1, "pages", "trang 4"),
        (2, "pages", "trang 4"),
    ]
    assert request.due_before == CASE.due_at
    assert not showing.late(asked.case, asked.documents, NEXT_DAY)
    assert not showing.late(asked.case, asked.documents, LAST + timedelta(days=9))

    some = after(asked, bring(asked, asked.documents[0]))
    assert some.case.supplement == request
    assert some.case.due_at == LAST
    change = bring(some, some.documents[1])
    done = after(some, change)
    assert done.case.supplement is None
    assert (done.case.complete_at, done.case.received_at) == (
        NEXT_DAY,
        CASE.received_at,
    )
    assert done.case.due_at == RULES.due_at(AGENCY, NEXT_DAY)
    actions = [note.action for note in change.notes]
    assert actions == ["supplement-brought", "clock-restarted"]
    assert {d.state for d in done.documents} == {State.RECEIVED}


@pytest.mark.parametrize(
    ("complete", "due"),
    [
        (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "24/11/2026 17:00"),
        (datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC), "25/11/2026 17:00"),
        (datetime(2026, 11, 28, 3, 0, tzinfo=UTC), "30/11/2026 17:00"),
    ],
)
def test_the_new_hour_is_that_of_a_case_received_then(complete, due):
    """15:00:00 sharp is the same day, a second later and a Saturday are not."""
    case = on_desk()
    asked = after(case, ask(case, form(*case.documents)))
    done = after(asked, bring(asked, *asked.documents, at=complete))
    assert f"{done.case.due_at:%d/%m/%Y %H:%M}" == due


def end(case, way, *papers):
    named = {d.id: d.version for d in papers}
    ended = DeskEnd(way, named, desk_ends.NOT_BROUGHT, "quá hẹn")
    return desk_ends.end(case, ended, NEXT_DAY, MAN, NEXT_DAY)


def test_what_is_not_brought_ends_and_the_clock_of_the_others_starts():
    """Nothing is awaited any more; where nothing is open either, nothing is due."""
    case = on_desk(paper(), paper(n=2))
    asked = after(case, ask(case, form(case.documents[0])))
    done = after(asked, end(asked, "not-accept", asked.documents[0]))
    assert (done.case.supplement, done.case.due_at) == (None, NEXT_DAY)

    alone = on_desk()
    asked = after(alone, ask(alone, form(*alone.documents)))
    change = end(asked, "take-back", *asked.documents)
    assert (change.case.supplement, change.case.due_at) == (None, CASE.due_at)
    assert [n.action for n in change.notes] == ["leftback"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"ground": ""}, "supplement-ground"),
        ({"words": " "}, "supplement-words"),
        ({"words": "x" * 501}, "supplement-long"),
        ({"until": date(2026, 11, 23)}, "supplement-until"),
        ({"until": date(2028, 1, 1)}, "supplement-until"),
    ],
    ids=str,
)
def test_the_slip_has_to_say_what_and_until_when(changes, key):
    case = on_desk()
    with pytest.raises(NotAllowed, match=key):
        ask(case, form(*case.documents, **changes))
    with pytest.raises(NotAllowed, match="supplement-nothing"):
        ask(case, form())


def test_a_second_press_changes_nothing_and_a_second_request_waits():
    """Nor does a second press of what was brought."""
    case = on_desk(paper(), paper(n=2))
    given = form(case.documents[0])
    asked = after(case, ask(case, given))
    again = ask(asked, given, at=NEXT_DAY)
    assert (again.documents, again.notes, again.case) == ((), (), None)
    with pytest.raises(NotAllowed, match="supplement-open"):
        ask(asked, form(case.documents[1]))
    done = after(asked, bring(asked, asked.documents[0]))
    twice = bring(done, asked.documents[0])
    assert (twice.documents, twice.notes, twice.case) == ((), (), None)


def test_an_older_form_says_who_was_first():
    case = on_desk(replace(paper(), version=8, changed_by=MAN.name))
    with pytest.raises(Conflict, match=MAN.name):
        ask(case, form(paper()))
    asked = after(case, ask(case, form(*case.documents)))
    with pytest.raises(Conflict):
        bring(asked, *case.documents)


def test_the_board_says_who_acts_and_that_the_clock_stands():
    """The requester, by name; a clerk takes it in; nobody is told "I"."""
    case = on_desk(paper(), paper(n=2))
    asked = after(case, ask(case, form(case.documents[0])))
    reader = Actor("ha", HA.name, AGENCY, frozenset({Role.CLERK}))
    found = [
        waiting.waits(waiting.standing(d), asked.case, reader, waiting.Certifiers())
        for d in asked.documents
    ]
    first = waiting.foremost(found)
    assert (first.act, first.who) == ("supplement", CASE.requester.name)
    assert (first.mine, first.may, first.key) == (False, True, "supplement")


def test_every_move_out_of_waiting_is_named_here():
    """Each of them has to ask what becomes of the clock (``settled``)."""
    out = {str(move) for state, move in MOVES if state is State.SUPPLEMENT}
    assert out == {"bring", "not-accept", "take-back"}
