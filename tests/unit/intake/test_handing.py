"""What is put down of a result that went out: a line with a name, for ever."""

from dataclasses import replace

import pytest

from intake.domain import handing
from intake.domain.certifications import LINK_WAYS, Way
from intake.domain.people import Actor, Role
from intake.domain.records import Conflict, NotFound
from intake.domain.states import NotAllowed, State
from support.issued import issued_paper

HA = Actor("ha", "Lò Thị Minh Hạ", "H99.42.05.13", frozenset({Role.CLERK}))
PAPER = issued_paper()
AT = PAPER.changed_at


def given(document, *ways, version=None, by=HA):
    versions = {document.id: document.version if version is None else version}
    (outcome,) = handing.hand_over([document], ways, versions=versions, by=by, at=AT)
    return outcome


def certified(document):
    return document.certification


def without_copy(state, **changes):
    return replace(PAPER, state=state, certification=None, handed=(), **changes)


def test_each_way_is_a_line_with_a_name_and_a_note():
    """Two ways in one press are two lines of the audit and one version."""
    outcome = given(PAPER, Way.SLIP, Way.ORIGINAL)

    lines = outcome.document.handed
    assert [(line.way, line.by_name, line.at) for line in lines] == [
        (Way.SLIP, HA.name, AT),
        (Way.ORIGINAL, HA.name, AT),
    ]
    actions = [note.action for note in outcome.notes]
    assert actions == ["handed-slip", "handed-original"]
    assert outcome.document.version == PAPER.version + 1


@pytest.mark.parametrize("way", Way)
def test_only_a_link_ends_the_waiting_for_it(way):
    """Whoever got the original back has no link yet."""
    after = given(PAPER, way).document
    assert after.link_given is (way in LINK_WAYS)


def test_what_stands_already_is_not_written_twice():
    """The same way again changes nothing; another one adds its own line only."""
    once = given(PAPER, Way.SCREEN).document
    assert given(once, Way.SCREEN).document is once
    twice = given(once, Way.SCREEN, Way.SLIP)
    assert [note.action for note in twice.notes] == ["handed-slip"]


def test_several_papers_are_handed_over_in_one_act():
    """Those that the form names, and no other."""
    papers = [issued_paper(n) for n in (1, 2, 3)]
    versions = {papers[0].id: 7, papers[2].id: 7}
    outcomes = handing.hand_over(papers, [Way.SLIP], versions=versions, by=HA, at=AT)
    assert [outcome.document.ordinal for outcome in outcomes] == [1, 3]


def test_a_mistake_is_noted_and_nothing_is_erased():
    """The line stays with both names, and the link is to be handed over again."""
    once = given(PAPER, Way.SCREEN).document
    other = Actor("man", "Cao Xuân Mẫn", HA.agency, HA.roles)
    outcome = handing.mistaken(once, 1, version=once.version, by=other, at=AT)

    (line,) = outcome.document.handed
    assert (line.by_name, line.mistake.by_name) == (HA.name, other.name)
    assert [note.action for note in outcome.notes] == ["mistaken-screen"]
    assert not outcome.document.link_given
    again = handing.mistaken(outcome.document, 1, version=0, by=HA, at=AT)
    assert again.document is outcome.document
    assert len(given(outcome.document, Way.SCREEN).document.handed) == 2


def test_a_link_of_an_earlier_generation_counts_no_more():
    """The original that went back stays back."""
    once = given(PAPER, Way.SLIP, Way.ORIGINAL).document
    newer = replace(certified(once), link_generation=2)
    assert replace(once, certification=newer).given == {Way.ORIGINAL}


@pytest.mark.parametrize("state", sorted(set(State) - {State.HELD, State.MERGED}))
def test_an_original_goes_back_whatever_became_of_its_paper(state):
    """Once it was compared, with a name, also where no copy was made; a mistake is
    noted there as anywhere.
    """
    paper = without_copy(state, compared_by="ha")
    after = given(paper, Way.ORIGINAL).document
    assert after.given == {Way.ORIGINAL}
    again = handing.mistaken(after, 1, version=after.version, by=HA, at=AT).document
    assert again.given == frozenset()


@pytest.mark.parametrize(
    ("state", "key"),
    [
        (State.HELD, "error.original-held"),
        (State.MERGED, "error.original-stays"),
        (State.RECEIVED, "error.original-stays"),
        (State.SUPPLEMENT, "error.original-stays"),
    ],
)
def test_some_originals_stay_at_the_office(state, key):
    """What is held for a report, and what somebody has still to compare."""
    with pytest.raises(NotAllowed, match=key):
        given(without_copy(state, compared_by=None), Way.ORIGINAL)


@pytest.mark.parametrize("state", [State.REFUSED, State.NOT_ACCEPTED, State.TAKEN_BACK])
def test_what_ended_uncompared_goes_back(state):
    assert given(without_copy(state, compared_by=None), Way.ORIGINAL).notes


@pytest.mark.parametrize("state", sorted(set(State) - {State.ISSUED}))
def test_nothing_is_handed_over_before_it_is_issued(state):
    """Nor of what ended without a copy."""
    with pytest.raises(NotAllowed):
        given(replace(PAPER, state=state), Way.SCREEN)


def test_a_form_must_say_what_and_how_and_know_the_newest_version():
    """A stale form names who was first; a paper of another case is not found."""
    with pytest.raises(NotAllowed, match="handed-what"):
        handing.hand_over([PAPER], [Way.SLIP], versions={}, by=HA, at=AT)
    with pytest.raises(NotAllowed, match="handed-how"):
        given(PAPER)
    with pytest.raises(Conflict):
        given(PAPER, Way.SLIP, version=PAPER.version - 1)
    with pytest.raises(NotFound):
        handing.hand_over([PAPER], [Way.SLIP], versions={"other": 1}, by=HA, at=AT)
    for nth in (0, 1):
        with pytest.raises(NotFound):
            handing.mistaken(PAPER, nth, version=PAPER.version, by=HA, at=AT)
