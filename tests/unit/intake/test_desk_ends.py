"""A paper ends at the desk: in which state, which way, and what is left of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.domain import desk_ends, showing
from intake.domain.desk_ends import DeskEnd
from intake.domain.records import Conflict
from intake.domain.refusing import Ground
from intake.domain.states import NotAllowed, State, case_state
from support.casework import CASE, CODE, HA, LATER, MAN, on_desk, paper

MAY = """
draft        take-back not-accept
received     take-back not-accept
returned     take-back not-accept
supplement   take-back not-accept
awaiting     take-back
toseal       -
registered   -
signed       -
voiding      -
issued       -
refused      -
held         -
void         -
notaccepted  -
leftback     -
merged       -
"""
ROWS = {line.split()[0]: line.split()[1:] for line in MAY.strip().splitlines()}
DUE = LATER + timedelta(days=1)
WHY = {"ground": Ground.NOT_PRESENTED, "words": "mới có bản phô tô"}


def ended(case, way="not-accept", only=None, **why):
    papers = {d.id: d.version for d in case.documents if only in {None, d.ordinal}}
    return DeskEnd(way, papers, **(WHY | why))


def end(case, given, by=MAN, at=LATER):
    return desk_ends.end(case, given, DUE, by, at)


def test_the_table_has_every_state():
    assert set(ROWS) == set(State)


@pytest.mark.parametrize("state", ROWS)
@pytest.mark.parametrize("way", ["take-back", "not-accept"])
def test_which_ends_a_paper_may_take(state, way):
    """Its requester's until the approval; the clerk's until it is sent to approval."""
    case = on_desk(paper(State(state)))
    if way not in ROWS[state]:
        with pytest.raises(NotAllowed):
            end(case, ended(case, way))
        return
    (after,) = end(case, ended(case, way)).documents
    assert after.state == {"take-back": "leftback", "not-accept": "notaccepted"}[way]


def test_what_ends_has_its_ground_no_fee_and_is_not_late():
    """Who, when, code and words stay; the other paper goes on."""
    case = on_desk(paper(), paper(n=2))
    after = end(case, ended(case, only=1))
    (document,) = after.documents
    refused = document.refused

    assert (refused.code, refused.text) == ("D20", "mới có bản phô tô")
    assert (refused.by, refused.at, document.changed_by) == (MAN.name, LATER, MAN.name)
    assert showing.due_fee(document) == 0
    assert [(n.action, n.document, n.values) for n in after.notes] == [
        ("notaccepted", 1, {"code": "D20"})
    ]
    assert not showing.late(CASE, (document,), LATER)
    assert showing.late(CASE, (document, case.documents[1]), LATER)
    assert case_state([document.state, State.RECEIVED]) is State.RECEIVED


def test_whoever_takes_it_back_need_not_say_why():
    case = on_desk()
    (after,) = end(case, ended(case, "take-back", ground="", words=" ")).documents
    assert (after.refused.code, after.refused.text) == (Ground.WITHDRAWN, "")
    assert not desk_ends.has_notice(after)


@pytest.mark.parametrize(
    ("why", "key"),
    [
        ({"ground": ""}, "end-ground"),
        ({"ground": Ground.FORGERY}, "end-ground"),
        ({"ground": Ground.UNLAWFUL}, "end-ground"),
        ({"words": " \n"}, "end-words"),
        ({"only": 9}, "end-papers"),
    ],
    ids=str,
)
def test_a_ground_in_words_is_asked_and_a_forgery_is_not_sent_away(why, key):
    """What is held for a report is a certifier's word, so that nobody warns anybody."""
    case = on_desk()
    with pytest.raises(NotAllowed, match=key):
        end(case, ended(case, **why))


def test_a_second_press_changes_nothing_and_an_older_form_says_who_was_first():
    case = on_desk()
    given = ended(case)
    after = end(case, given)
    again = end(on_desk(*after.documents, case=after.case), given)
    assert (again.documents, again.case, again.notes) == ((), None, ())
    stale = on_desk(replace(paper(), version=8, changed_by=HA.name))
    with pytest.raises(Conflict, match=HA.name):
        end(stale, given)


@pytest.mark.parametrize("ground", desk_ends.NOT_ACCEPTED)
def test_the_slip_is_for_a_requester_and_not_for_a_mistake_of_ours(ground):
    case = on_desk()
    (after,) = end(case, ended(case, ground=ground)).documents
    assert desk_ends.has_notice(after) is (ground != "NHAM")
    assert after.id == f"{CODE}-1"
