"""What a closing asks of a period and what it says of it: the rules alone."""

from datetime import UTC, date, datetime

import pytest

from intake.domain import closing
from intake.domain.closing import Closing, Period, Totals
from intake.domain.people import Actor
from intake.domain.states import NotAllowed, State
from support.handouts import line

VINH = Actor("vinh", "Phạm Quốc Vĩnh", "H99")
YEARS_END = datetime(2026, 12, 31, 17, tzinfo=UTC)


def close(period, lines, before=(), at=YEARS_END, merged_on=None):
    return closing.closed(
        period, lines, before, title="CHỦ TỊCH", by=VINH, at=at, merged_on=merged_on
    )


def month_closed(month):
    return Closing(Period(2026, month), Totals(0, 0, 0, 0), "loc", "Lộc", "", YEARS_END)


@pytest.mark.parametrize(
    ("period", "first", "last", "shown"),
    [
        (Period(2026, 2), date(2026, 2, 1), date(2026, 2, 28), "2/2026"),
        (Period(2026, 12), date(2026, 12, 1), date(2026, 12, 31), "12/2026"),
        (Period(2028, 2), date(2028, 2, 1), date(2028, 2, 29), "2/2028"),
        (Period(2026), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_a_period_has_its_days(period, first, last, shown):
    """From its first day to its last, and both belong to it."""
    assert (period.first, period.last, period.shown) == (first, last, shown)


def test_a_year_is_closed_after_its_months():
    """Each month with lines has its own confirming name first; one without needs
    none.
    """
    lines = [line(1, date=date(2026, 3, 2)), line(2, date=date(2026, 11, 23))]

    with pytest.raises(NotAllowed) as refused:
        close(Period(2026), lines, [month_closed(3)])
    assert refused.value.values == {"year": 2026, "months": "11/2026"}
    done, _ = close(Period(2026), lines, [month_closed(3), month_closed(11)])
    assert done.totals.lines == 2


def test_totals_leave_out_what_ended_without_a_copy():
    """A void number is a line of the book, and no copy and no fee."""
    lines = [line(7), line(8, state=State.VOID), line(9, copies=2, fee=8000)]

    assert closing.totals(lines) == Totals(3, 3, 12_000, 1, "7/2026", "9/2026")


def test_many_numbers_on_their_way_are_counted_and_some_named():
    """The sentence stays readable."""
    lines = [line(n, state=State.REGISTERED) for n in range(1, 9)]

    with pytest.raises(NotAllowed) as refused:
        close(Period(2026, 11), lines)
    assert refused.value.values["n"] == 8
    assert refused.value.values["numbers"] == "1/2026, 2/2026, 3/2026, 4/2026, 5/2026"


def test_a_note_needs_words():
    """And not endless ones."""
    for text, key in ((" ", "error.note-text"), ("a" * 2001, "error.text-long")):
        with pytest.raises(NotAllowed) as refused:
            closing.noted(text, VINH, YEARS_END)
        assert refused.value.key == key


def test_a_merged_agency_closes_what_can_grow_no_more():
    """Its month and year are over with its last day, and not before."""
    month, merged = Period(2026, 12), date(2026, 12, 10)
    with pytest.raises(NotAllowed):
        close(month, [], at=datetime(2026, 12, 9, 10, tzinfo=UTC), merged_on=merged)
    for period in (month, Period(2026)):
        done, _ = close(
            period, [], at=datetime(2026, 12, 10, 10, tzinfo=UTC), merged_on=merged
        )
        assert done.period == period
