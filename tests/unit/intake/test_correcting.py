"""What was typed is put right until the approval: by which state, with which lines."""

from dataclasses import replace

import pytest

from intake.domain import correcting
from intake.domain.correcting import (
    CorrectedPaper,
    CorrectedRequester,
    CorrectionForm,
)
from intake.domain.records import Conflict, Paper
from intake.domain.states import NotAllowed, State
from support.casework import CODE, HA, LATER, MAN, RULE, on_desk, paper


def form(case, requester=None, channel=None, **words):
    """The form as it was made from *case*, with some of its fields typed otherwise."""
    known = case.case
    own = CorrectedRequester(
        replace(known.requester, **(requester or {})),
        channel or known.channel,
        correcting.requester_stamp(known),
    )
    return CorrectionForm(
        own if requester or channel else None,
        {
            d.id: CorrectedPaper(
                replace(Paper(**plain(d.paper)), **words),
                correcting.paper_stamp(d.paper),
            )
            for d in case.documents
        },
    )


def plain(known):
    return {name: getattr(known, name) for name in correcting.PAPER.values()}


def correct(case, given, by=MAN, at=LATER):
    return correcting.correct(case, given, RULE, by, at)


MAY = """
draft        no   no
received     yes  yes
returned     yes  yes
supplement   yes  yes
awaiting     yes  yes
toseal       no   no
registered   no   no
signed       no   no
voiding      no   no
issued       no   no
refused      no   no
held         no   no
void         no   no
notaccepted  no   no
leftback     no   no
merged       no   no
"""
"""Whether a paper's title, and with it the requester, can be corrected there."""
ROWS = [line.split() for line in MAY.strip().splitlines()]


def test_the_table_has_every_state():
    assert {row[0] for row in ROWS} == set(State)


@pytest.mark.parametrize(("state", "title", "requester"), ROWS)
def test_what_may_be_corrected_in_each_state(state, title, requester):
    """Whatever is approved or has ended stays as it is."""
    case = on_desk(paper(State(state)))
    for may, given in (
        (title, form(case, title="Bằng cử nhân")),
        (requester, form(case, requester={"name": "Đào Thị"})),
    ):
        if may == "yes":
            assert correct(case, given).notes
        else:
            with pytest.raises(NotAllowed):
                correct(case, given)


def test_each_changed_field_is_a_line_with_what_it_was_and_is():
    """Who and when, old and new; what is the citizen's stays out of the audit."""
    case = on_desk()
    given = form(case, requester={"phone": "0911"}, title="Bằng", pages=3)
    after = correct(case, given)

    assert after.case is not None
    assert [
        (c.document, c.field, c.before, c.after) for c in after.case.corrections
    ] == [
        (None, "requester.phone", "0900000417", "0911"),
        (1, "paper.title", "Bằng tốt nghiệp", "Bằng"),
        (1, "paper.pages", "1", "3"),
    ]
    assert {(c.by, c.at) for c in after.case.corrections} == {(MAN.name, LATER)}
    assert [note.values for note in after.notes] == [
        {"field": "requester.phone", "nth": 0},
        {"field": "paper.title", "nth": 1},
        {"field": "paper.pages", "nth": 2, "before": "1", "after": "3"},
    ]
    assert {note.actor for note in after.notes} == {"man"}


def test_the_fee_follows_the_pages_and_the_rest_of_the_paper_stays():
    """Its own number, which the form does not have, is not lost."""
    case = on_desk()
    (after,) = correct(case, form(case, pages=10)).documents

    assert (after.fee, after.paper.pages) == (12_000, 10)
    assert (after.paper.number, after.paper.title) == ("7/QĐ", "Bằng tốt nghiệp")
    assert (after.version, after.changed_by) == (8, MAN.name)
    assert after.brought_by == ("man",)


def test_nothing_else_writes_nothing():
    """Sent again as it stands there: no line, no version."""
    case = on_desk()
    after = correct(case, form(case, requester={"name": "Đào"}))
    assert (after.case, after.documents, after.notes) == (None, (), ())


def test_whoever_is_second_reads_who_was_first_and_what_differs():
    """By the words that the form was made from: a file that came in between is none of
    its business.
    """
    case = on_desk()
    stale = form(case, requester={"phone": "0922"}, title="Bằng của Hạ")
    first = correct(case, form(case, requester={"phone": "0911"}, title="Bằng"))
    assert first.case is not None
    now = on_desk(*first.documents, case=first.case)

    with pytest.raises(Conflict) as raised:
        correct(now, stale, by=HA)
    assert (raised.value.who, raised.value.when) == (MAN.name, LATER)
    with pytest.raises(Conflict, match=MAN.name):
        correct(now, CorrectionForm(None, stale.papers), by=HA)
    told = [
        (d.document, d.field, d.now, d.typed)
        for d in correcting.differences(now, stale)
    ]
    assert told == [
        (None, "requester.phone", "0911", "0922"),
        (1, "paper.title", "Bằng", "Bằng của Hạ"),
    ]
    scanned = on_desk(paper(version=12, changed_by="Máy"))
    assert correct(scanned, stale).notes


def test_a_paper_at_the_certifiers_is_seen_anew():
    """The wall shows the requester, too, so each paper there gets a new version; its
    pages were compared with the number that was typed, so that number stays.
    """
    case = on_desk(paper(State.AWAITING), paper(n=2))
    after = correct(case, form(case, requester={"name": "Đào Thị"}))
    assert [(d.ordinal, d.version) for d in after.documents] == [(1, 8)]
    with pytest.raises(NotAllowed, match="correct-pages"):
        correct(case, form(case, pages=2))


def test_after_the_first_number_the_requester_stays_and_the_other_papers_do_not():
    """The line in the register has the name."""
    numbered = paper(State.REGISTERED, certification="a number")
    case = on_desk(numbered, paper(n=2))
    with pytest.raises(NotAllowed, match="correct-requester"):
        correct(case, form(case, requester={"name": "Đào Thị"}))
    second = {f"{CODE}-2": form(case, title="Bằng").papers[f"{CODE}-2"]}
    after = correct(case, CorrectionForm(None, second))
    assert [d.ordinal for d in after.documents] == [2]
