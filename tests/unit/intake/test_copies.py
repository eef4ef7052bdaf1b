"""Several copies of one paper: one number, the fee for each, and their number said."""

from dataclasses import replace

import pytest

from intake.domain import correcting, intake_form
from intake.domain.correcting import CorrectedPaper, CorrectionForm, paper_stamp
from intake.domain.handouts.values import receipt_values, rows, rows_sum
from intake.domain.intake_form import MOST_COPIES, Mistaken
from intake.domain.states import State
from intake.web import create_renderer
from support.casework import HA, LATER, RULE, on_desk, paper
from support.intake import CASE

KINDS = {"diploma": "x"}


def copies(typed):
    return intake_form.parse_paper(CASE | {"copies": typed}, KINDS).copies


def test_one_where_nothing_is_said():
    """Also for a program or a page of before that has no such field."""
    assert (copies(""), copies(" 3 "), copies("200")) == (1, 3, MOST_COPIES)
    assert intake_form.parse_paper(CASE, KINDS).copies == 1


@pytest.mark.parametrize("typed", ["0", "-1", "201", "hai", "1.5"])
def test_what_is_no_number_of_copies_is_named(typed):
    with pytest.raises(Mistaken) as raised:
        copies(typed)
    assert [error.field for error in raised.value.errors] == ["copies-0"]


def test_an_emptied_number_of_a_correction_is_a_mistake():
    """One would be a guess: the register would say so for ever."""
    typed = intake_form.TypedCase({}, [CASE | {"copies": ""}])
    with pytest.raises(Mistaken) as raised:
        intake_form.parse_again(typed, KINDS, LATER.date(), requester=False)
    assert [error.field for error in raised.value.errors] == ["copies-0"]


def test_the_fee_and_its_ceiling_are_of_each_copy():
    """Circular 226/2016/TT-BTC: 200,000 VND a copy at the most."""
    assert RULE.total(3, 4) == 4 * 5000
    assert RULE.total(500, 2) == 2 * 200_000


def test_a_corrected_number_of_copies_changes_the_fee_and_is_said_in_the_audit():
    known = paper()
    given = CorrectedPaper(replace(known.paper, copies=3), paper_stamp(known.paper))
    form = CorrectionForm(None, {known.id: given})
    after = correcting.correct(on_desk(known), form, RULE, HA, LATER)
    (document,), (note,) = after.documents, after.notes
    assert document.fee == RULE.total(known.paper.pages, 3)
    assert (note.values["before"], note.values["after"]) == ("1", "3")


def test_the_slip_says_how_many():
    known = paper(fee=6000)
    three = replace(known, paper=replace(known.paper, copies=3))
    assert rows([three])[0][3] == "3"
    assert rows_sum([three, paper(n=2)]) == ("2", "4", "8.000 đ")


def test_the_slip_says_how_the_originals_go_back_and_who_came():
    """As many as there are papers; what was merged into another one is none."""
    case = on_desk().case
    asks = replace(case.requester, proxy="Lò Văn Sáng", originals_back="post")
    known = [paper(), paper(n=2), paper(n=3, state=State.MERGED)]
    said = receipt_values(
        replace(case, requester=asks), known, create_renderer().pages.words["vi"]
    )
    assert said["cach_tra"] == "2 bản chính gửi trả qua bưu chính"
    assert (said["nop_thay"], said["nguoi_nop"]) == ("Lò Văn Sáng", "Lò Văn Sáng")
